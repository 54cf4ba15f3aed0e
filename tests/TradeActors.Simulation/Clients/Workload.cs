using System.Collections.Immutable;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Clients;

internal sealed record SimAccount(EntityId Id, EntityId Connection, BrokerProfile Profile, AccountLimits Limits);

internal sealed record SimRecorder(EntityId Id, Settings Settings);

internal sealed record SimSubscription(string Id, SimRecorder Recorder, SimAccount Account);

/// <summary>What a client meant when it sent a delivery: equal meanings within the window are one signal.</summary>
internal sealed record Meaning(string Body, string? SourceId, DateTimeOffset ReceivedAt);

/// <summary>The seed's clients: senders of signals and users of the REST interface.</summary>
internal sealed class Workload
{
    private static readonly string[] Symbols = ["ES1!", "ES1!", "NQ", "BTCUSDT", "AAPL"];

    private readonly SimWorld _world;
    private readonly Pcg32 _random;
    private readonly Pcg32 _operating;
    private readonly Pcg32 _characters;
    private readonly List<(SimAccount Account, string ClOrdId)> _manual = [];
    private readonly bool _usesRest;
    private int _lastSignal;
    private int _lastManual;

    /// <param name="operating">Draws of its own, so that operations change nothing of what else a seed does.</param>
    /// <param name="characters">Of the brokers.</param>
    public Workload(SimWorld world, Pcg32 random, Pcg32 operating, Pcg32 characters)
    {
        (_world, _random, _operating, _characters) = (world, random, operating, characters);
        Until = TimeSpan.FromSeconds(random.Next(60) + 15);
        _usesRest = random.Chance(0.7);
        Recorders = [.. Enumerable.Range(0, random.Next(2) + 1).Select(i => new SimRecorder(new EntityId(SimWorld.Tenant, EntityKind.Recorder, $"rec{i}"), DrawSettings()))];
        Accounts = [.. Enumerable.Range(0, random.Next(4) + 1).Select(DrawAccount)];
        Subscriptions =
        [
            .. Recorders.SelectMany(recorder => Accounts.Where(_ => random.Chance(0.8))
                .Select(account => new SimSubscription($"{recorder.Id.Key}-{account.Id.Key}", recorder, account))),
        ];
    }

    /// <summary>When the clients stop and the faults with them.</summary>
    public TimeSpan Until { get; }

    public ImmutableArray<SimRecorder> Recorders { get; }

    public ImmutableArray<SimAccount> Accounts { get; }

    public ImmutableArray<SimSubscription> Subscriptions { get; }

    /// <summary>By signal id.</summary>
    public SortedDictionary<string, Meaning> Deliveries { get; } = new(StringComparer.Ordinal);

    public void Start()
    {
        var open = Accounts.Length;
        foreach (var account in Accounts)
        {
            var opening = new OpenAccount(account.Id.Key, "USD", 100_000m, account.Limits, account.Connection, SimBroker.Settings, account.Profile.Traits);
            _world.Door.Call(account.Id, opening, _ =>
            {
                if (--open == 0)
                {
                    CreateRecorders();
                }
            });
        }
    }

    private void CreateRecorders()
    {
        PlanOperations();
        foreach (var recorder in Recorders)
        {
            _world.Door.Call(recorder.Id, new CreateRecorder(recorder.Id.Key, "ES1!", recorder.Settings, "hash"), _ => Subscribe(recorder));
        }
    }

    private void Subscribe(SimRecorder recorder)
    {
        foreach (var subscription in Subscriptions.Where(subscription => subscription.Recorder == recorder))
        {
            _world.Door.Call(recorder.Id, new PutSubscription(subscription.Id, subscription.Account.Id, DrawMultiplier(), true, DrawOverrides()), _ => { });
        }

        // A long burst in a few seeds, so that keys and finished orders leave the entities' own memory.
        var signals = _random.Chance(0.04) ? 600 : _random.Next(50) + 5;
        var left = (Until - _world.Elapsed).TotalMilliseconds;
        for (var i = 0; i < signals && left > 0; i++)
        {
            _world.After(_random, 0, left, () => Send(recorder));
        }

        for (var i = 0; _usesRest && i < 25 && left > 0; i++)
        {
            _world.After(_random, 0, left, () => UseRest(recorder));
        }
    }

    // Signals.

    private void Send(SimRecorder recorder)
    {
        var number = ++_lastSignal;
        var parsed = DrawSignal(number);
        var body = _random.Chance(0.1) ? $"same-{_random.Next(3)}" : $"body-{number}";
        var isPoison = _random.Chance(0.01);
        var suffix = _random.Chance(0.01) ? FlakyBehavior.PoisonForAccounts : "";
        Deliver(recorder, $"s{number:D4}{suffix}", parsed, body, isPoison);

        // The source was not answered in time, or sends twice as a habit: the same body under a new delivery.
        for (var copy = 1; copy <= 3 && _random.Chance(0.15); copy++)
        {
            var again = copy;
            _world.After(_random, 1, 24_000, () => Deliver(recorder, $"s{number:D4}r{again}{suffix}", parsed, body, isPoison));
        }
    }

    private void Deliver(SimRecorder recorder, string signalId, ParsedSignal? parsed, string body, bool isPoison)
    {
        Deliveries[signalId] = new Meaning($"{recorder.Id.Key}/{body}", parsed?.Id, _world.Now);
        var raw = isPoison ? FlakyBehavior.PoisonText : body;
        _world.Door.Call(
            recorder.Id, new ReceiveSignal(signalId, _world.Now, "webhook", parsed, parsed is null ? "unreadable" : null, body, raw), reply => _world.Model.Acknowledged(recorder.Id, signalId, reply));
    }

    private ParsedSignal? DrawSignal(int number)
    {
        var symbol = _random.Chance(0.3) ? null : Symbols[_random.Next(Symbols.Length)];
        var signal = new ParsedSignal
        {
            Source = SignalSource.Json,
            Symbol = symbol,
            Id = _random.Chance(0.3) ? $"id-{number}" : null,
            Quantity = _random.Chance(0.3) ? _random.Next(4) + 1 : null,
            StopLossDistance = _random.Chance(0.1) ? new Distance(DistanceUnit.Ticks, _random.Next(20) + 1) : null,
            TakeProfitDistance = _random.Chance(0.1) ? new Distance(DistanceUnit.Percent, _random.Next(20) + 1) : null,
        };
        var shape = _random.Next(24);
        return shape switch
        {
            < 6 => signal with { Action = SignalAction.Buy },
            < 10 => signal with { Action = SignalAction.Sell },
            < 13 => signal with { Action = SignalAction.Close },
            < 15 => signal with { Action = SignalAction.Reverse, Quantity = null },
            < 18 => signal with { TargetPosition = _random.Next(9) - 4, Quantity = null },
            < 19 => signal with
            {
                Action = _random.Chance(0.5) ? SignalAction.Buy : SignalAction.Sell,
                OrderType = SignalOrderType.Limit,
                LimitPrice = 100m,
            },
            < 20 => signal with { Action = SignalAction.Add },
            < 21 => signal with { Action = SignalAction.Buy, ClosesFirst = true },
            < 22 => signal with { Action = SignalAction.Close, ClosePercent = 50m, Quantity = null },
            < 23 => signal with { Action = SignalAction.Close, Only = _random.Chance(0.5) ? SignalStance.Long : SignalStance.Short },
            _ => null,
        };
    }

    // REST.

    private void UseRest(SimRecorder recorder)
    {
        var account = Accounts[_random.Next(Accounts.Length)];
        switch (_random.Next(14))
        {
            case 0 or 1 or 2 or 3:
                PlaceManually(account);
                break;
            case 4 or 5 or 6:
                CancelManually(account);
                break;
            case 7:
                _world.Door.Call(account.Id, new FlattenAccount(), _ => { });
                break;
            case 8:
                Halt(account);
                break;
            case 9 or 10 when !Subscriptions.IsEmpty:
                ChangeSubscription(Subscriptions[_random.Next(Subscriptions.Length)]);
                break;
            case 11:
                _world.Door.Call(recorder.Id, new PauseRecorder(_random.Chance(0.3)), _ => { });
                break;
            default:
                _world.Door.Call(recorder.Id, new ChangeRecorder(recorder.Id.Key, "ES1!", DrawSettings()), _ => { });
                break;
        }
    }

    /// <summary>As the door does: answered when the connection has withdrawn what was not sent, and the account knows it.</summary>
    private void Halt(SimAccount account) => _world.Door.Call(account.Id, new HaltAccount("by hand"), reply =>
    {
        // Resumed by somebody else meanwhile, now and then before the halt was answered.
        _world.After(_random, 100, 8_000, () => _world.Door.Call(account.Id, new ResumeAccount(), _ => { }));
        if (reply is HaltTaken taken)
        {
            _world.Door.Call(taken.Connection, new WithdrawEntries(taken.Halts), withdrawn => _world.Door.Call(account.Id, withdrawn, _ => { }));
        }
    });

    // Operations over all accounts.

    private void PlanOperations()
    {
        var left = (Until - _world.Elapsed).TotalMilliseconds;
        for (var i = _operating.Chance(0.4) ? _operating.Next(3) + 1 : 0; i > 0 && left > 0; i--)
        {
            var number = i;
            _world.After(_operating, 0, left, () => Operate(number));
        }
    }

    private void Operate(int number)
    {
        var id = new EntityId(_operating.Chance(0.5) ? SimWorld.Tenant : Operation.InstallationTenant, EntityKind.Operation, $"op{number}");
        var kind = _operating.Chance(0.5) ? OperationKind.FlattenAll : OperationKind.HaltAll;
        var accounts = Accounts.Select(account => account.Id);
        var start = new StartOperation(
            kind, OperationScope.Tenant, _operating.Chance(0.1) ? FlakyBehavior.PoisonText : "storm",
            [.. _operating.Chance(0.2) ? accounts.Append(new EntityId(SimWorld.Tenant, EntityKind.Account, "gone")) : accounts]);
        _world.Door.Call(id, start, _ =>
        {
            foreach (var account in kind == OperationKind.HaltAll ? Accounts : [])
            {
                _world.After(_operating, 10, 8_000, () => _world.Door.Call(account.Id, new ResumeAccount(), _ => { }));
            }
        });
    }

    private void PlaceManually(SimAccount account)
    {
        var clOrdId = $"m{++_lastManual}";
        var isLimit = _random.Chance(0.5);
        var terms = new OrderTerms(
            _random.Chance(0.7) ? "ESH2026" : "AAPL", _random.Chance(0.5) ? Side.Buy : Side.Sell, isLimit ? OrdType.Limit : OrdType.Market,
            _random.Next(3) + 1, isLimit ? 100m : null);
        _manual.Add((account, clOrdId));
        _world.Door.Call(account.Id, new PlaceManualOrder(clOrdId, terms), _ => { });
    }

    private void CancelManually(SimAccount account)
    {
        var own = _manual.Where(order => order.Account == account).Select(order => order.ClOrdId).ToArray();
        var any = _world.Model.Account(account.Id).Orders.Keys.ToArray();
        var from = own.Length > 0 && _random.Chance(0.7) ? own : any;
        if (from.Length > 0)
        {
            _world.Door.Call(account.Id, new CancelManually(from[_random.Next(from.Length)]), _ => { });
        }
    }

    /// <summary>As the door does: the recorder first, and answered only when the account has stored it too (PROTOCOL 5).</summary>
    private void ChangeSubscription(SimSubscription subscription)
    {
        object change = _random.Chance(0.1)
            ? new RemoveSubscription(subscription.Id)
            : new PutSubscription(subscription.Id, subscription.Account.Id, DrawMultiplier(), _random.Chance(0.6), DrawOverrides());
        _world.Door.Call(subscription.Recorder.Id, change, reply =>
        {
            if (reply is SubscriptionStored stored)
            {
                _world.Door.Call(
                    subscription.Account.Id, new SetSubscription(stored.SubscriptionId, subscription.Recorder.Id.Key, stored.Version, stored.IsEnabled), _ => { });
            }
        });
    }

    private Settings DrawSettings() => new(
        new SizingSettings(_random.Next(3) + 1, _random.Chance(0.5) ? _random.Next(2) + 1 : null),
        DrawTakeProfit(),
        DrawStopLoss(),
        Filters: _random.Chance(0.3) ? DrawFilters() : null,
        EntryMaxAgeSeconds: _random.Chance(0.3) ? 3 : null,
        DedupWindowSeconds: _random.Chance(0.2) ? 0 : null,
        Inverse: _random.Chance(0.3) ? true : null);

    private Settings? DrawOverrides() => _random.Chance(0.6) ? null : new(
        _random.Chance(0.3) ? DrawSizing() : null,
        DrawTakeProfit(),
        DrawStopLoss(),
        Filters: _random.Chance(0.4) ? DrawFilters() : null,
        Inverse: _random.Chance(0.2) ? _random.Chance(0.5) : null);

    private SizingSettings DrawSizing() => _random.Next(4) switch
    {
        0 => new SizingSettings(_random.Next(3) + 1, 1m),
        1 => new SizingSettings(100m * (_random.Next(5) + 1), 100m, SizingUnit.RiskAmount),
        2 => new SizingSettings(0.5m * (_random.Next(4) + 1), 0.5m, SizingUnit.RiskPercent),
        _ => new SizingSettings(10m * (_random.Next(4) + 1), 10m, SizingUnit.PercentOfEquity),
    };

    private StopLossSettings? DrawStopLoss() =>
        _random.Chance(0.5) ? null : new StopLossSettings((DistanceUnit)_random.Next(3), _random.Next(8) + 1);

    private TakeProfitSettings? DrawTakeProfit() => _random.Next(6) switch
    {
        0 => new TakeProfitSettings(DistanceUnit.Ticks, [new(_random.Next(20) + 4)]),
        1 => new TakeProfitSettings(DistanceUnit.Points, [new(2m, Percent: 50m), new(4m, Percent: 50m)]),
        2 => new TakeProfitSettings(DistanceUnit.Percent, [new(1m, Quantity: 1m), new(2m, Quantity: 1m), new(5m, Quantity: 2m)]),
        _ => null,
    };

    /// <summary>The run begins at 15:00 UTC, and a window may end in the midst of it.</summary>
    private FilterSettings DrawFilters() => _random.Next(6) switch
    {
        0 => new FilterSettings(CooldownSeconds: _random.Next(5) + 1),
        1 => new FilterSettings(MaxSignalsPerSession: _random.Next(8) + 1),
        2 => new FilterSettings(MaxContractsPerTrade: _random.Next(3) + 1),
        3 => new FilterSettings(EveryNthSignal: _random.Next(2) + 2),
        4 => new FilterSettings(MaxDailyLoss: 200m),
        _ => new FilterSettings(Windows: [new WindowSettings("14:00", "15:01", "Etc/UTC", FlattenAtEnd: true), new WindowSettings("15:02", "23:00", "Etc/UTC")]),
    };

    private decimal DrawMultiplier() => _random.Next(3) switch { 0 => 1m, 1 => 2m, _ => 0.5m };

    private SimAccount DrawAccount(int i)
    {
        var traits = new BrokerTraits(
            _random.Chance(0.6), TimeSpan.FromMilliseconds(_random.Next(1_500) + 300), TimeSpan.FromMilliseconds(_random.Next(1_000)));
        var limits = _random.Chance(0.3)
            ? new AccountLimits(new PositionLimits(_random.Next(8) + 2), MaxDailyLoss: _random.Chance(0.3) ? 500m : null)
            : AccountLimits.None;
        return new SimAccount(
            new EntityId(SimWorld.Tenant, EntityKind.Account, $"acc{i}"), new EntityId(SimWorld.Tenant, EntityKind.Connection, $"acc{i}"),
            BrokerProfile.Draw(traits, _characters.Chance(0.7), _characters.Chance(0.5), _characters), limits);
    }
}
