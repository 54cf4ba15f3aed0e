using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <param name="enterBy">For the entry of a signal: after this it is too old.</param>
internal sealed class OrderModel(string owner, OrderPurpose purpose, OrderTerms terms, long halts, DateTimeOffset? enterBy)
{
    public DateTimeOffset? EnterBy { get; } = enterBy;

    /// <summary>How often the account had been halted when it was planned.</summary>
    public long Halts { get; } = halts;
    public string Owner { get; } = owner;
    public OrderPurpose Purpose { get; } = purpose;
    public OrderTerms Terms { get; } = terms;
    public decimal CumQty { get; set; }
    public OrdStatus Status { get; set; } = OrdStatus.Planned;
    public bool IsCancelAsked { get; set; }
    public bool IsOver => Status.IsTerminal;
    public decimal Leaves => IsOver ? 0m : Terms.OrderQty - CumQty;
}

/// <summary>One account by its stored events: what it owns, owes and has promised.</summary>
internal sealed class AccountModel(EntityId id)
{
    private readonly SortedDictionary<string, (int Version, bool IsEnabled)> _subscriptions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, decimal> _goals = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _crossed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (bool HasStop, DateTimeOffset? FlattenAt)> _protected = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FanOutModel> _fanOuts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, DateTimeOffset> _retries = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _queued = new(StringComparer.Ordinal);
    private readonly LimitModel _limits = new();
    private readonly SortedDictionary<EntityId, (SortedSet<string> Keys, long Halts)> _operations = [];
    private bool _isHalted;

    public EntityId Id { get; } = id;
    public EntityId ConnectionId { get; } = new(id.Tenant, EntityKind.Connection, id.Key);
    public int Halts { get; private set; }

    /// <summary>The latest halt that is said to be complete.</summary>
    public long ConfirmedHalts { get; private set; }

    /// <summary>Operations of which everything is said to have come true here.</summary>
    public SortedSet<EntityId> Settled { get; } = [];

    public SortedDictionary<string, OrderModel> Orders { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, decimal> Shares { get; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, decimal> Positions { get; } = new(StringComparer.Ordinal);
    public SortedSet<string> ExecIds { get; } = new(StringComparer.Ordinal);

    public int VersionOf(string subscriptionId) => _subscriptions.TryGetValue(subscriptionId, out var known) ? known.Version : -1;

    /// <summary>How many fan-outs of this lane have been taken or set aside.</summary>
    public int Taken(string lane) => _taken.GetValueOrDefault(lane);

    public int Owners(string symbol) => Orders.Values.Where(order => order.Terms.Symbol == symbol).Select(order => order.Owner).Distinct().Count();

    public void Stored(AccountEvent @event, WorldModel world)
    {
        switch (@event)
        {
            case AccountOpened e:
                _limits.Limits = e.Limits;
                break;
            case LimitsChanged e:
                _limits.Limits = e.Limits;
                break;
            case AccountHalted:
                (_isHalted, Halts) = (true, Halts + 1);
                break;
            case HaltConfirmed e:
                ConfirmedHalts = e.Halts;
                RequireTrue(world.Connection(ConnectionId).Halts >= e.Halts, $"confirms halt {e.Halts} and its connection has not stored it");
                break;
            case OperationTaken e:
                Take(e);
                break;
            case OperationSettled e:
                Settle(e);
                break;
            case AccountResumed:
                _isHalted = false;
                break;
            case SubscriptionSet e:
                _subscriptions[e.SubscriptionId] = (e.Version, e.IsEnabled);
                break;
            case SignalTaken e:
                Pass(e.RecorderId, e.SubscriptionId, e.Number, e.SignalId, world);
                CheckAddition(e);
                break;
            case OrderPlanned e:
                Plan(e, world);
                break;
            case CancelAsked e:
                Orders[e.ClOrdId].IsCancelAsked = true;
                break;
            case CloseAsked e:
                AskClose(e);
                break;
            case CloseDelayed e:
                _retries[Key(e.Owner, e.Symbol)] = e.RetryAt;
                break;
            case EntryQueued e:
                _queued.Add(Key(e.Owner, e.Symbol));
                break;
            case EntryDropped e:
                _queued.Remove(Key(e.Owner, e.Symbol));
                break;
            case SharesNetted e:
                Net(e);
                break;
            case ProtectionSet e:
                _protected[Key(e.Owner, e.Symbol)] = (e.StopPx is not null, e.FlattenAt);
                break;
            case CloseReached e:
                Reach(e);
                break;
            case OrderChanged e:
                Orders[e.ClOrdId].Status = e.Status;
                CheckEnd(e, world);
                break;
            case TradeBooked e:
                Book(e);
                break;
        }
    }

    /// <summary>A flatten: everything that is held or may still fill must have been down to nothing once. A halt: its confirmation.</summary>
    private void Take(OperationTaken e)
    {
        var keys = Shares.Where(share => share.Value != 0m).Select(share => share.Key)
            .Concat(Orders.Values.Where(order => !order.IsOver).Select(order => Key(order.Owner, order.Terms.Symbol)));
        _operations.Add(e.Operation, (e.Kind == OperationKind.FlattenAll ? new(keys, StringComparer.Ordinal) : [], e.Kind == OperationKind.HaltAll ? Halts : 0));
    }

    private void Settle(OperationSettled e)
    {
        RequireTrue(_operations.Remove(e.Operation, out var open), $"reports {e.Operation}, which is not open");
        RequireTrue(open.Keys.Count == 0, $"reports {e.Operation} as done, and {string.Join(' ', open.Keys)} has not been flat");
        RequireTrue(ConfirmedHalts >= open.Halts, $"reports {e.Operation} as done, and halt {open.Halts} is not confirmed");
        Settled.Add(e.Operation);
    }

    private void RequireTrue(bool holds, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure("OperationsAreTrue", $"{Id} {what}.");
        }
    }

    /// <summary>The lane's next fan-out has been judged, or set aside for good.</summary>
    public void Pass(string recorderKey, string lane, long number, string? signalId, WorldModel world)
    {
        var place = _taken.GetValueOrDefault(lane);
        var expected = world.Expected(Id, recorderKey, lane, place);
        if (expected is null || expected.Number != number || (signalId is not null && expected.SignalId != signalId))
        {
            throw new SimulationFailure("FanOutOnceInOrder", $"{Id} took {signalId} as {number} of {lane}, where {expected} must stand.");
        }

        world.Delivered();
        _taken[lane] = place + 1;
        _fanOuts[Key(lane, expected.SignalId)] = expected;
    }

    public string? Unsettled(LaneModel lane) => _taken.GetValueOrDefault(lane.Lane) < lane.FanOuts.Count
        ? $"{Id} has taken {_taken.GetValueOrDefault(lane.Lane)} of {lane.FanOuts.Count} fan-outs of {lane.Lane}."
        : null;

    public string? Unsettled(IBrokerBook broker, DateTimeOffset now)
    {
        foreach (var (clOrdId, order) in Orders)
        {
            if (order.IsOver || order.Status == OrdStatus.Abandoned)
            {
                continue;
            }

            if (broker.Orders.FirstOrDefault(booked => booked.ClOrdId == clOrdId) is not { IsWorking: true } || order.IsCancelAsked
                || order.Status is not (OrdStatus.Working or OrdStatus.PartiallyFilled))
            {
                return $"{Id} sees {clOrdId} as {order.Status}{(order.IsCancelAsked ? ", to be canceled" : "")}, and it is not so at the broker.";
            }
        }

        if (broker.Orders.FirstOrDefault(booked => booked.IsWorking && Orders[booked.ClOrdId].IsOver) is { } ghost)
        {
            return $"{Id} was told that {ghost.ClOrdId} is over, and it works at the broker.";
        }

        // An order that nobody can account for holds up its share until a person settles it.
        return Shares.Keys.Union(_goals.Keys).Where(share => !Orders.Values.Any(order => order.Status == OrdStatus.Abandoned && Key(order.Owner, order.Terms.Symbol) == share))
            .Select(share => Unsettled(share, now)).FirstOrDefault(open => open is not null);
    }

    private string? Unsettled(string share, DateTimeOffset now)
    {
        var held = Shares.GetValueOrDefault(share);
        if (_goals.TryGetValue(share, out var goal))
        {
            return $"{Id} has not brought {share} ({held}) down to {goal}.";
        }

        var (hasStop, flattenAt) = _protected.GetValueOrDefault(share);
        if (held != 0m && flattenAt <= now)
        {
            return $"{Id} still holds {held} of {share} after the window that ended at {flattenAt:O}.";
        }

        var resting = Orders.Values.Where(order => order.Purpose == OrderPurpose.Protection && Key(order.Owner, order.Terms.Symbol) == share).Sum(order => order.Leaves);
        var manual = Shares.GetValueOrDefault(Key(AccountState.Manual, share.Split('|')[1]));
        var against = Math.Sign(manual) == -Math.Sign(held) ? Math.Abs(manual) : 0m;
        return held != 0m && hasStop && resting < Math.Abs(held) - against
            ? $"{Id} holds {held} of {share}, {against} of it sold by hand, and only {resting} is protected."
            : resting > Math.Abs(held) ? $"{Id} holds {held} of {share}, and {resting} rests to close it." : null;
    }

    public static string Key(string owner, string symbol) => $"{owner}|{symbol}";

    /// <summary>When it must be loaded at the latest: to close again what was refused, or what a window's end closes.</summary>
    public (DateTimeOffset? Due, string? Why) DueAt()
    {
        var due = _retries.Select(retry => (retry.Value, Why: $"{retry.Key} is to be closed again"))
            .Concat(_protected.Where(share => share.Value.FlattenAt is not null && !_goals.ContainsKey(share.Key) && Shares.GetValueOrDefault(share.Key) != 0m)
                .Select(share => (share.Value.FlattenAt!.Value, Why: $"the window of {share.Key} ends")))
            .OrderBy(due => due.Item1).ToArray();
        return due is [var first, ..] ? first : (null, null);
    }

    /// <summary>A signal closes what its own subscription holds, and nothing else (PROTOCOL 13).</summary>
    private void AskClose(CloseAsked e)
    {
        if (e.SignalId is { } signalId && !_fanOuts.ContainsKey(Key(e.Owner, signalId)))
        {
            throw new SimulationFailure("SharesAreApart", $"{signalId} closes {e.Symbol} of {e.Owner}, to which it was not fanned out.");
        }

        _goals[Key(e.Owner, e.Symbol)] = e.DownTo;
        _retries.Remove(Key(e.Owner, e.Symbol));
        _queued.Remove(Key(e.Owner, e.Symbol));
    }

    /// <summary>What adds needs something to add to: held, being entered, or waiting to be.</summary>
    private void CheckAddition(SignalTaken e)
    {
        var plan = _fanOuts[Key(e.SubscriptionId, e.SignalId)].Plan;
        var key = Key(e.SubscriptionId, plan.HeldSymbol ?? plan.Symbol);
        if (plan.IsAdd && e is { Outcome: SignalOutcome.Ordered, Reason: null } && Shares.GetValueOrDefault(key) == 0m && !_queued.Contains(key)
            && !Orders.Values.Any(order => order.Purpose == OrderPurpose.Entry && order.Leaves > 0m && Key(order.Owner, order.Terms.Symbol) == key))
        {
            throw new SimulationFailure("AdditionsNeedAShare", $"{e.SignalId} adds to {key}, which is flat.");
        }
    }

    private void Plan(OrderPlanned e, WorldModel world)
    {
        var signal = e.SignalId is { } id ? _fanOuts.GetValueOrDefault(Key(e.Owner, id)) : null;
        var order = new OrderModel(e.Owner, e.Purpose, e.Terms, Halts, e.Purpose == OrderPurpose.Entry ? signal?.EnterBy : null);
        if (e.Purpose == OrderPurpose.Entry)
        {
            _queued.Remove(Key(e.Owner, e.Terms.Symbol));
        }

        if (!Orders.TryAdd(e.ClOrdId, order))
        {
            throw new SimulationFailure("NothingTwice", $"{Id} has planned {e.ClOrdId} twice.");
        }

        if (e.Purpose != OrderPurpose.Entry)
        {
            _retries.Remove(Key(e.Owner, e.Terms.Symbol));
            CheckExit(e);
            return;
        }

        var isReducing = Reduces(e);
        if (_isHalted && !(isReducing && e.Owner == AccountState.Manual))
        {
            throw new SimulationFailure("HaltHolds", $"{Id} is halted and has planned the entry {e.ClOrdId}.");
        }

        if (_subscriptions.TryGetValue(e.Owner, out var subscription) && !subscription.IsEnabled)
        {
            throw new SimulationFailure("DisabledMakesNoEntries", $"{e.Owner} is disabled and has planned the entry {e.ClOrdId}.");
        }

        if (signal?.Side is { } side && side != e.Terms.Side)
        {
            throw new SimulationFailure("AcceptanceFixesMeaning", $"{e.ClOrdId} is a {e.Terms.Side}; its signal {e.SignalId} was accepted as a {side}.");
        }

        if (signal?.EnterBy < e.At)
        {
            throw new SimulationFailure("LateIsNotTraded", $"{e.ClOrdId} is planned at {e.At:O}; its signal {e.SignalId} was to be entered by {signal.EnterBy:O}.");
        }

        if (_limits.Broken(e, this, isReducing) is { } limit)
        {
            throw new SimulationFailure("LimitsHold", $"{Id} plans {e.ClOrdId} ({e.Terms}): {limit}.");
        }
    }

    /// <summary>A trade that somebody made at the broker, or of an order of ours from another life, is nobody's here.</summary>
    private void CheckForeign(TradeBooked e)
    {
        if (e.Owner != AccountState.Manual || !e.ClOrdId.StartsWith("broker:", StringComparison.Ordinal))
        {
            throw new SimulationFailure("FillsBookedRight", $"{e.ExecId} of {e.ClOrdId}, which {Id} never planned, is booked on {e.Owner}.");
        }
    }

    /// <summary>What is told as over works nowhere: a rejected order that fills, or two exits for one share, begin here.</summary>
    private void CheckEnd(OrderChanged e, WorldModel world)
    {
        if (e.Status.IsTerminal && world.IsWorkingAtBroker(ConnectionId, e.ClOrdId))
        {
            throw new SimulationFailure("EndsAreTrue", $"{e.ClOrdId} is told as {e.Status} ({e.Reason}), and works at the broker.");
        }
    }

    /// <summary>Closing and resident orders together never exceed what is held (PROTOCOL 2).</summary>
    private void CheckExit(OrderPlanned e)
    {
        var share = Shares.GetValueOrDefault(Key(e.Owner, e.Terms.Symbol));
        var resident = Orders.Where(other => other.Key != e.ClOrdId).Select(other => other.Value)
            .Where(other => other.Owner == e.Owner && other.Terms.Symbol == e.Terms.Symbol && other.Terms.Side == e.Terms.Side)
            .Sum(other => other.Leaves);
        if (Math.Sign(share) != -e.Terms.Side.Sign || e.Terms.OrderQty + resident > Math.Abs(share))
        {
            throw new SimulationFailure(
                "CloseNeverOpens", $"{e.ClOrdId} closes {e.Terms.Side} {e.Terms.OrderQty} beside {resident} resident, and {e.Owner} holds {share} {e.Terms.Symbol}.");
        }
    }

    /// <summary>Only what a person traded against a subscription is netted, and never beyond either share.</summary>
    private void Net(SharesNetted e)
    {
        var (share, against) = (Key(e.Owner, e.Symbol), Key(e.Against, e.Symbol));
        var (held, opposite) = (Shares.GetValueOrDefault(share), Shares.GetValueOrDefault(against));
        if (Math.Sign(held) != -Math.Sign(opposite) || e.Quantity <= 0m || e.Quantity > Math.Min(Math.Abs(held), Math.Abs(opposite))
            || (e.Owner == AccountState.Manual) == (e.Against == AccountState.Manual))
        {
            throw new SimulationFailure("NettingChangesNothing", $"{e.Quantity} of {share} ({held}) is netted against {against} ({opposite}).");
        }

        Shares[share] = held - (Math.Sign(held) * e.Quantity);
        Shares[against] = opposite - (Math.Sign(opposite) * e.Quantity);
    }

    /// <summary>An order that only brings the position nearer to flat, whatever else on its side fills.</summary>
    private bool Reduces(OrderPlanned e)
    {
        var working = Orders.Where(other => other.Key != e.ClOrdId).Select(other => other.Value)
            .Where(other => other.Terms.Symbol == e.Terms.Symbol && other.Terms.Side == e.Terms.Side
                && !(other.Purpose == OrderPurpose.Protection && other.Terms.ReduceOnly))
            .Sum(other => other.Leaves);
        return (Positions.GetValueOrDefault(e.Terms.Symbol) * -e.Terms.Side.Sign) - working >= e.Terms.OrderQty;
    }

    private void Reach(CloseReached e)
    {
        var key = Key(e.Owner, e.Symbol);
        _retries.Remove(key);
        if (Math.Abs(Shares.GetValueOrDefault(key)) > _goals[key])
        {
            throw new SimulationFailure("GoalsStand", $"{key} is said to be down to {_goals[key]}, and is {Shares[key]}.");
        }

        if (_goals.Remove(key, out var goal) && goal == 0m && !Orders.Values.Any(order => !order.IsOver && Key(order.Owner, order.Terms.Symbol) == key))
        {
            foreach (var open in _operations.Values)
            {
                open.Keys.Remove(key);
            }
        }
    }

    private void Book(TradeBooked e)
    {
        if (!ExecIds.Add(e.ExecId))
        {
            throw new SimulationFailure("FillsBookedOnce", $"{Id} has booked {e.ExecId} twice.");
        }

        var signed = e.LastQty * e.Side.Sign;
        var key = Key(e.Owner, e.Symbol);
        var before = Shares.GetValueOrDefault(key);
        Shares[key] = before + signed;
        if (Math.Sign(before) != Math.Sign(Shares[key]))
        {
            _protected.Remove(key);
        }

        Positions[e.Symbol] = Positions.GetValueOrDefault(e.Symbol) + signed;
        if (!Orders.TryGetValue(e.ClOrdId, out var order))
        {
            CheckForeign(e);
            _crossed.Add(key); // Whatever is on its way to close the share did not reckon with it.
            return;
        }

        if (order.Owner != e.Owner)
        {
            throw new SimulationFailure("FillsBookedRight", $"{e.ExecId} of {e.ClOrdId} is booked on {e.Owner}, which is {order.Owner}'s.");
        }

        // Its own cancel, or one that the broker made unasked.
        if (order.IsOver || (order.Purpose == OrderPurpose.Entry && order.IsCancelAsked))
        {
            _crossed.Add(key);
        }

        order.CumQty += e.LastQty;
        if (order.CumQty > order.Terms.OrderQty)
        {
            throw new SimulationFailure("FillsBookedOnce", $"{e.ClOrdId} has filled {order.CumQty} of {order.Terms.OrderQty}.");
        }

        if (order.CumQty == order.Terms.OrderQty)
        {
            order.Status = OrdStatus.Filled;
        }
        else if (!order.IsOver)
        {
            order.Status = OrdStatus.PartiallyFilled;
        }

        if (order.Purpose != OrderPurpose.Entry && Math.Abs(before) < e.LastQty && !_crossed.Contains(key))
        {
            throw new SimulationFailure("CloseNeverOpens", $"{e.ClOrdId} took {key} from {before} to {Shares[key]}, and no fill has crossed a cancel.");
        }
    }
}
