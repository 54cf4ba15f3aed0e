using System.Collections.Immutable;
using TradeActors.Domain.Market;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>Every quote that has reached a node, and what of it was handed on: whoever is slow gets less, never anything else, and never the extremes late.</summary>
internal sealed class MarketModel(SimWorld world)
{
    /// <summary>The furthest that a clock is set wrong, and the longest that a process sleeps, with what an append may take.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(90);

    /// <summary>How far the entities' clock may be from the world's: the time that an answer of the database needs.</summary>
    private static readonly TimeSpan Drift = TimeSpan.FromMilliseconds(50);

    private readonly SortedDictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <param name="Quote">Null where the process began with none.</param>
    private readonly record struct Arrival(DateTimeOffset At, Quote? Quote);

    private sealed class Line(int node, string symbol)
    {
        public int Node { get; } = node;
        public string Symbol { get; } = symbol;
        public List<Arrival> Arrivals { get; } = [];

        /// <summary>Place of the last one that was handed on.</summary>
        public int Handed { get; set; } = -1;

        /// <summary>From here on somebody has wanted them.</summary>
        public int WantedFrom { get; set; }
    }

    public void Started(int node)
    {
        foreach (var line in _lines.Values.Where(line => line.Node == node))
        {
            line.Arrivals.Add(new Arrival(world.Now, null));
            line.WantedFrom = line.Arrivals.Count;
        }
    }

    public void Received(int node, Quote quote)
    {
        LineOf(node, quote.Symbol).Arrivals.Add(new Arrival(world.Now, quote));
        foreach (var book in world.Model.PaperBooks)
        {
            book.MarketMoved(node, quote);
        }
    }

    public void Wanted(int node, string symbol) => LineOf(node, symbol).WantedFrom = LineOf(node, symbol).Arrivals.Count;

    public void Handed(int node, string symbol, ImmutableArray<Quote> quotes)
    {
        var line = LineOf(node, symbol);
        var from = Math.Max(line.Handed + 1, line.WantedFrom);
        foreach (var quote in quotes)
        {
            // Restored quotes are handed to nobody: one that was late before a crash may come once more behind its stored self. What a delivery had taken
            // for an earlier interest may still come.
            var place = line.Arrivals.FindIndex(Math.Max(line.Handed + 1, line.WantedFrom), arrival => arrival.Quote is { } arrived && IsSame(arrived, quote));
            place = place >= 0 ? place : line.Arrivals.FindIndex(line.Handed + 1, arrival => arrival.Quote is { } arrived && IsSame(arrived, quote));
            Require(place >= 0, $"n{node} hands on {quote}, which has not come after the one before it.");
            line.Handed = place;
        }

        var meant = line.Arrivals.Skip(from).Take(line.Handed + 1 - from).Select(arrival => arrival.Quote).OfType<Quote>().ToArray();
        Require(
            meant.Length == 0 || (meant.Min(quote => quote.Bid) >= quotes.Min(quote => quote.Bid) && meant.Max(quote => quote.Bid) <= quotes.Max(quote => quote.Bid)
                && meant.Min(quote => quote.Ask) >= quotes.Min(quote => quote.Ask) && meant.Max(quote => quote.Ask) <= quotes.Max(quote => quote.Ask)),
            $"n{node} hands on {string.Join(", ", quotes)}, meant were {string.Join(", ", meant.AsEnumerable())}: an extreme is not among them.");
    }

    /// <summary>The last quote that a node knew at a time; where it learnt several about that time, each of them.</summary>
    /// <remarks>Where a node's clock cannot be believed, or it may have slept over it: all that any node has known in the last minute and a half.</remarks>
    public IEnumerable<Quote?> LastAt(int node, string symbol, DateTimeOffset at)
    {
        if (!world.ClocksAgree)
        {
            foreach (var quote in Known(symbol, at, at))
            {
                yield return quote;
            }

            yield break;
        }

        var arrivals = LineOf(node, symbol).Arrivals;
        var i = arrivals.FindLastIndex(arrival => arrival.At <= at + Drift);
        for (; i >= 0 && arrivals[i].At >= at - Drift; i--)
        {
            yield return arrivals[i].Quote;
        }

        yield return i >= 0 ? arrivals[i].Quote : null;
    }

    /// <summary>What any node learnt in that time, and what each knew at its beginning.</summary>
    public IEnumerable<Quote> Known(string symbol, DateTimeOffset from, DateTimeOffset until)
    {
        if (!world.ClocksAgree)
        {
            var (earliest, latest) = (world.Now - Doubt, world.Now);
            (from, until) = (from < earliest ? from : earliest, latest);
        }

        (from, until) = (from - Drift, until + Drift);
        foreach (var line in _lines.Values.Where(line => line.Symbol == symbol))
        {
            for (var i = line.Arrivals.FindLastIndex(arrival => arrival.At <= until); i >= 0; i--)
            {
                if (line.Arrivals[i].Quote is { } quote)
                {
                    yield return quote;
                    if (line.Arrivals[i].At < from)
                    {
                        break;
                    }
                }
            }
        }
    }

    /// <summary>One and the same, whatever volume has been added to it on the way.</summary>
    public static bool IsSame(Quote one, Quote other) => one with { Volume = null } == other with { Volume = null };

    private Line LineOf(int node, string symbol)
    {
        var key = $"{symbol}@{node}";
        if (!_lines.TryGetValue(key, out var line))
        {
            _lines.Add(key, line = new Line(node, symbol));
        }

        return line;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFailure("ConflationKeepsOrder", otherwise);
        }
    }
}
