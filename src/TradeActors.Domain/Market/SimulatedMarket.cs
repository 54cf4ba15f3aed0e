using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;

namespace TradeActors.Domain.Market;

/// <summary>A made-up market: every call moves one contract a little on its tick grid. The same seed and calls give the same quotes.</summary>
/// <remarks>
/// Prices wander and are pulled back toward where they started, so that a demo which runs for weeks stays plausible. Bid is below ask, both are
/// above zero and on the grid, and the last trade lies between them or on one. Not safe for several threads. When a front contract rolls, make a new
/// generator and hand <see cref="Prices"/> on.
/// </remarks>
public sealed class SimulatedMarket
{
    private static readonly ImmutableArray<string> DefaultRoots =
        ["ES", "NQ", "MES", "MNQ", "YM", "RTY", "CL", "GC", "ZN", "6E", "AAPL", "TSLA", "SPY", "BTCUSDT", "ETHUSDT", "SOLUSDT"];

    private readonly Pcg32 _random;
    private readonly ImmutableArray<SimulatedWalk> _walks;
    private readonly int _totalWeight;

    /// <param name="contracts">At least one; each at most once.</param>
    /// <param name="startingPrices">By root (ES), above 0, rounded to the tick. For roots that are missing a plausible price is known.</param>
    /// <exception cref="ArgumentException">No contracts, one twice, a price that is not positive, or a root without any price.</exception>
    public SimulatedMarket(ulong seed, IReadOnlyList<Contract> contracts, IReadOnlyDictionary<string, decimal>? startingPrices = null)
    {
        if (contracts.Count == 0 || contracts.DistinctBy(contract => contract.Symbol).Count() != contracts.Count)
        {
            throw new ArgumentException("Needs at least one contract, and each only once.", nameof(contracts));
        }

        _random = new Pcg32(seed);
        _walks = [.. contracts.Select(contract => new SimulatedWalk(contract, StartingPrice(contract, startingPrices), _random))];
        _totalWeight = _walks.Sum(walk => walk.Weight);
    }

    /// <summary>Where each root stands now: its last price. Enough to start the next generator with.</summary>
    public ImmutableSortedDictionary<string, decimal> Prices => _walks
        .DistinctBy(walk => walk.Contract.Instrument.Root)
        .ToImmutableSortedDictionary(walk => walk.Contract.Instrument.Root, walk => walk.Last, StringComparer.Ordinal);

    /// <summary>The set that a new installation shows: the fronts of the most traded futures, a few stocks and pairs.</summary>
    public static ImmutableArray<Contract> DefaultContracts(DateTimeOffset now) =>
        [.. DefaultRoots.Select(root => InstrumentCatalog.Front(InstrumentCatalog.Find(root)!, now))];

    /// <summary>The quote at which a contract stands, without moving it and without volume: the one to publish first.</summary>
    /// <param name="now">Becomes the quote's time.</param>
    /// <exception cref="ArgumentException">The contract is not in this market.</exception>
    public Quote Initial(Contract contract, DateTimeOffset now)
    {
        var walk = _walks.FirstOrDefault(walk => walk.Contract.Symbol == contract.Symbol)
            ?? throw new ArgumentException($"{contract.Symbol} is not in this market.", nameof(contract));
        return walk.ToQuote(now) with { Volume = 0m };
    }

    /// <summary>Moves one contract, drawn by its weight, and returns its new quote.</summary>
    /// <param name="now">Becomes the quote's time; it does not influence the prices.</param>
    public Quote Next(DateTimeOffset now)
    {
        var walk = Draw();
        walk.Move(_random);
        return walk.ToQuote(now);
    }

    private SimulatedWalk Draw()
    {
        var ticket = _random.Next(_totalWeight);
        var index = 0;
        while (ticket >= _walks[index].Weight)
        {
            ticket -= _walks[index++].Weight;
        }

        return _walks[index];
    }

    private static decimal StartingPrice(Contract contract, IReadOnlyDictionary<string, decimal>? startingPrices)
    {
        var root = contract.Instrument.Root;
        var known = (startingPrices?.TryGetValue(root, out var price) ?? false) || SimulatedPrices.ByRoot.TryGetValue(root, out price);
        return known && price > 0m
            ? price
            : throw new ArgumentException($"{root} needs a starting price above 0.", nameof(startingPrices));
    }
}
