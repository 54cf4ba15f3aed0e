using System.Collections.Immutable;
using System.Diagnostics;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Connections;

/// <summary>
/// The rules of a broker connection: an intent is stored before the broker is called, only the activation that stored it may send it, and an
/// unknown outcome is settled by asking (PROTOCOL 1). Calls about one order are made one after another.
/// </summary>
public static class Connection
{
    /// <summary>How long after its intent was stored an order may still be written to the broker's socket.</summary>
    public static readonly TimeSpan SendWindow = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstFind = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastFind = TimeSpan.FromSeconds(30);

    public static Reaction Decide(ConnectionState state, object message, EntityId? sender, bool isStoredExecution, DateTimeOffset now) =>
        message switch
        {
            LinkAccount link => state.Settings is null ? Emit(new ConnectionOpened(link.Settings, link.Traits, sender!.Value)) : Reaction.Nothing,
            PlaceOrder place => Place(state, place, sender!.Value, now),
            RequestCancel cancel => Cancel(state, cancel, sender!.Value, now),
            WithdrawEntries withdraw => Withdraw(state, withdraw, sender),
            Activated => Recover(state, now),
            ReportReceived received => Book(state, received.Report, isStoredExecution),
            SnapshotTaken taken => Reconciliation.Compare(state, taken, now),
            GetConnection => Reaction.Answer(new ConnectionView(state.Settings?.Broker ?? "", [.. state.Open], state.Cursor, [.. state.Drifts.Values])),
            SubmitAccepted m => About(state, m.ClOrdId, order => Accept(order, m.Ack.BrokerOrderId, now)),
            SubmitRejected m => About(state, m.ClOrdId, order => End(order, OrderUpdateKind.Rejected, m.Reason, now)),
            SubmitNotSent m => About(state, m.ClOrdId, order => End(order, OrderUpdateKind.Rejected, $"NotSent: {m.Reason}", now)),
            SubmitOutcomeUnknown m => About(state, m.ClOrdId, order => LoseTrack(order, m.Reason, now)),
            CancelAnswered m => About(state, m.ClOrdId, order => TakeCancelAnswer(order, m, now)),
            FindAnswered m => About(state, m.ClOrdId, order => TakeFindAnswer(state, order, m, now)),
            FindFailed m => About(state, m.ClOrdId, order => order.Phase == OrderPhase.Unknown ? Emit(new FindRepeated(m.ClOrdId, NextFind(order, now))) : Reaction.Nothing),
            _ => throw new UnreachableException($"No rule for {message.GetType().Name}."),
        };

    private static Reaction About(ConnectionState state, string clOrdId, Func<OrderInFlight, Reaction> rule) =>
        state.Orders.TryGetValue(clOrdId, out var order) ? rule(order) : Reaction.Nothing;

    private static Reaction Place(ConnectionState state, PlaceOrder place, EntityId account, DateTimeOffset now)
    {
        if (state.Orders.ContainsKey(place.ClOrdId))
        {
            return Reaction.Nothing; // Numbered delivery makes this impossible from one account; a second account must not take over the id.
        }

        if (place.ValidUntil < now)
        {
            return Tell(account, Update(place.ClOrdId, OrderUpdateKind.Expired, now, reason: "Late"));
        }

        if (IsHalted(state, place.Purpose, place.Halts))
        {
            return Tell(account, Update(place.ClOrdId, OrderUpdateKind.Canceled, now, reason: "Halted before it was sent"));
        }

        return Emit(new IntentStored(place.ClOrdId, account, place.Terms, place.Purpose, place.ValidUntil, now, now + SendWindow, place.Halts));
    }

    /// <summary>
    /// The halt counts that an order carries fence it: whether the halt, its cancel or the order arrives first, and whether the account has been resumed
    /// meanwhile, makes no difference. What is stored already counts as sent and is canceled by a request of its own.
    /// </summary>
    private static bool IsHalted(ConnectionState state, OrderPurpose purpose, long halts) => purpose == OrderPurpose.Entry && halts < state.Halts;

    private static Reaction Withdraw(ConnectionState state, WithdrawEntries withdraw, EntityId? account)
    {
        var withdrawn = new EntriesWithdrawn(withdraw.Halts);
        return new Reaction(
            withdraw.Halts > state.Halts ? [new EntriesHalted(withdraw.Halts)] : [],
            account is { } asker ? [new Outgoing(asker, withdrawn)] : [],
            withdrawn);
    }

    private static Reaction Cancel(ConnectionState state, RequestCancel cancel, EntityId account, DateTimeOffset now)
    {
        if (!state.Orders.TryGetValue(cancel.ClOrdId, out var order) || order.Phase is OrderPhase.Done)
        {
            // Finished or never begun: its end has been told already, or is on its way in front of this answer.
            return Tell(account, Update(cancel.ClOrdId, OrderUpdateKind.CancelRejected, now, reason: "Not working"));
        }

        return order.Phase == OrderPhase.Abandoned ? Emit(new SettleRequested(cancel.ClOrdId, now))
            : order.CancelAttempt > 0 ? Reaction.Nothing : Emit(new CancelRequested(cancel.ClOrdId));
    }

    /// <summary>A new activation sends nothing that an earlier one meant to send: it can only ask.</summary>
    private static Reaction Recover(ConnectionState state, DateTimeOffset now)
    {
        var events = ImmutableArray.CreateBuilder<object>();
        var sends = ImmutableArray.CreateBuilder<Outgoing>();
        foreach (var order in state.Open.Where(order => order.Phase == OrderPhase.Intent))
        {
            var lost = LoseTrack(order, "Restarted while it was being sent", now);
            events.AddRange(lost.Events);
            sends.AddRange(lost.Sends);
        }

        foreach (var order in state.Open.Where(order => order.Phase == OrderPhase.Working && order.CancelAttempt > 0 && !order.CancelIsOut))
        {
            events.Add(new OutcomeUnknown(order.ClOrdId, "Restarted while its cancel was being sent", now + FirstFind));
        }

        return new Reaction(events.ToImmutable(), sends.ToImmutable(), null);
    }

    private static Reaction Accept(OrderInFlight order, string brokerOrderId, DateTimeOffset now) =>
        order.Phase is OrderPhase.Intent or OrderPhase.Unknown or OrderPhase.Abandoned
            ? Emit(new OrderAcknowledged(order.ClOrdId, brokerOrderId)) with
            {
                Sends = [new(order.Account, Update(order.ClOrdId, OrderUpdateKind.Accepted, now, brokerOrderId))],
            }
            : Reaction.Nothing; // The stream was faster than the answer.

    private static Reaction End(OrderInFlight order, OrderUpdateKind kind, string reason, DateTimeOffset now) =>
        order.Phase is OrderPhase.Intent or OrderPhase.Unknown
            ? Emit(new OrderEnded(order.ClOrdId, kind, reason)) with
            {
                Sends = [new(order.Account, Update(order.ClOrdId, kind, now, order.BrokerOrderId, reason))],
            }
            : Reaction.Nothing;

    private static Reaction LoseTrack(OrderInFlight order, string reason, DateTimeOffset now) =>
        order.Phase == OrderPhase.Intent
            ? Emit(new OutcomeUnknown(order.ClOrdId, reason, now + FirstFind)) with
            {
                Sends = [new(order.Account, Update(order.ClOrdId, OrderUpdateKind.Unknown, now, reason: reason))],
            }
            : Reaction.Nothing;

    private static Reaction TakeCancelAnswer(OrderInFlight order, CancelAnswered answered, DateTimeOffset now)
    {
        if (order.Phase != OrderPhase.Working)
        {
            return Reaction.Nothing;
        }

        return answered.Answer == CancelAnswer.Accepted
            ? Emit(new CancelTaken(order.ClOrdId))
            // "Unknown order" may mean filled, canceled or not arrived: only the broker's own lists can tell.
            : Emit(new OutcomeUnknown(order.ClOrdId, answered.Reason ?? "Cancel not answered", now + FirstFind));
    }

    private static Reaction TakeFindAnswer(ConnectionState state, OrderInFlight order, FindAnswered answered, DateTimeOffset now)
    {
        if (order.Phase is not (OrderPhase.Unknown or OrderPhase.Abandoned))
        {
            return Reaction.Nothing;
        }

        if (answered.Order is { } found)
        {
            return Adopt(order, found, now);
        }

        if (answered.AskedAt < state.Traits!.NotPlacedFrom(order.SendBefore))
        {
            return Emit(new FindRepeated(order.ClOrdId, NextFind(order, now)));
        }

        return NotPlaced(state, order, now);
    }

    internal static Reaction Adopt(OrderInFlight order, BrokerOrder found, DateTimeOffset now)
    {
        var accepted = Emit(new OrderAcknowledged(order.ClOrdId, found.BrokerOrderId)) with
        {
            Sends = [new(order.Account, Update(order.ClOrdId, OrderUpdateKind.Accepted, now, found.BrokerOrderId))],
        };
        // An order that ended without (further) fills may have no report to come. One that has filled does: the stream brings it.
        var kind = found.Status switch
        {
            OrdStatus.Canceled => OrderUpdateKind.Canceled,
            OrdStatus.Rejected => OrderUpdateKind.Rejected,
            OrdStatus.Expired => OrderUpdateKind.Expired,
            _ => (OrderUpdateKind?)null,
        };
        return kind is { } ended && found.CumQty == order.CumQty
            ? new Reaction(
                [new OrderEnded(order.ClOrdId, ended, "Found finished")],
                [new(order.Account, Update(order.ClOrdId, ended, now, found.BrokerOrderId, "Found finished"))],
                null)
            : accepted;
    }

    /// <summary>The broker has been asked late enough and does not have it (PROTOCOL 1).</summary>
    private static Reaction NotPlaced(ConnectionState state, OrderInFlight order, DateTimeOffset now)
    {
        if (order.BrokerOrderId is not null)
        {
            // It was there once: brokers drop finished orders from their lists. Its reports tell the rest.
            return Emit(new FindRepeated(order.ClOrdId, NextFind(order, now)));
        }

        if (order.IsSettling)
        {
            return End(order, OrderUpdateKind.Canceled, "Not found at the broker; settled on request", now);
        }

        if (!state.Traits!.RefusesDuplicates)
        {
            return Emit(new IntentAbandoned(order.ClOrdId, "Not found")) with
            {
                Sends = [new(order.Account, Update(order.ClOrdId, OrderUpdateKind.Abandoned, now, reason: "Not found at a broker that does not refuse duplicates"))],
            };
        }

        if (order.CancelAttempt > 0)
        {
            return End(order, OrderUpdateKind.Canceled, "Canceled before it was placed", now);
        }

        if (IsHalted(state, order.Purpose, order.Halts))
        {
            return End(order, OrderUpdateKind.Canceled, "Halted before it was sent again", now);
        }

        return order.ValidUntil < now
            ? End(order, OrderUpdateKind.Expired, "Late", now)
            : Emit(new IntentRenewed(order.ClOrdId, now, now + SendWindow));
    }

    private static Reaction Book(ConnectionState state, BrokerReport report, bool isStoredExecution)
    {
        if (report.ClOrdId is null || isStoredExecution || !state.Orders.TryGetValue(report.ClOrdId, out var order) || order.ExecIds.Contains(report.ExecId))
        {
            return BookStray(state, report, isStoredExecution);
        }

        var update = report.ExecType switch
        {
            ExecType.New => order.Phase is OrderPhase.Working or OrderPhase.Done ? (OrderUpdateKind?)null : OrderUpdateKind.Accepted,
            ExecType.Trade => OrderUpdateKind.Trade,
            ExecType.Canceled => OrderUpdateKind.Canceled,
            ExecType.Rejected => OrderUpdateKind.Rejected,
            ExecType.Expired => OrderUpdateKind.Expired,
            // A corrected or busted fill is rare and needs a person: it must not pass unseen.
            _ => throw new NotSupportedException($"The broker reported {report.ExecType} for {report.ClOrdId} ({report.ExecRefId}): settle it by hand."),
        };
        var booked = Emit(new ReportBooked(report));
        if (report.ExecType == ExecType.New && order.IsUnseen)
        {
            var revived = Reconciliation.Revive(order, report.BrokerOrderId);
            return booked with { Events = [.. booked.Events, .. revived.Events], Warnings = revived.Warnings };
        }

        return update is { } kind
            ? booked with
            {
                Sends = [new(order.Account, new OrderUpdate(
                    order.ClOrdId, kind, report.BrokerOrderId, report.ExecId, report.LastQty, report.LastPx, report.Commission,
                    report.Reason, report.TransactTime, report.Symbol, report.Side))],
            }
            : booked;
    }

    /// <summary>
    /// A report that is known, or of an order that is not in the state. A fill of an order long finished must still reach its account, and so must one
    /// that somebody made at the broker, where a standing session tells of it.
    /// </summary>
    private static Reaction BookStray(ConnectionState state, BrokerReport report, bool isStoredExecution)
    {
        var isOurs = report.ClOrdId is { } clOrdId && (state.Orders.ContainsKey(clOrdId) || state.HasForgotten);
        var isNewFill = report.ExecType == ExecType.Trade && !isStoredExecution && !(report.ClOrdId is { } known && state.Orders.ContainsKey(known))
            && (isOurs || state.Traits is { StandingSession: true });
        if (!isNewFill)
        {
            return report.Cursor == state.Cursor ? Reaction.Nothing : Emit(new ReportPassed(report.Cursor));
        }

        return Emit(new ReportBooked(report)) with
        {
            Sends = [new(state.Account!.Value, new OrderUpdate(
                report.OrderName, OrderUpdateKind.Trade, report.BrokerOrderId, report.ExecId, report.LastQty, report.LastPx, report.Commission,
                report.Reason, report.TransactTime, report.Symbol, report.Side))],
        };
    }

    /// <summary>Folds one stored event into the state.</summary>
    public static ConnectionState Apply(ConnectionState state, ConnectionEvent @event) => @event switch
    {
        ConnectionOpened e => state with { Settings = e.Settings, Traits = e.Traits, Account = e.Account },
        IntentStored e => state with
        {
            Orders = state.Orders.Add(e.ClOrdId, new OrderInFlight(
                e.ClOrdId, e.Account, e.Terms, e.Purpose, e.ValidUntil, OrderPhase.Intent, 1, e.At, e.SendBefore,
                null, 0m, ImmutableSortedSet.Create<string>(StringComparer.Ordinal), 0, e.At, 0, false, Halts: e.Halts)),
        },
        IntentRenewed e => Change(state, e.ClOrdId, order => order with
        {
            Phase = OrderPhase.Intent,
            Attempt = order.Attempt + 1,
            IntentAt = e.At,
            SendBefore = e.SendBefore,
            Finds = 0,
        }),
        OrderAcknowledged e => Change(state, e.ClOrdId, order => order with
        {
            Phase = order.IsFinished ? order.Phase : OrderPhase.Working,
            BrokerOrderId = e.BrokerOrderId,
            CancelAttempt = order.CancelAttempt > 0 ? order.CancelAttempt + 1 : 0,
            CancelIsOut = false,
        }),
        OutcomeUnknown e => Change(state, e.ClOrdId, order => order with { Phase = OrderPhase.Unknown, Finds = 0, FindNotBefore = e.FindNotBefore }),
        FindRepeated e => Change(state, e.ClOrdId, order => order with { Finds = order.Finds + 1, FindNotBefore = e.FindNotBefore }),
        OrderEnded e => Finish(state, e.ClOrdId),
        IntentAbandoned e => Change(state, e.ClOrdId, order => order with { Phase = OrderPhase.Abandoned }),
        SettleRequested e => Change(state, e.ClOrdId, order => order with
        {
            Phase = OrderPhase.Unknown,
            Finds = 0,
            FindNotBefore = e.FindNotBefore,
            CancelAttempt = order.CancelAttempt + 1,
            IsSettling = true,
        }),
        EntriesHalted e => state with { Halts = e.Halts },
        CancelRequested e => Change(state, e.ClOrdId, order => order with { CancelAttempt = 1 }),
        CancelTaken e => Change(state, e.ClOrdId, order => order with { CancelIsOut = true }),
        ReportBooked e => Booked(Count(state with { Cursor = e.Report.Cursor }, e.Report), e.Report),
        ReportPassed e => state with { Cursor = e.Cursor },
        OrderRevived e => Change(state with { Finished = state.Finished.Remove(e.ClOrdId) }, e.ClOrdId, order => order with
        {
            Phase = OrderPhase.Working,
            BrokerOrderId = e.BrokerOrderId,
            CancelAttempt = order.CancelAttempt + 1,
            CancelIsOut = false,
            IsSettling = false,
        }),
        DriftSeen e => state with
        {
            Drifts = e.Quantity == 0m ? state.Drifts.Remove(e.Symbol) : state.Drifts.SetItem(e.Symbol, new Drift(e.Symbol, e.Quantity, e.At, IsConfirmed: false)),
        },
        DriftConfirmed e => state with { Drifts = state.Drifts.SetItem(e.Symbol, state.Drifts[e.Symbol] with { IsConfirmed = true }) },
        _ => throw new UnreachableException($"No fold for {@event.GetType().Name}."),
    };

    /// <summary>What must still be said to the broker.</summary>
    public static Pending Pending(ConnectionState state)
    {
        if (state is not { Settings: { } settings, Traits: { } traits } || !(traits.StandingSession || state.Open.Any()))
        {
            return Common.Pending.None;
        }

        var effects = ImmutableArray.CreateBuilder<Effect>();
        effects.Add(new Effect("session", new KeepSession(settings, state.Cursor, traits.StandingSession, traits.RequestTimeout)));
        foreach (var order in state.Open)
        {
            if (NextCall(state, settings, traits.RequestTimeout, order) is { } effect)
            {
                effects.Add(effect);
            }
        }

        return new Pending(effects.ToImmutable(), [], [], []);
    }

    /// <summary>At most one call per order at a time: a cancel never overtakes its own submit (PROTOCOL 2).</summary>
    private static Effect? NextCall(ConnectionState state, BrokerSettings settings, TimeSpan timeout, OrderInFlight order) => order.Phase switch
    {
        OrderPhase.Intent => new Effect(
            $"submit:{order.ClOrdId}:{order.Attempt}",
            new CallSubmit(settings, new SubmitOrder(order.ClOrdId, order.Terms, order.SendBefore, state.Cursor), timeout),
            EndsBeforeMove: true),
        OrderPhase.Unknown => new Effect(
            $"find:{order.ClOrdId}:{order.Attempt}:{order.Finds}:{order.FindNotBefore.ToUnixTimeMilliseconds()}",
            new CallFind(settings, new FindOrder(order.ClOrdId, order.BrokerOrderId, order.Terms, order.IntentAt), order.FindNotBefore, timeout)),
        OrderPhase.Working when order is { CancelAttempt: > 0, CancelIsOut: false } => new Effect(
            $"cancel:{order.ClOrdId}:{order.CancelAttempt}",
            new CallCancel(settings, new CancelOrder(order.ClOrdId, order.BrokerOrderId, order.Terms), timeout),
            EndsBeforeMove: true),
        _ => null,
    };

    private static ConnectionState Count(ConnectionState state, BrokerReport report) => report.LastQty == 0m
        ? state
        : state with
        {
            Net = state.Net.SetItem(report.Symbol, state.Net.GetValueOrDefault(report.Symbol) + (report.LastQty * report.Side.Sign)),
            Drifts = state.Drifts.Remove(report.Symbol),
        };

    private static ConnectionState Booked(ConnectionState state, BrokerReport report)
    {
        if (report.ClOrdId is null || !state.Orders.TryGetValue(report.ClOrdId, out var before))
        {
            return state; // A fill of an order that has left the state or never was in it: told to the account, nothing of it kept here.
        }

        var order = before with
        {
            Phase = before.Phase is OrderPhase.Intent or OrderPhase.Unknown or OrderPhase.Abandoned ? OrderPhase.Working : before.Phase,
            BrokerOrderId = before.BrokerOrderId ?? report.BrokerOrderId,
            CumQty = before.CumQty + report.LastQty,
            ExecIds = before.ExecIds.Add(report.ExecId),
            // Working again after its cancel's outcome was not known: another attempt, and another call, whatever is stored along with this.
            CancelAttempt = before is { Phase: OrderPhase.Unknown, CancelAttempt: > 0 } ? before.CancelAttempt + 1 : before.CancelAttempt,
            CancelIsOut = before is { CancelIsOut: true, Phase: not OrderPhase.Unknown },
        };
        state = state with { Orders = state.Orders.SetItem(order.ClOrdId, order) };
        var isOver = report.ExecType is ExecType.Canceled or ExecType.Rejected or ExecType.Expired || order.CumQty >= order.Terms.OrderQty;
        return isOver && !order.IsFinished ? Finish(state, order.ClOrdId) : state;
    }

    private static ConnectionState Change(ConnectionState state, string clOrdId, Func<OrderInFlight, OrderInFlight> change) =>
        state.Orders.TryGetValue(clOrdId, out var order) ? state with { Orders = state.Orders.SetItem(clOrdId, change(order)) } : state;

    private static ConnectionState Finish(ConnectionState state, string clOrdId)
    {
        state = Change(state, clOrdId, order => order with { Phase = OrderPhase.Done });
        var finished = state.Finished.Add(clOrdId);
        return finished.Count <= ConnectionState.FinishedKept
            ? state with { Finished = finished }
            : state with { Finished = finished.RemoveAt(0), Orders = state.Orders.Remove(finished[0]), HasForgotten = true };
    }

    private static DateTimeOffset NextFind(OrderInFlight order, DateTimeOffset now)
    {
        var delay = FirstFind * (1 << Math.Min(order.Finds, 10));
        return now + (delay < LastFind ? delay : LastFind);
    }

    private static Reaction Emit(ConnectionEvent @event) => new([@event], [], null);

    private static Reaction Tell(EntityId account, OrderUpdate update) => new([], [new(account, update)], null);

    private static OrderUpdate Update(string clOrdId, OrderUpdateKind kind, DateTimeOffset now, string? brokerOrderId = null, string? reason = null) =>
        new(clOrdId, kind, brokerOrderId, null, 0m, 0m, 0m, reason, now);
}
