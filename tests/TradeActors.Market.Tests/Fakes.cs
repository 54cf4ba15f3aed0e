using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;
using TradeActors.Market.Feeds;

namespace TradeActors.Market.Tests;

internal sealed class FakeQuoteStore : IQuoteStore
{
    private ImmutableSortedDictionary<string, Quote> _quotes = ImmutableSortedDictionary.Create<string, Quote>(StringComparer.Ordinal);

    /// <summary>The symbols of every successful save.</summary>
    public Recorded<string> Saves { get; } = new();

    public Recorded<Exception> Failures { get; } = new();

    public Recorded<string> Begun { get; } = new();

    /// <summary>What the next calls of SaveAsync throw.</summary>
    public Exception? Fault { get; set; }

    /// <summary>What the next calls of SaveAsync wait for after they have begun.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public async Task SaveAsync(IReadOnlyList<Quote> quotes, CancellationToken ct)
    {
        var symbols = string.Join(' ', quotes.Select(quote => quote.Symbol));
        Begun.Add(symbols);
        await Hold.WaitAsync(ct);
        if (Fault is { } fault)
        {
            Failures.Add(fault);
            throw fault;
        }

        _quotes = _quotes.SetItems(quotes.Select(quote => KeyValuePair.Create(quote.Symbol, quote)));
        Saves.Add(symbols);
    }

    public Task<IReadOnlyList<Quote>> LoadAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<Quote>>([.. _quotes.Values]);
}

internal sealed class FakeCandleStore : ICandleStore
{
    private ImmutableSortedDictionary<(string Symbol, CandleResolution Resolution, DateTimeOffset Start), Candle> _candles =
        ImmutableSortedDictionary<(string Symbol, CandleResolution Resolution, DateTimeOffset Start), Candle>.Empty;

    public IReadOnlyCollection<Candle> Saved => [.. _candles.Values];

    /// <summary>How many candles each successful save had.</summary>
    public Recorded<int> Saves { get; } = new();

    /// <summary>What the next calls of SaveAsync throw.</summary>
    public Exception? Fault { get; set; }

    /// <summary>What the next calls of SaveAsync wait for after they have begun.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public async Task SaveAsync(IReadOnlyList<Candle> candles, CancellationToken ct)
    {
        await Hold.WaitAsync(ct);
        if (Fault is { } fault)
        {
            throw fault;
        }

        _candles = _candles.SetItems(candles.Select(candle => KeyValuePair.Create((candle.Symbol, candle.Resolution, candle.Start), candle)));
        Saves.Add(candles.Count);
    }

    public Task<IReadOnlyList<Candle>> LoadNewestAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<Candle>>(
        [.. _candles.Values.GroupBy(candle => (candle.Symbol, candle.Resolution)).Select(candles => candles.Last())]);

    public Task<IReadOnlyList<Candle>> ListAsync(CandleQuery query, CancellationToken ct)
    {
        var all = _candles.Values.Where(candle => candle.Symbol == query.Symbol && candle.Resolution == query.Resolution
            && !(candle.Start < query.From) && !(candle.Start >= query.To)).ToArray();
        return Task.FromResult<IReadOnlyList<Candle>>([.. query.Newest ? all.TakeLast(query.Limit) : all.Take(query.Limit)]);
    }

    public Task<int> TrimAsync(CandleResolution resolution, DateTimeOffset before, int most, CancellationToken ct) => Task.FromResult(0);
}

/// <summary>Records every delivery as it begins. Those of a held symbol last until released.</summary>
internal sealed class FakeConsumer : IQuoteConsumer
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource> _held = [];
    private readonly Dictionary<string, int> _out = [];

    public Recorded<(string Symbol, ImmutableArray<Quote> InOrder)> Deliveries { get; } = new();

    public Exception? Fault { get; set; }

    public int MostOutstandingPerSymbol { get; private set; }

    public IEnumerable<Quote> Quotes => Deliveries.Items.SelectMany(delivery => delivery.InOrder);

    public void Hold(string symbol)
    {
        lock (_gate)
        {
            _held[symbol] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Release(string symbol)
    {
        lock (_gate)
        {
            _held.Remove(symbol, out var held);
            held!.SetResult();
        }
    }

    public async ValueTask DeliverAsync(string symbol, ImmutableArray<Quote> inOrder, CancellationToken ct)
    {
        var held = Begin(symbol);
        Deliveries.Add((symbol, inOrder));
        try
        {
            await held.WaitAsync(ct);
            if (Fault is { } fault)
            {
                throw fault;
            }
        }
        finally
        {
            End(symbol);
        }
    }

    private Task Begin(string symbol)
    {
        lock (_gate)
        {
            _out[symbol] = _out.GetValueOrDefault(symbol) + 1;
            MostOutstandingPerSymbol = Math.Max(MostOutstandingPerSymbol, _out[symbol]);
            return _held.GetValueOrDefault(symbol)?.Task ?? Task.CompletedTask;
        }
    }

    private void End(string symbol)
    {
        lock (_gate)
        {
            _out[symbol]--;
        }
    }
}

internal sealed class FakePublisher : IQuoteQueue
{
    public Recorded<Quote> Published { get; } = new();

    public string? Refusal(Quote quote) => null;

    public ValueTask PublishAsync(Quote quote, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Published.Add(quote);
        return ValueTask.CompletedTask;
    }

    public Task DrainedAsync(CancellationToken ct) => Task.CompletedTask;
}

internal sealed class FakeBook(params IReadOnlyList<Quote> quotes) : IQuoteBook
{
    public Quote? Last(string symbol) => quotes.FirstOrDefault(quote => quote.Symbol == symbol);

    public IReadOnlyList<Quote> All() => [.. quotes.OrderBy(quote => quote.Symbol, StringComparer.Ordinal)];
}

/// <summary>Reads the instruments of one pipeline.</summary>
internal sealed class FakeMeters : IMeterFactory
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];
    private readonly Dictionary<string, long> _values = [];

    public FakeMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Set(instrument.Name, value));
        _listener.Start();
    }

    /// <summary>The sum of a counter or the value of a gauge; of one reason when it is appended after a colon.</summary>
    public long this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            lock (_gate)
            {
                return _values.GetValueOrDefault($"tradeactors.market.{name}");
            }
        }
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Count(string name, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            _values[name] = _values.GetValueOrDefault(name) + value;
            foreach (var tag in tags)
            {
                _values[$"{name}:{tag.Value}"] = _values.GetValueOrDefault($"{name}:{tag.Value}") + value;
            }
        }
    }

    private void Set(string name, int value)
    {
        lock (_gate)
        {
            _values[name] = value;
        }
    }
}
