using System.Collections.Immutable;

namespace TradeActors.Domain.Market;

/// <summary>One contract on its way to the entities of a node: its last quote, how many want it, and what waits while a delivery is out.</summary>
/// <remarks>
/// Without I/O and not safe for several threads: the pipeline holds a lock around it, the simulation runs it as it is. At most one delivery is out: it
/// begins when <see cref="Accept"/> says so and takes with <see cref="Take"/> until nothing waits. Whoever begins an interest either gets a quote back
/// or has it delivered, never neither.
/// </remarks>
public sealed class WantedQuotes(string symbol)
{
    private readonly ConflatedQuotes _waiting = new();
    private int _waitingCount;
    private int _interests;
    private bool _isDelivering;

    /// <summary>Null while none has come. Does not age.</summary>
    public Quote? Last { get; private set; }

    public bool IsWanted => _interests > 0;

    /// <summary>Puts back what was known before a restart. Is delivered to nobody.</summary>
    public void Restore(Quote stored) => Last = stored;

    /// <returns>The last quote; whatever is accepted after it is delivered.</returns>
    public Quote? BeginInterest()
    {
        _interests++;
        return Last;
    }

    /// <exception cref="InvalidOperationException">Nobody has an interest.</exception>
    public void EndInterest()
    {
        if (_interests == 0)
        {
            throw new InvalidOperationException($"An interest in {symbol} ended that had not begun.");
        }

        if (--_interests == 0)
        {
            TakeWaiting(); // Nobody is left to want them; a later interest starts with the next quote.
        }
    }

    /// <returns>True when the caller must begin a delivery.</returns>
    public bool Accept(Quote quote)
    {
        Last = quote;
        if (_interests == 0)
        {
            return false;
        }

        _waiting.Add(quote);
        _waitingCount++;
        return !_isDelivering && (_isDelivering = true);
    }

    /// <summary>What the delivery that is out hands on next, in the order of arrival. When nothing waits, the delivery has ended.</summary>
    /// <returns>The quotes, and how many were left out between them.</returns>
    public (ImmutableArray<Quote> Quotes, int LeftOut) Take()
    {
        var taken = TakeWaiting();
        _isDelivering = !taken.Quotes.IsEmpty;
        return taken;
    }

    private (ImmutableArray<Quote> Quotes, int LeftOut) TakeWaiting()
    {
        var quotes = _waiting.Take();
        var leftOut = _waitingCount - quotes.Length;
        _waitingCount = 0;
        return (quotes, leftOut);
    }
}
