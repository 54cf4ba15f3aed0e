using System.Collections.Immutable;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Clients;

/// <summary>Which accounts trade on the paper exchange, how their books are set, and what their owners do by hand. All its draws are its own.</summary>
internal sealed class PaperWorkload
{
    private readonly SimWorld _world;
    private readonly Streams _streams;
    private readonly string _prefix;
    private readonly double _share;
    private readonly List<(EntityId Account, string ClOrdId)> _placed = [];

    /// <param name="prefix">Of the orders that are placed by hand.</param>
    public PaperWorkload(SimWorld world, Streams streams, string prefix)
    {
        (_world, _streams, _prefix) = (world, streams, prefix);
        _share = streams.For("paper").Chance(0.5) ? 0.7 : 0;
    }

    /// <summary>The account, perhaps with a paper book behind its connection.</summary>
    public SimAccount Equip(SimAccount account)
    {
        var random = _streams.For("paper-book", account.Number);
        if (!random.Chance(_share))
        {
            return account;
        }

        var paper = DrawSettings(random);
        return account with { Broker = new BrokerSettings("paper", paper), Traits = PaperBrokerAdapter.TraitsOf(paper) };
    }

    public void Start(ImmutableArray<SimAccount> accounts, TimeSpan until)
    {
        var left = (until - _world.Elapsed).TotalMilliseconds;
        foreach (var account in accounts.Where(account => account.Broker.Paper is not null))
        {
            var random = _streams.For("paper-owner", account.Number);
            for (var i = random.Next(20); i > 0 && left > 0; i--)
            {
                _world.After(random, 0, left, () => Act(account, random));
            }
        }
    }

    private void Act(SimAccount account, Pcg32 random)
    {
        var own = _placed.Where(order => order.Account == account.Id).ToArray();
        if (own.Length > 0 && random.Chance(0.2))
        {
            _world.Door.Call(account.Id, new CancelManually(own[random.Next(own.Length)].ClOrdId), _ => { });
        }
        else if (random.Chance(0.05))
        {
            _world.Door.Call(account.Connection with { Kind = EntityKind.PaperExchange }, new SetPaperFaults(DrawFaults(random)), _ => { });
        }
        else
        {
            Place(account, random);
        }
    }

    private void Place(SimAccount account, Pcg32 random)
    {
        var clOrdId = $"{_prefix}p{_placed.Count + 1}";
        _placed.Add((account.Id, clOrdId));
        _world.Door.Call(account.Id, new PlaceManualOrder(clOrdId, DrawTerms(random)), _ => { });
    }

    /// <summary>Every kind of order, at prices near the market: some are met at once, some after a while, some never.</summary>
    private OrderTerms DrawTerms(Pcg32 random)
    {
        var contracts = SimMarket.Contracts(_world.Now);
        var symbol = contracts[random.Next(contracts.Length)].Symbol;
        var side = random.Chance(0.5) ? Side.Buy : Side.Sell;
        var away = (1 + random.Next(12)) * 0.25m;
        var middle = 100m + ((random.Next(17) - 8) * 0.25m);
        var better = middle - (side.Sign * away);
        var worse = middle + (side.Sign * away);
        var type = random.Next(6) switch
        {
            0 => OrdType.Market,
            1 or 2 => OrdType.Stop,
            3 => OrdType.StopLimit,
            4 => OrdType.OneCancelsOther,
            _ => OrdType.Limit,
        };
        decimal? price = type switch
        {
            OrdType.Limit or OrdType.OneCancelsOther => better,
            OrdType.StopLimit => worse + (side.Sign * 0.5m),
            _ => null,
        };
        decimal? stop = type is OrdType.Stop or OrdType.StopLimit or OrdType.OneCancelsOther ? worse : null;
        var force = type == OrdType.OneCancelsOther || random.Chance(0.6)
            ? (random.Chance(0.5) ? TimeInForce.Day : TimeInForce.GoodTillCancel)
            : (random.Chance(0.5) ? TimeInForce.ImmediateOrCancel : TimeInForce.FillOrKill);
        return new OrderTerms(symbol, side, type, random.Next(8) + 1, price, stop, force, random.Chance(0.1));
    }

    private static PaperSettings DrawSettings(Pcg32 random) => new(
        StartingBalance: 100_000m,
        Seed: random.NextUInt64(),
        CommissionPerUnit: random.Chance(0.5) ? 0m : 0.5m,
        CommissionRate: random.Chance(0.7) ? 0m : 0.0006m,
        SlippageTicks: random.Chance(0.4) ? 0 : 1 + random.Next(5),
        RefusesDuplicates: random.Chance(0.7),
        UsesDisplayedSize: random.Chance(0.7),
        Faults: random.Chance(0.4) ? DrawFaults(random) : null,
        ChecksMargin: random.Chance(0.7),
        Margins: random.Chance(0.3) ? DrawMargins(random) : null,
        Latency: TimeSpan.FromMilliseconds(random.Chance(0.5) ? 0 : random.Next(600)),
        LatencyJitter: TimeSpan.FromMilliseconds(random.Chance(0.5) ? 0 : random.Next(400)));

    private static PaperFaults? DrawFaults(Pcg32 random) => random.Chance(0.2) ? null : new PaperFaults(
        TimeOutAfterAccept: Rate(random), LoseRequest: Rate(random), LateAnswer: Rate(random), LateBy: TimeSpan.FromMilliseconds(100 + random.Next(3_000)), LoseCancelAnswer: Rate(random));

    private static PaperMargins DrawMargins(Pcg32 random) => new(ImmutableSortedDictionary.Create<string, PaperMargin>(StringComparer.Ordinal)
        .Add("ES", new PaperMargin(PerUnit: 500m * (random.Next(12) + 1)))
        .Add("AAPL", new PaperMargin(OfNotional: 0.25m)));

    private static double Rate(Pcg32 random) => random.Chance(0.5) ? 0 : 0.2 * random.NextDouble();
}
