using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>
/// The market: one seeded walk per contract around 100, and a line to every node that loses, delays and stalls. It goes on while the world settles.
/// Also the table of last quotes, which outlives every process.
/// </summary>
internal sealed class SimMarket
{
    private readonly SimWorld _world;
    private readonly Pcg32 _random;
    private readonly ImmutableArray<Walk> _walks;
    private readonly Line[] _lines;
    private readonly SortedDictionary<string, Quote> _stored = new(StringComparer.Ordinal);
    private readonly double _quoteEveryMs;
    private readonly int _moves;
    private readonly int _mostSize;

    public SimMarket(SimWorld world, int nodes, Pcg32 random)
    {
        (_world, _random) = (world, random);
        _walks = [.. Contracts(world.Now).Select(contract => new Walk(contract, random))];
        _lines = [.. Enumerable.Range(0, nodes).Select(_ => new Line())];
        _quoteEveryMs = Pick(40, 100, 300);
        _moves = Pick(1, 4, 15);
        _mostSize = Pick(2, 6, 1_000);
    }

    /// <summary>What the clients of the simulated world trade.</summary>
    public static ImmutableArray<Contract> Contracts(DateTimeOffset now) =>
        [.. new[] { "ES", "NQ", "BTCUSDT", "AAPL" }.Select(root => InstrumentCatalog.Front(InstrumentCatalog.Find(root)!, now))];

    /// <summary>As the table of quotes has them: what changed in the last half second of a node that crashed may be missing.</summary>
    public IEnumerable<Quote> Stored => _stored.Values;

    public void Start() => _world.AfterQuietly(_random, 0, _quoteEveryMs, Tick);

    public void Store(IEnumerable<Quote> quotes)
    {
        foreach (var quote in quotes)
        {
            _stored[quote.Symbol] = quote;
        }
    }

    private void Tick()
    {
        _world.AfterQuietly(_random, _quoteEveryMs * 0.2, _quoteEveryMs * 2.6, Tick);
        var walk = _walks[_random.Next(_walks.Length)];
        if (_world.Now < walk.QuietUntil || _world.Elapsed < walk.Opens)
        {
            return;
        }

        if (_world.Faults.Fire(Fault.QuoteGap))
        {
            // Far enough to jump over stops and limits, and now and then back where it came from.
            walk.Shift = _random.Chance(0.5) && walk.Shift != 0 ? 0 : Math.Clamp(walk.Shift + ((_random.Next(2) * 2) - 1) * (10 + _random.Next(30)), -60, 60);
        }

        var quote = walk.Next(_moves, _mostSize, _world.Now);
        if (_world.Faults.Fire(Fault.QuoteByHand))
        {
            // Somebody posts a price, and the feed of that contract says nothing more for a while: the last quote must not age.
            quote = quote with { BidSize = null, AskSize = null, Volume = null };
            walk.QuietUntil = _world.Now + TimeSpan.FromMilliseconds(2_000 + _random.Next(10_000));
            _world.Trace.Add("quote-by-hand", quote.Symbol, quote.Bid, quote.Ask);
        }

        if (_world.SettlesSince is not null)
        {
            // Whatever is left finds somebody: thousands of shares would else be filled a few at a time for hours (seed 79577566549).
            quote = quote with { BidSize = null, AskSize = null };
        }

        foreach (var node in _world.Nodes)
        {
            Carry(node, _lines[node.Number], quote);
        }
    }

    private void Carry(SimNode node, Line line, Quote quote)
    {
        if (_world.Faults.Fire(Fault.QuoteDropped))
        {
            return;
        }

        if (_world.Faults.Fire(Fault.FeedStalls))
        {
            line.Free = _world.Now + TimeSpan.FromMilliseconds(500 + _random.Next(5_000));
            _world.Trace.Add("feed-stalls", $"n{node.Number}", line.Free);
        }

        var arrives = _world.Now + TimeSpan.FromMilliseconds(0.1 + _random.NextDouble());
        if (_world.Faults.Fire(Fault.QuoteLate))
        {
            _world.AfterQuietly(_random, 5, 3_000, () => node.Receive(quote)); // Overtaken by others on its way.
            return;
        }

        line.Free = arrives > line.Free ? arrives : line.Free.AddTicks(TimeSpan.TicksPerMicrosecond);
        _world.AtQuietly(_random, line.Free, () => node.Receive(quote));
    }

    private int Pick(params ReadOnlySpan<int> values) => values[_random.Next(values.Length)];

    /// <summary>One node's line: in order, and held up while it stalls.</summary>
    private sealed class Line
    {
        /// <summary>Nothing that comes later arrives before.</summary>
        public DateTimeOffset Free { get; set; }
    }

    private sealed class Walk
    {
        private readonly SimulatedMarket _market;
        private readonly Contract _contract;

        public Walk(Contract contract, Pcg32 random)
        {
            _contract = contract;
            _market = new SimulatedMarket(random.NextUInt64(), [contract], new Dictionary<string, decimal> { [contract.Instrument.Root] = 100m });
            Opens = TimeSpan.FromMilliseconds(random.Chance(0.5) ? 0 : random.Next(3_000));
        }

        /// <summary>Before it there is no quote at all.</summary>
        public TimeSpan Opens { get; }

        public DateTimeOffset QuietUntil { get; set; }

        /// <summary>Quarter points that gaps have added to the walk.</summary>
        public int Shift { get; set; }

        public Quote Next(int moves, int mostSize, DateTimeOffset now)
        {
            now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond)); // As the pipeline takes and the table keeps it.
            var quote = _market.Next(now);
            for (var i = 1; i < moves; i++)
            {
                quote = _market.Next(now);
            }

            var shift = Shift * 0.25m;
            quote = quote with { Bid = quote.Bid + shift, Ask = quote.Ask + shift, Last = quote.Last + shift };
            return _contract.Instrument.QuantityStep < 1m
                ? quote
                : quote with { BidSize = 1 + (quote.BidSize % mostSize), AskSize = 1 + (quote.AskSize % mostSize) };
        }
    }
}
