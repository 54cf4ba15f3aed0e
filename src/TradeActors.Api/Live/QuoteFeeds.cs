using System.Collections.Concurrent;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Live;

/// <summary>Takes quotes on for one client.</summary>
internal interface IQuoteTaker
{
    /// <summary>A quote waits in <paramref name="watch"/>. Returns at once. Not called again before it is taken.</summary>
    void Queue(QuoteWatch watch);
}

/// <summary>One client's watch over one contract. At most one quote waits in it, the latest.</summary>
internal sealed class QuoteWatch(IQuoteTaker taker, string symbol)
{
    private QuoteMessage? _waiting;
    private volatile bool _isEnded;

    public string Symbol => symbol;

    /// <summary>The last quote handed to this watch; the feed's alone.</summary>
    public Quote? Shown { get; set; }

    public void Put(QuoteMessage message)
    {
        if (Interlocked.Exchange(ref _waiting, message) is null)
        {
            taker.Queue(this);
        }
    }

    /// <summary>The quote that waits; null once the watch has ended.</summary>
    public QuoteMessage? Take() => Interlocked.Exchange(ref _waiting, null) is { } message && !_isEnded ? message : null;

    public void End() => _isEnded = true;
}

/// <summary>Quotes for clients: of each contract the latest, when its prices have changed, at most ten times a second.</summary>
/// <remarks>While nobody watches, it takes no quotes from the market and no timer runs.</remarks>
internal sealed class QuoteFeeds(IQuoteStream market, IQuoteBook book, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, QuoteFeed> _feeds = new(StringComparer.Ordinal);
    private IDisposable? _quotes;

    /// <param name="symbol">Canonical contract name.</param>
    public QuoteWatch Watch(string symbol, IQuoteTaker taker)
    {
        var watch = new QuoteWatch(taker, symbol);
        lock (_gate)
        {
            var feed = _feeds.GetOrAdd(symbol, static (_, time) => new QuoteFeed(time), time);
            _quotes ??= market.Subscribe(OnQuote);
            feed.Add(watch);
            feed.Begin(book.Last(symbol));
        }

        return watch;
    }

    public void End(QuoteWatch watch)
    {
        watch.End();
        lock (_gate)
        {
            if (!_feeds[watch.Symbol].RemoveLast(watch))
            {
                return;
            }

            _feeds.TryRemove(watch.Symbol, out var feed);
            feed!.Dispose();
            if (_feeds.IsEmpty)
            {
                _quotes!.Dispose();
                _quotes = null;
            }
        }
    }

    /// <summary>On the market's own loop: only notes it.</summary>
    private void OnQuote(Quote quote)
    {
        if (_feeds.TryGetValue(quote.Symbol, out var feed))
        {
            feed.Note(quote);
        }
    }
}

/// <summary>The quotes of one contract.</summary>
internal sealed class QuoteFeed : IDisposable
{
    /// <summary>The shortest time between two quotes of a contract for a client.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<QuoteWatch> _watches = [];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private Quote? _latest;
    private long? _handedOutAt;
    private bool _isDue;

    public QuoteFeed(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => HandOut(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(QuoteWatch watch)
    {
        lock (_gate)
        {
            _watches.Add(watch);
        }
    }

    /// <returns>True when nobody watches any more.</returns>
    public bool RemoveLast(QuoteWatch watch)
    {
        lock (_gate)
        {
            _watches.Remove(watch);
            return _watches.Count == 0;
        }
    }

    /// <summary>Hands out what is known already to whoever has joined.</summary>
    public void Begin(Quote? known)
    {
        lock (_gate)
        {
            _latest ??= known;
            Schedule_NeedsLock();
        }
    }

    public void Note(Quote quote)
    {
        lock (_gate)
        {
            if (!HasSamePrices(_latest, quote))
            {
                _latest = quote;
                Schedule_NeedsLock();
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Schedule_NeedsLock()
    {
        if (_latest is not null && !_isDue)
        {
            _isDue = true;
            var wait = _handedOutAt is { } before ? Pace - _time.GetElapsedTime(before) : TimeSpan.Zero;
            // Up to the next millisecond: timers cut the rest off, and eleven would fit into a second.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(wait.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
        }
    }

    private void HandOut()
    {
        lock (_gate)
        {
            _isDue = false;
            var latest = _latest!;
            QuoteMessage? message = null;
            foreach (var watch in _watches)
            {
                if (!HasSamePrices(watch.Shown, latest))
                {
                    watch.Shown = latest;
                    watch.Put(message ??= new QuoteMessage(latest));
                }
            }

            _handedOutAt = message is null ? _handedOutAt : _time.GetTimestamp();
        }
    }

    private static bool HasSamePrices(Quote? before, Quote now) =>
        before is not null && (before.Bid, before.Ask, before.Last) == (now.Bid, now.Ask, now.Last);
}
