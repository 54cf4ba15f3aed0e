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

/// <param name="Number">Among all that the seed draws, from 0.</param>
internal sealed record SimAccount(EntityId Id, EntityId Connection, BrokerProfile Profile, AccountLimits Limits, int Number)
{
    public BrokerSettings Broker { get; init; } = SimBroker.Settings;

    public BrokerTraits Traits { get; init; } = Profile.Traits;
}

internal sealed record SimRecorder(EntityId Id, Settings Settings, int Number);

/// <param name="Put">As it is first asked for.</param>
internal sealed record SimSubscription(string Id, SimRecorder Recorder, SimAccount Account, PutSubscription Put);

/// <summary>What a client meant when it sent a delivery: equal meanings within the window are one signal.</summary>
/// <param name="AgedFrom">The source's own time of sending where it gave one that is earlier than the receipt.</param>
internal sealed record Meaning(string Body, string? SourceId, DateTimeOffset ReceivedAt, DateTimeOffset AgedFrom);

/// <summary>The seed's clients: senders of signals and users of the REST interface.</summary>
internal sealed class Workload
{
    private static readonly string[] Symbols = ["ES1!", "ES1!", "NQ", "BTCUSDT", "AAPL"];

    /// <summary>How many recorders receive hundreds of signals.</summary>
    public const double BurstShare = 0.04;

    private readonly SimWorld _world;
    private readonly SimOptions _options;
    private readonly Streams _streams;
    private readonly Profile _profile;
    private readonly List<(SimAccount Account, string ClOrdId)> _manual = [];
    private readonly HashSet<EntityId> _opened = [];
    private readonly Dictionary<EntityId, SimAccount> _byConnection;
    private readonly TimeSpan _planned;

    /// <summary>Which share of the subscriptions of a group trade. The others let their accounts refuse every entry, with the reason stored.</summary>
    private readonly double _trading;
    private readonly bool _usesRest;
    private readonly string _tenant;
    private readonly PaperWorkload _paper;
    private readonly bool _joinsLate;
    private readonly bool _sendsLate;
    private readonly bool _limitsOrders;
    private readonly List<(SimRecorder Recorder, string SignalId, ParsedSignal Parsed, string Body)> _named = [];

    /// <param name="streams">The tenant's own: two tenants draw nothing alike.</param>
    public Workload(SimWorld world, string tenant, SimOptions options, Streams streams, Profile profile)
    {
        (_world, _tenant, _options, _streams, _profile) = (world, tenant, options, streams, profile);
        (_joinsLate, _sendsLate, _limitsOrders) = (streams.For("joins").Chance(0.3), streams.For("late").Chance(0.2), streams.For("limits").Chance(0.2));
        _paper = new PaperWorkload(world, streams, profile == Profile.FanOut ? "f" : Prefix);
        var random = streams.For("workload");
        _planned = TimeSpan.FromSeconds(random.Next(60) + 15);
        Until = options.Until < _planned ? options.Until.Value : _planned;
        _usesRest = random.Chance(0.7);
        var recorders = random.Next(2) + 1;
        // Mostly a few hundred accounts, now and then a thousand.
        _trading = profile == Profile.FanOut ? random.Next(10) switch { < 5 => 0.01, < 8 => 0.1, _ => 1 } : 1;
        var accounts = profile == Profile.FanOut ? 100 + (random.Next(31) * random.Next(31)) : random.Next(4) + 1;
        Recorders = [.. options.Recorders.Of(Enumerable.Range(0, recorders)).Select(i =>
            new SimRecorder(new EntityId(_tenant, EntityKind.Recorder, $"rec{i}"), DrawSettings(streams.For("recorder", i)), i))];
        Accounts = [.. options.Accounts.Of(Enumerable.Range(0, accounts)).Select(i => _paper.Equip(DrawAccount(streams.For("account", i), i)))];
        _byConnection = Accounts.ToDictionary(account => account.Connection);
        Subscriptions = [.. Recorders.SelectMany(recorder => Accounts.Select(account => DrawSubscription(recorder, account)).OfType<SimSubscription>())];
    }

    /// <summary>Ids made at the door are unique over all tenants.</summary>
    private string Prefix => _tenant == SimWorld.Tenant ? "s" : "z";

    /// <summary>When the clients stop and the faults with them.</summary>
    public TimeSpan Until { get; }

    public ImmutableArray<SimRecorder> Recorders { get; }

    public ImmutableArray<SimAccount> Accounts { get; }

    public ImmutableArray<SimSubscription> Subscriptions { get; }

    public SimAccount AccountOf(EntityId connection) => _byConnection[connection];

    /// <summary>By signal id.</summary>
    public Dictionary<string, Meaning> Deliveries { get; } = new(StringComparer.Ordinal);

    public void Start()
    {
        if (_profile == Profile.FanOut)
        {
            StartGroup();
            return;
        }

        var open = Accounts.Length;
        foreach (var account in Accounts)
        {
            Open(account, () =>
            {
                if (--open == 0)
                {
                    PlanOperations();
                    _paper.Start(Accounts, _planned);
                    CreateRecorders(recorder =>
                    {
                        foreach (var subscription in Subscriptions.Where(subscription => subscription.Recorder == recorder))
                        {
                            Join(subscription);
                        }
                    });
                }
            });
        }
    }

    /// <summary>Nobody waits for a thousand accounts: each joins when it is open, and takes part from then on.</summary>
    private void StartGroup()
    {
        PlanOperations();
        CreateRecorders(_ => { });
        foreach (var account in Accounts)
        {
            Open(account, () =>
            {
                foreach (var subscription in Subscriptions.Where(subscription => subscription.Account == account))
                {
                    Subscribe(subscription);
                }
            });
        }
    }

    private void Open(SimAccount account, Action then) => _world.Door.Call(
        account.Id,
        new OpenAccount(account.Id.Key, "USD", 100_000m, account.Limits, account.Connection, account.Broker, account.Traits), _ =>
        {
            _opened.Add(account.Id);
            then();
        });

    private void CreateRecorders(Action<SimRecorder> then)
    {
        foreach (var recorder in Recorders)
        {
            _world.Door.Call(recorder.Id, new CreateRecorder(recorder.Id.Key, "ES1!", recorder.Settings, $"hash-{_tenant}-{recorder.Id.Key}"), _ =>
            {
                then(recorder);
                PlanSignals(recorder);
                PlanRequests(recorder);
            });
        }
    }

    /// <summary>At once, or while signals are running.</summary>
    private void Join(SimSubscription subscription)
    {
        var random = _streams.For($"join-{subscription.Id}");
        var left = (_planned - _world.Elapsed).TotalMilliseconds;
        if (_joinsLate && left > 0 && random.Chance(0.5))
        {
            _world.After(random, 0, left, () => Subscribe(subscription));
        }
        else
        {
            Subscribe(subscription);
        }
    }

    private void Subscribe(SimSubscription subscription) => _world.Door.Call(subscription.Recorder.Id, subscription.Put, reply =>
    {
        if (reply is RecorderRefused { Code: "RecorderGone" })
        {
            // The group's accounts open while its recorders are being made.
            _world.After(_streams.For(subscription.Id), 100, 1_000, () => Subscribe(subscription));
        }
    });

    /// <summary>So many times between now and the planned end, in order.</summary>
    private double[] DrawTimes(Pcg32 random, int count)
    {
        var left = (_planned - _world.Elapsed).TotalMilliseconds;
        return left <= 0 ? [] : [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() * left).Order()];
    }

    private void Plan(double[] times, Slice slice, Action<int> act)
    {
        foreach (var (i, time) in times.Index())
        {
            if (slice.Contains(i + 1))
            {
                _world.At(_world.Now + TimeSpan.FromMilliseconds(time), () => act(i + 1));
            }
        }
    }

    // Signals.

    private void PlanSignals(SimRecorder recorder)
    {
        var random = _streams.For("signals", recorder.Number);
        var signals = _profile == Profile.FanOut ? (_trading < 1 ? random.Next(150) + 50 : random.Next(20) + 10)
            // A long burst in a few seeds, so that keys and finished orders leave the entities' own memory.
            : random.Chance(BurstShare) ? 600 : random.Next(50) + 5;
        Plan(DrawTimes(random, signals), _options.Signals, number => Send(recorder, number));
        var left = (_planned - _world.Elapsed).TotalMilliseconds;
        if (signals > RecorderState.KeysKept && left > 0)
        {
            _world.After(random, left * 0.8, left, () => RepeatEarliest(recorder));
        }
    }

    /// <summary>A source that sends again what its recorder has no longer in memory.</summary>
    private void RepeatEarliest(SimRecorder recorder)
    {
        foreach (var (_, signalId, parsed, body) in _named.Where(sent => sent.Recorder == recorder).Take(20))
        {
            Deliver(recorder, $"{signalId}late", parsed, body, isPoison: false);
        }
    }

    private void Send(SimRecorder recorder, int number)
    {
        var random = _streams.For(recorder.Id.Key, number);
        var parsed = DrawSignal(random, number);
        if (_sendsLate && parsed is not null && random.Chance(0.4))
        {
            parsed = parsed with { SentAt = _world.Now - TimeSpan.FromMilliseconds(random.Next(40_000)) };
        }

        var body = random.Chance(0.1) ? $"same-{random.Next(3)}" : $"body-{number}";
        var isPoison = random.Chance(0.01);
        var suffix = random.Chance(0.01) ? FlakyBehavior.PoisonForAccounts : "";
        var name = $"{Prefix}{recorder.Number}{number:D4}";
        Deliver(recorder, $"{name}{suffix}", parsed, body, isPoison);
        if (parsed?.Id is not null && !isPoison && suffix.Length == 0)
        {
            _named.Add((recorder, name, parsed, body));
        }

        // The source was not answered in time, or sends twice as a habit: the same body under a new delivery.
        for (var copy = 1; copy <= 3 && random.Chance(0.15); copy++)
        {
            var again = copy;
            _world.After(random, 1, 24_000, () => Deliver(recorder, $"{name}r{again}{suffix}", parsed, body, isPoison));
        }
    }

    private void Deliver(SimRecorder recorder, string signalId, ParsedSignal? parsed, string body, bool isPoison)
    {
        var agedFrom = parsed?.SentAt < _world.Now ? parsed.SentAt.Value : _world.Now;
        Deliveries[signalId] = new Meaning($"{recorder.Id}/{body}", parsed?.Id, _world.Now, agedFrom);
        var raw = isPoison ? FlakyBehavior.PoisonText : body;
        _world.Door.Call(
            recorder.Id, new ReceiveSignal(signalId, _world.Now, "webhook", parsed, parsed is null ? "unreadable" : null, body, raw), reply => _world.Model.Acknowledge(recorder.Id, signalId, reply));
    }

    private static ParsedSignal? DrawSignal(Pcg32 random, int number)
    {
        var symbol = random.Chance(0.3) ? null : Symbols[random.Next(Symbols.Length)];
        var signal = new ParsedSignal
        {
            Source = SignalSource.Json,
            Symbol = symbol,
            Id = random.Chance(0.3) ? $"id-{number}" : null,
            Quantity = random.Chance(0.3) ? random.Next(4) + 1 : null,
            StopLossDistance = random.Chance(0.1) ? new Distance(DistanceUnit.Ticks, random.Next(20) + 1) : null,
            TakeProfitDistance = random.Chance(0.1) ? new Distance(DistanceUnit.Percent, random.Next(20) + 1) : null,
        };
        var shape = random.Next(24);
        return shape switch
        {
            < 6 => signal with { Action = SignalAction.Buy },
            < 10 => signal with { Action = SignalAction.Sell },
            < 13 => signal with { Action = SignalAction.Close },
            < 15 => signal with { Action = SignalAction.Reverse, Quantity = null },
            < 18 => signal with { TargetPosition = random.Next(9) - 4, Quantity = null },
            < 19 => signal with
            {
                Action = random.Chance(0.5) ? SignalAction.Buy : SignalAction.Sell,
                OrderType = SignalOrderType.Limit,
                LimitPrice = 100m,
            },
            < 20 => signal with { Action = SignalAction.Add },
            < 21 => signal with { Action = SignalAction.Buy, ClosesFirst = true },
            < 22 => signal with { Action = SignalAction.Close, ClosePercent = 50m, Quantity = null },
            < 23 => signal with { Action = SignalAction.Close, Only = random.Chance(0.5) ? SignalStance.Long : SignalStance.Short },
            _ => null,
        };
    }

    // REST.

    private void PlanRequests(SimRecorder recorder) => Plan(
        DrawTimes(_streams.For("requests", recorder.Number), _usesRest ? 25 : 0), _options.Requests,
        number => UseRest(recorder, _streams.For($"request-{recorder.Number}", number), $"m{recorder.Number}{number:D2}"));

    private void UseRest(SimRecorder recorder, Pcg32 random, string clOrdId)
    {
        if (Accounts.IsEmpty)
        {
            return;
        }

        var account = Accounts[random.Next(Accounts.Length)];
        if (!_opened.Contains(account.Id))
        {
            return;
        }

        switch (random.Next(14))
        {
            case 0 or 1 or 2 or 3:
                PlaceManually(account, random, clOrdId);
                break;
            case 4 or 5 or 6:
                CancelManually(account, random);
                break;
            case 7:
                _world.Door.Call(account.Id, new FlattenAccount(), _ => { });
                break;
            case 8:
                Halt(account, random);
                break;
            case 9 or 10 when !Subscriptions.IsEmpty:
                var subscription = Subscriptions[random.Next(Subscriptions.Length)];
                if (_opened.Contains(subscription.Account.Id))
                {
                    ChangeSubscription(subscription, random);
                }

                break;
            case 11:
                _world.Door.Call(recorder.Id, new PauseRecorder(random.Chance(0.3)), _ => { });
                break;
            default:
                _world.Door.Call(recorder.Id, new ChangeRecorder(recorder.Id.Key, "ES1!", DrawSettings(random)), _ => { });
                break;
        }
    }

    /// <summary>As the door does: answered when the connection has withdrawn what was not sent, and the account knows it.</summary>
    private void Halt(SimAccount account, Pcg32 random) => _world.Door.Call(account.Id, new HaltAccount("by hand"), reply =>
    {
        // Resumed by somebody else meanwhile, now and then before the halt was answered.
        _world.After(random, 100, 8_000, () => _world.Door.Call(account.Id, new ResumeAccount(), _ => { }));
        if (reply is HaltTaken taken)
        {
            _world.Door.Call(taken.Connection, new WithdrawEntries(taken.Halts), withdrawn => _world.Door.Call(account.Id, withdrawn, _ => { }));
        }
    });

    // Operations over all accounts.

    private void PlanOperations()
    {
        var random = _streams.For("operations");
        Plan(DrawTimes(random, random.Chance(0.4) ? random.Next(3) + 1 : 0), _options.Operations, Operate);
    }

    private void Operate(int number)
    {
        var random = _streams.For("operation", number);
        var id = new EntityId(random.Chance(0.5) ? _tenant : Operation.InstallationTenant, EntityKind.Operation, $"op{(_tenant == SimWorld.Tenant ? "" : Prefix)}{number}");
        var kind = random.Chance(0.5) ? OperationKind.FlattenAll : OperationKind.HaltAll;
        var accounts = Accounts.Select(account => account.Id);
        var start = new StartOperation(
            kind, OperationScope.Tenant, random.Chance(0.1) ? FlakyBehavior.PoisonText : "storm",
            [.. random.Chance(0.2) ? accounts.Append(new EntityId(_tenant, EntityKind.Account, "gone")) : accounts]);
        _world.Door.Call(id, start, _ =>
        {
            foreach (var account in kind == OperationKind.HaltAll ? Accounts : [])
            {
                _world.After(random, 10, 8_000, () => _world.Door.Call(account.Id, new ResumeAccount(), _ => { }));
            }
        });
    }

    private void PlaceManually(SimAccount account, Pcg32 random, string clOrdId)
    {
        var isLimit = random.Chance(0.5);
        var terms = new OrderTerms(
            random.Chance(0.7) ? "ESH2026" : "AAPL", random.Chance(0.5) ? Side.Buy : Side.Sell, isLimit ? OrdType.Limit : OrdType.Market,
            random.Next(3) + 1, isLimit ? 100m : null);
        _manual.Add((account, clOrdId));
        _world.Door.Call(account.Id, new PlaceManualOrder(clOrdId, terms), _ => { });
    }

    private void CancelManually(SimAccount account, Pcg32 random)
    {
        var own = _manual.Where(order => order.Account == account).Select(order => order.ClOrdId).ToArray();
        var any = _world.Model.Account(account.Id).Orders.Keys.ToArray();
        var from = own.Length > 0 && random.Chance(0.7) ? own : any;
        if (from.Length > 0)
        {
            _world.Door.Call(account.Id, new CancelManually(from[random.Next(from.Length)]), _ => { });
        }
    }

    /// <summary>As the door does: the recorder first, and answered only when the account has stored it too (PROTOCOL 5).</summary>
    private void ChangeSubscription(SimSubscription subscription, Pcg32 random)
    {
        object change = random.Chance(0.1)
            ? new RemoveSubscription(subscription.Id)
            : new PutSubscription(subscription.Id, subscription.Account.Id, DrawMultiplier(random), random.Chance(0.6), DrawOverrides(random));
        _world.Door.Call(subscription.Recorder.Id, change, reply =>
        {
            if (reply is SubscriptionStored stored)
            {
                _world.Door.Call(
                    subscription.Account.Id, new SetSubscription(stored.SubscriptionId, subscription.Recorder.Id.Key, stored.Version, stored.IsEnabled), _ => { });
            }
        });
    }

    private static Settings DrawSettings(Pcg32 random) => new(
        new SizingSettings(random.Next(3) + 1, random.Chance(0.5) ? random.Next(2) + 1 : null),
        DrawTakeProfit(random),
        DrawStopLoss(random),
        Filters: random.Chance(0.3) ? DrawFilters(random) : null,
        EntryMaxAgeSeconds: random.Chance(0.3) ? 3 : null,
        DedupWindowSeconds: random.Chance(0.2) ? 0 : null,
        Inverse: random.Chance(0.3) ? true : null);

    private static Settings? DrawOverrides(Pcg32 random) => random.Chance(0.6) ? null : new(
        random.Chance(0.3) ? DrawSizing(random) : null,
        DrawTakeProfit(random),
        DrawStopLoss(random),
        Filters: random.Chance(0.4) ? DrawFilters(random) : null,
        Inverse: random.Chance(0.2) ? random.Chance(0.5) : null);

    private static SizingSettings DrawSizing(Pcg32 random) => random.Next(4) switch
    {
        0 => new SizingSettings(random.Next(3) + 1, 1m),
        1 => new SizingSettings(100m * (random.Next(5) + 1), 100m, SizingUnit.RiskAmount),
        2 => new SizingSettings(0.5m * (random.Next(4) + 1), 0.5m, SizingUnit.RiskPercent),
        _ => new SizingSettings(10m * (random.Next(4) + 1), 10m, SizingUnit.PercentOfEquity),
    };

    private static StopLossSettings? DrawStopLoss(Pcg32 random) =>
        random.Chance(0.5) ? null : new StopLossSettings((DistanceUnit)random.Next(3), random.Next(8) + 1);

    private static TakeProfitSettings? DrawTakeProfit(Pcg32 random) => random.Next(6) switch
    {
        0 => new TakeProfitSettings(DistanceUnit.Ticks, [new(random.Next(20) + 4)]),
        1 => new TakeProfitSettings(DistanceUnit.Points, [new(2m, Percent: 50m), new(4m, Percent: 50m)]),
        2 => new TakeProfitSettings(DistanceUnit.Percent, [new(1m, Quantity: 1m), new(2m, Quantity: 1m), new(5m, Quantity: 2m)]),
        _ => null,
    };

    /// <summary>The run begins at 15:00 UTC, and a window may end in the midst of it.</summary>
    private static FilterSettings DrawFilters(Pcg32 random) => random.Next(6) switch
    {
        0 => new FilterSettings(CooldownSeconds: random.Next(5) + 1),
        1 => new FilterSettings(MaxSignalsPerSession: random.Next(8) + 1),
        2 => new FilterSettings(MaxContractsPerTrade: random.Next(3) + 1),
        3 => new FilterSettings(EveryNthSignal: random.Next(2) + 2),
        4 => new FilterSettings(MaxDailyLoss: 200m),
        _ => new FilterSettings(Windows: [new WindowSettings("14:00", "15:01", "Etc/UTC", FlattenAtEnd: true), new WindowSettings("15:02", "23:00", "Etc/UTC")]),
    };

    private static decimal DrawMultiplier(Pcg32 random) => random.Next(3) switch { 0 => 1m, 1 => 2m, _ => 0.5m };

    private SimAccount DrawAccount(Pcg32 random, int i)
    {
        var traits = new BrokerTraits(
            random.Chance(0.6), TimeSpan.FromMilliseconds(random.Next(1_500) + 300), TimeSpan.FromMilliseconds(random.Next(1_000)));
        var limits = random.Chance(0.3)
            ? new AccountLimits(new PositionLimits(random.Next(8) + 2), MaxDailyLoss: random.Chance(0.3) ? 500m : null)
            : AccountLimits.None;
        limits = _limitsOrders
            ? limits with { MaxOrderQuantity = random.Next(4) + 2, MaxOpenOrders = random.Next(6) + 2, MaxDailyLoss = 50m * (random.Next(6) + 1) }
            : limits;
        return new SimAccount(
            new EntityId(_tenant, EntityKind.Account, $"acc{i}"), new EntityId(_tenant, EntityKind.Connection, $"acc{i}"),
            BrokerProfile.Draw(traits, random.Chance(0.7), random.Chance(0.5), random), limits, i);
    }

    /// <summary>Null when the account does not subscribe to the recorder.</summary>
    private SimSubscription? DrawSubscription(SimRecorder recorder, SimAccount account)
    {
        var id = $"{recorder.Id.Key}-{account.Id.Key}";
        var random = _streams.For(id);
        if (!random.Chance(0.8))
        {
            return null;
        }

        var (multiplier, overrides) = (DrawMultiplier(random), DrawOverrides(random));
        overrides = random.Chance(_trading) ? overrides : (overrides ?? Settings.None) with { Blocked = true };
        return new SimSubscription(id, recorder, account, new PutSubscription(id, account.Id, multiplier, true, overrides));
    }
}
