using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using TradeActors.Domain.Market;

namespace TradeActors.Market;

/// <summary>One contract in the pipeline: its last quote, who wants it, and what waits for the consumer.</summary>
/// <remarks>
/// At most one delivery is out. The last quote and the interest stand under one lock: whoever begins an interest either gets a quote back or has it
/// delivered, never neither.
/// </remarks>
internal sealed class ContractStream(string symbol, IQuoteConsumer consumer, MarketMetrics metrics, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly ConflatedQuotes _waiting = new();
    private int _waitingCount;
    private int _interests;
    private bool _isDelivering;
    private Quote? _last;

    public string Symbol => symbol;

    public Quote? Last => Volatile.Read(ref _last);

    public bool IsWanted => Volatile.Read(ref _interests) > 0;

    /// <summary>The delivery under way; completed when there is none. Meaningful once no quote is accepted any more.</summary>
    public Task Delivery { get; private set; } = Task.CompletedTask;

    public void Restore(Quote stored) => Volatile.Write(ref _last, stored);

    public Quote? BeginInterest()
    {
        lock (_gate)
        {
            _interests++;
            return _last;
        }
    }

    /// <exception cref="InvalidOperationException">Nobody has an interest.</exception>
    public void EndInterest()
    {
        lock (_gate)
        {
            if (_interests == 0)
            {
                throw new InvalidOperationException($"An interest in {symbol} ended that had not begun.");
            }

            if (--_interests == 0)
            {
                TakeWaiting_NeedsLock(); // Nobody is left to want them; a later interest starts with the next quote.
            }
        }
    }

    /// <summary>Called by the pipeline's loop alone.</summary>
    public void Accept(Quote quote, CancellationToken ct)
    {
        if (MustStartDelivery(quote))
        {
            Delivery = DeliverWaitingAsync(ct);
        }
    }

    private bool MustStartDelivery(Quote quote)
    {
        lock (_gate)
        {
            Volatile.Write(ref _last, quote);
            if (_interests == 0)
            {
                return false;
            }

            _waiting.Add(quote);
            _waitingCount++;
            return !_isDelivering && (_isDelivering = true);
        }
    }

    // Runs on the caller's thread until the consumer makes it wait.
    private async Task DeliverWaitingAsync(CancellationToken ct)
    {
        while (TakeOrEndDelivery() is { Quotes.Length: > 0 } taken)
        {
            try
            {
                await consumer.DeliverAsync(symbol, taken.Quotes, ct);
                metrics.Delivered(taken.Quotes.Length, taken.LeftOut);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // Stopping: what still waits is offered too and cancelled the same way.
            }
            catch (Exception e) // The consumer's fault must not end the stream: it gets the next quotes.
            {
                metrics.DeliveryFailed();
                logger.DeliveryFailed(e, symbol, taken.Quotes.Length);
            }
        }
    }

    private (ImmutableArray<Quote> Quotes, int LeftOut) TakeOrEndDelivery()
    {
        lock (_gate)
        {
            var taken = TakeWaiting_NeedsLock();
            _isDelivering = taken.Quotes.Length > 0;
            return taken;
        }
    }

    private (ImmutableArray<Quote> Quotes, int LeftOut) TakeWaiting_NeedsLock()
    {
        var quotes = _waiting.Take();
        var leftOut = _waitingCount - quotes.Length;
        _waitingCount = 0;
        return (quotes, leftOut);
    }
}
