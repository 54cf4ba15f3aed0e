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
