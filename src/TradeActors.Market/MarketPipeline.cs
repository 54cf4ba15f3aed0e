using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;
using TradeActors.Market.Feeds;

namespace TradeActors.Market;

/// <summary>
/// The way of a quote through a node: check, bounded queue, quote book, conflation per contract, consumer; beside it subscribers and the store.
/// </summary>
/// <remarks>
/// When the queue is full, publishers wait; a quote that was taken is never dropped before the book. The consumer never holds the queue up: while it
/// works on a contract, that contract's quotes conflate. The book follows arrival, not the quotes' own times: a late quote says so in
/// <see cref="Quote.At"/>. Quotes never age. One loop does all this, so that subscribers see every quote, in one order.
/// </remarks>
public sealed class MarketPipeline : IQuoteQueue, IQuoteBook, IQuoteStream, IAsyncDisposable
{
    /// <summary>Of the meter that counts what the pipeline publishes, drops, conflates and delivers, and shows its depth and interests.</summary>
    public const string MeterName = "TradeActors.Market";

    /// <summary>Changed last quotes are stored at most this often; a crash loses at most what changed within it.</summary>
    public static readonly TimeSpan SaveInterval = TimeSpan.FromMilliseconds(500);

    private readonly IQuoteStore _store;
    private readonly IQuoteConsumer _consumer;
    private readonly TimeProvider _time;
    private readonly MarketMetrics _metrics;
    private readonly ILogger<MarketPipeline> _logger;
    private readonly QuoteSaver _saver;
    private readonly CandleKeeper? _candles;
    private readonly Channel<Queued> _queue;
    private readonly CancellationTokenSource _stopping = new();

    // One entry per contract ever quoted or wanted, never removed: the catalog bounds it.
    private readonly ConcurrentDictionary<string, ContractStream> _streams = new(StringComparer.Ordinal);
    private ImmutableArray<Subscription> _subscriptions = [];
    private Task _saving = Task.CompletedTask;
    private Task _loop = Task.CompletedTask;
    private readonly bool _keepsSessionHours;
    private bool _isStarted;
    private bool _isDisposed;

    /// <param name="candles">Makes candles of every quote, and is started and stopped with the pipeline; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">See <see cref="MarketOptions.Validate"/>.</exception>
    public MarketPipeline(
        MarketOptions options, IQuoteStore store, IQuoteConsumer consumer, TimeProvider time, IMeterFactory meters, ILogger<MarketPipeline> logger,
        CandleKeeper? candles = null)
    {
        options.Validate();
        _candles = candles;
        (_store, _consumer, _time, _logger) = (store, consumer, time, logger);
        _keepsSessionHours = options.SessionHours;
        _metrics = new MarketMetrics(meters);
        _saver = new QuoteSaver(store, time, _metrics, logger);
        _queue = Channel.CreateBounded<Queued>(new BoundedChannelOptions(options.QueueCapacity) { SingleReader = true });
        _metrics.Observe(() => _queue.Reader.Count, () => _streams.Values.Count(stream => stream.IsWanted));
    }

    /// <summary>Quotes that wait for their place in the book.</summary>
    public int Waiting => _queue.Reader.Count;

    /// <summary>Loads the stored quotes, then begins to take what has been published. What is published before waits in the queue.</summary>
    /// <remarks>When the store cannot be read, its exception comes through and the call may be made again.</remarks>
    /// <exception cref="InvalidOperationException">Started before.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        if (_isStarted)
        {
            throw new InvalidOperationException("The market pipeline has been started before.");
        }

        var stored = await _store.LoadAsync(ct);
        await (_candles?.LoadAsync(ct) ?? Task.CompletedTask);
        _isStarted = true;
        foreach (var quote in stored)
        {
            StreamOf(quote.Symbol).Restore(quote);
        }

        _logger.PipelineStarted(stored.Count);
        _saving = Task.WhenAll(_saver.RunAsync(_stopping.Token), _candles?.RunAsync(_stopping.Token) ?? Task.CompletedTask);
        _loop = Task.Run(LoopAsync, CancellationToken.None);
    }

    /// <summary>
    /// Refuses further quotes, puts those that were taken into the book, stores the book, cancels deliveries and waits for them. Twice is safe.
    /// </summary>
    /// <remarks>Stop the feeds before.</remarks>
    /// <param name="ct">Ends the wait.</param>
    public async Task StopAsync(CancellationToken ct)
    {
        _queue.Writer.TryComplete();
        await _loop.WaitAsync(ct);
        await _stopping.CancelAsync();
        await _saving.WaitAsync(ct); // Before the deliveries: a consumer that hangs must not cost the stored quotes.
        await Task.WhenAll(_streams.Values.Select(stream => stream.Delivery)).WaitAsync(ct);
    }

    /// <inheritdoc/>
    public string? Refusal(Quote quote) => QuoteRules.Check(quote, _time.GetUtcNow(), _keepsSessionHours).Error;

    /// <summary>Takes one quote, of a contract or of a root (ES feeds the front contract as of now). Waits while the queue is full.</summary>
    /// <remarks>
    /// A quote that breaks <see cref="QuoteRules"/> is dropped and counted, not refused: a feed cannot do anything about it. An endpoint asks
    /// <see cref="QuoteRules.Check"/> first. Safe from any thread; each publisher's quotes keep their order.
    /// </remarks>
    /// <exception cref="ChannelClosedException">The pipeline has been stopped.</exception>
    public async ValueTask PublishAsync(Quote quote, CancellationToken ct)
    {
        var check = QuoteRules.Check(quote, _time.GetUtcNow());
        if (check.Accepted is not { } accepted)
        {
            _metrics.Dropped(check.Defect);
            _logger.QuoteDropped(check.Defect, check.Error!);
            return;
        }

        await _queue.Writer.WriteAsync(new Queued(accepted, null), ct);
        _metrics.Published();
    }

    /// <inheritdoc/>
    public async Task DrainedAsync(CancellationToken ct)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(new Queued(null, passed), ct);
        await passed.Task.WaitAsync(ct);
        await Task.WhenAll(_streams.Values.Select(stream => stream.Delivery)).WaitAsync(ct);
    }

    /// <inheritdoc/>
    /// <param name="symbol">Canonical contract name; a root is not resolved here.</param>
    public Quote? Last(string symbol) => _streams.GetValueOrDefault(symbol)?.Last;

    /// <inheritdoc/>
    public IReadOnlyList<Quote> All() =>
        [.. _streams.Values.Select(stream => stream.Last).OfType<Quote>().OrderBy(quote => quote.Symbol, StringComparer.Ordinal)];

    /// <summary>Counts one more interest in a contract: its quotes go to the consumer from now on. Safe from any thread.</summary>
    /// <param name="symbol">Canonical contract name, whether quoted yet or not.</param>
    /// <returns>The last known quote, if any. Whatever comes after it goes to the consumer, perhaps before this call has returned.</returns>
    public Quote? InterestBegan(string symbol) => StreamOf(symbol).BeginInterest();

    /// <summary>Counts one interest less. After the last one only a delivery that is already out still arrives.</summary>
    /// <exception cref="InvalidOperationException">More interests ended than began.</exception>
    public void InterestEnded(string symbol) => StreamOf(symbol).EndInterest();

    /// <inheritdoc/>
    /// <remarks>What <paramref name="onQuote"/> throws is logged.</remarks>
    public IDisposable Subscribe(Action<Quote> onQuote)
    {
        var subscription = new Subscription(this, onQuote);
        ImmutableInterlocked.Update(ref _subscriptions, (all, added) => all.Add(added), subscription);
        return subscription;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            await StopAsync(CancellationToken.None);
            _stopping.Dispose();
        }
    }

    private async Task LoopAsync()
    {
        await foreach (var (quote, passed) in _queue.Reader.ReadAllAsync(CancellationToken.None))
        {
            passed?.SetResult();
            if (quote is not null)
            {
                Take(quote);
            }
        }
    }

    private void Take(Quote quote)
    {
        StreamOf(quote.Symbol).Accept(quote, _stopping.Token);
        _saver.Add(quote);
        _candles?.Add(quote);
        Show(quote);
    }

    private void Show(Quote quote)
    {
        foreach (var subscription in _subscriptions)
        {
            try
            {
                subscription.OnQuote(quote);
            }
            catch (Exception e) // One subscriber's fault must not take the market from everybody.
            {
                _logger.SubscriberFailed(e, quote.Symbol);
            }
        }
    }

    private ContractStream StreamOf(string symbol) => _streams.GetOrAdd(
        symbol, static (symbol, self) => new ContractStream(symbol, self._consumer, self._metrics, self._logger), this);

    /// <summary>A quote, or a mark that tells when everything before it has passed.</summary>
    private readonly record struct Queued(Quote? Quote, TaskCompletionSource? Passed);

    private sealed class Subscription(MarketPipeline pipeline, Action<Quote> onQuote) : IDisposable
    {
        public Action<Quote> OnQuote => onQuote;

        public void Dispose() =>
            ImmutableInterlocked.Update(ref pipeline._subscriptions, (all, ended) => all.Remove(ended), this);
    }
}
