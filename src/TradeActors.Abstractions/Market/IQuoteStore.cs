using TradeActors.Domain.Market;

namespace TradeActors.Abstractions.Market;

/// <summary>The last quote of every instrument, kept over restarts.</summary>
public interface IQuoteStore
{
    Task SaveAsync(IReadOnlyList<Quote> quotes, CancellationToken ct);

    /// <returns>Sorted by symbol.</returns>
    Task<IReadOnlyList<Quote>> LoadAsync(CancellationToken ct);
}

/// <summary>The quotes a node knows now. Safe from any thread.</summary>
public interface IQuoteBook : ILastQuotes
{
    /// <returns>Sorted by symbol.</returns>
    IReadOnlyList<Quote> All();
}

/// <summary>Where feeds and the ticks endpoint put quotes. Conflates per instrument; waits when the pipeline is full.</summary>
public interface IQuotePublisher
{
    /// <summary>Why this quote would not be taken, for the person who sent it; null when it would be.</summary>
    string? Refusal(Quote quote);

    ValueTask PublishAsync(Quote quote, CancellationToken ct);
}

/// <summary>Every quote that a node takes, as it takes it.</summary>
public interface IQuoteStream
{
    /// <summary>Shows every quote from now on, of all contracts, in order, none left out.</summary>
    /// <param name="onQuote">Runs on the pipeline's loop, after the book has the quote: keep it short, and hand on to a bounded buffer of your own.</param>
    /// <returns>Dispose it to end the subscription; a call that is under way still finishes. Twice is safe.</returns>
    IDisposable Subscribe(Action<Quote> onQuote);
}
