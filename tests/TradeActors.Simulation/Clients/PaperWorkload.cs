using System.Collections.Immutable;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Clients;

/// <summary>Which accounts trade on the paper exchange, how their books are set, and what their owners do by hand. All its draws are its own.</summary>
internal sealed class PaperWorkload
{
    private readonly SimWorld _world;
    private readonly Pcg32 _settings;
    private readonly Pcg32 _acting;
    private readonly double _share;
    private readonly List<(EntityId Account, string ClOrdId)> _placed = [];

    public PaperWorkload(SimWorld world, Pcg32 settings, Pcg32 acting)
    {
        (_world, _settings, _acting) = (world, settings, acting);
        _share = settings.Chance(0.5) ? 0.7 : 0;
    }

    /// <summary>The account, perhaps with a paper book behind its connection.</summary>
    public SimAccount Equip(SimAccount account)
    {
        if (!_settings.Chance(_share))
        {
            return account;
        }

        var paper = DrawSettings();
        return account with { Broker = new BrokerSettings("paper", paper), Traits = PaperBrokerAdapter.TraitsOf(paper) };
    }

    public void Start(ImmutableArray<SimAccount> accounts, TimeSpan until)
    {
        var left = (until - _world.Elapsed).TotalMilliseconds;
        foreach (var account in accounts.Where(account => account.Broker.Paper is not null))
        {
            for (var i = _acting.Next(20); i > 0 && left > 0; i--)
            {
                _world.AfterQuietly(_acting, 0, left, () => Act(account));
            }
        }
    }

    private void Act(SimAccount account)
    {
        var own = _placed.Where(order => order.Account == account.Id).ToArray();
        if (own.Length > 0 && _acting.Chance(0.2))
        {
            _world.Door.Call(account.Id, new CancelManually(own[_acting.Next(own.Length)].ClOrdId), _ => { });
        }
        else if (_acting.Chance(0.05))
        {
            _world.Door.Call(account.Connection with { Kind = EntityKind.PaperExchange }, new SetPaperFaults(DrawFaults()), _ => { });
        }
        else
        {
            Place(account);
        }
    }

    private void Place(SimAccount account)
    {
        var clOrdId = $"p{_placed.Count + 1}";
        _placed.Add((account.Id, clOrdId));
        _world.Door.Call(account.Id, new PlaceManualOrder(clOrdId, DrawTerms()), _ => { });
    }

    /// <summary>Every kind of order, at prices near the market: some are met at once, some after a while, some never.</summary>
    private OrderTerms DrawTerms()
    {
        var contracts = SimMarket.Contracts(_world.Now);
        var symbol = contracts[_acting.Next(contracts.Length)].Symbol;
        var side = _acting.Chance(0.5) ? Side.Buy : Side.Sell;
        var away = (1 + _acting.Next(12)) * 0.25m;
        var middle = 100m + ((_acting.Next(17) - 8) * 0.25m);
        var better = middle - (side.Sign * away);
        var worse = middle + (side.Sign * away);
        var type = _acting.Next(6) switch
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
        var force = type == OrdType.OneCancelsOther || _acting.Chance(0.6)
            ? (_acting.Chance(0.5) ? TimeInForce.Day : TimeInForce.GoodTillCancel)
            : (_acting.Chance(0.5) ? TimeInForce.ImmediateOrCancel : TimeInForce.FillOrKill);
        return new OrderTerms(symbol, side, type, _acting.Next(8) + 1, price, stop, force, _acting.Chance(0.1));
    }

    private PaperSettings DrawSettings() => new(
        StartingBalance: 100_000m,
        Seed: _settings.NextUInt64(),
        CommissionPerUnit: _settings.Chance(0.5) ? 0m : 0.5m,
        CommissionRate: _settings.Chance(0.7) ? 0m : 0.0006m,
        SlippageTicks: _settings.Chance(0.4) ? 0 : 1 + _settings.Next(5),
        RefusesDuplicates: _settings.Chance(0.7),
        UsesDisplayedSize: _settings.Chance(0.7),
        Faults: _settings.Chance(0.4) ? DrawFaults() : null,
        ChecksMargin: _settings.Chance(0.7),
        Margins: _settings.Chance(0.3) ? DrawMargins() : null,
        Latency: TimeSpan.FromMilliseconds(_settings.Chance(0.5) ? 0 : _settings.Next(600)),
        LatencyJitter: TimeSpan.FromMilliseconds(_settings.Chance(0.5) ? 0 : _settings.Next(400)));

    private PaperFaults? DrawFaults() => _settings.Chance(0.2) ? null : new PaperFaults(
        TimeOutAfterAccept: Rate(), LoseRequest: Rate(), LateAnswer: Rate(), LateBy: TimeSpan.FromMilliseconds(100 + _settings.Next(3_000)), LoseCancelAnswer: Rate());

    private PaperMargins DrawMargins() => new(ImmutableSortedDictionary.Create<string, PaperMargin>(StringComparer.Ordinal)
        .Add("ES", new PaperMargin(PerUnit: 500m * (_settings.Next(12) + 1)))
        .Add("AAPL", new PaperMargin(OfNotional: 0.25m)));

    private double Rate() => _settings.Chance(0.5) ? 0 : 0.2 * _settings.NextDouble();
}
