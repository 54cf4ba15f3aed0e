using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using TradeActors.Domain.Market;

namespace TradeActors.Market;

/// <summary>One contract in the pipeline: its last quote, who wants it, and what waits for the consumer.</summary>
/// <remarks>
/// The rules are <see cref="WantedQuotes"/>; this is the lock around them and the loop that carries a delivery out.
/// </remarks>
internal sealed class ContractStream(string symbol, IQuoteConsumer consumer, MarketMetrics metrics, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly WantedQuotes _quotes = new(symbol);

    public string Symbol => symbol;

    public Quote? Last
    {
        get
        {
            lock (_gate)
            {
                return _quotes.Last;
            }
        }
    }

    public bool IsWanted
    {
        get
        {
            lock (_gate)
            {
                return _quotes.IsWanted;
            }
        }
    }

    /// <summary>The delivery under way; completed when there is none. Meaningful once no quote is accepted any more.</summary>
    public Task Delivery { get; private set; } = Task.CompletedTask;

    public void Restore(Quote stored)
    {
        lock (_gate)
        {
            _quotes.Restore(stored);
        }
    }

    public Quote? BeginInterest()
    {
        lock (_gate)
        {
            return _quotes.BeginInterest();
        }
    }

    /// <exception cref="InvalidOperationException">Nobody has an interest.</exception>
    public void EndInterest()
    {
        lock (_gate)
        {
            _quotes.EndInterest();
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
            return _quotes.Accept(quote);
        }
    }

    // Runs on the caller's thread until the consumer makes it wait.
    private async Task DeliverWaitingAsync(CancellationToken ct)
    {
        while (Take() is { Quotes.Length: > 0 } taken)
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

    private (ImmutableArray<Quote> Quotes, int LeftOut) Take()
    {
        lock (_gate)
        {
            return _quotes.Take();
        }
    }
}
