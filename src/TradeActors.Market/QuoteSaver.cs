using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;

namespace TradeActors.Market;

/// <summary>Stores the last quotes that have changed, at most once per <see cref="MarketPipeline.SaveInterval"/> and once more at the end.</summary>
/// <remarks>
/// A crash loses what changed within the last interval. While the store fails, the changes are kept (one quote per contract) and tried again at the
/// same pace. No timer runs while nothing has changed.
/// </remarks>
internal sealed class QuoteSaver(IQuoteStore store, TimeProvider time, MarketMetrics metrics, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private Dictionary<string, Quote> _changed = new(StringComparer.Ordinal);
    private bool _isFailing;

    public void Add(Quote quote)
    {
        bool isFirst;
        lock (_gate)
        {
            isFirst = _changed.Count == 0;
            _changed[quote.Symbol] = quote;
        }

        if (isFirst)
        {
            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>Never fails. A save that is under way when <paramref name="stopping"/> is cancelled is not cut off, and a last one follows.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (await _wake.Reader.ReadAsync(stopping))
            {
                await Task.Delay(MarketPipeline.SaveInterval, time, stopping);
                await SaveAsync();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await SaveAsync();
        }
    }

    private async Task SaveAsync()
    {
        var changed = TakeChanged();
        if (changed.Count == 0)
        {
            return;
        }

        try
        {
            await store.SaveAsync([.. changed.Values.OrderBy(quote => quote.Symbol, StringComparer.Ordinal)], CancellationToken.None);
            NoteSuccess();
        }
        catch (Exception e) // The store's failures are many and all mean the same here: keep the quotes, try again.
        {
            PutBack(changed);
            NoteFailure(e, changed.Count);
        }
    }

    private Dictionary<string, Quote> TakeChanged()
    {
        lock (_gate)
        {
            return Interlocked.Exchange(ref _changed, new(StringComparer.Ordinal));
        }
    }

    private void PutBack(Dictionary<string, Quote> unsaved)
    {
        lock (_gate)
        {
            foreach (var quote in unsaved.Values)
            {
                _changed.TryAdd(quote.Symbol, quote); // A newer one may have come meanwhile.
            }
        }

        _wake.Writer.TryWrite(true);
    }

    private void NoteSuccess()
    {
        if (_isFailing)
        {
            logger.SaveRecovered();
        }

        _isFailing = false;
    }

    private void NoteFailure(Exception e, int contracts)
    {
        metrics.SaveFailed();
        if (!_isFailing)
        {
            logger.SaveFailed(e, contracts); // Once per outage: it is tried twice a second.
        }

        _isFailing = true;
    }
}
