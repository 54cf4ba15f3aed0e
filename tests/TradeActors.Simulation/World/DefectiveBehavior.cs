using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>
/// The real rules, seen through one deliberate defect: it alters what a rule is given, what it makes of it, or what is said to be pending. One instance
/// per process, so that a defect may forget with it.
/// </summary>
internal sealed class DefectiveBehavior(IEntityBehavior inner, SimWorld world, SimNode node) : IEntityBehavior
{
    private readonly SortedSet<EntityId> _startedHere = [];
    private bool _hasDecided;

    public string Kind => inner.Kind;

    public int SnapshotSchema => inner.SnapshotSchema;

    public object Empty => inner.Empty;

    public bool TakesInbox => inner.TakesInbox;

    public Reaction Decide(object state, object message, in EntityContext context)
    {
        _hasDecided = true;
        var reaction = inner.Decide(state, Misread(message, context.Now), context);
        return world.Defect switch
        {
            Defect.CloseBesideResident => CloseBesideResident(state, message, context, reaction),
            Defect.CloseIsOneOrder => CloseOnce(reaction),
            Defect.ExitOpens => EnlargeExits(reaction),
            Defect.ReplyFromSpeculativeState when reaction.Events.IsEmpty => ReplyNow(message, reaction),
            Defect.RefusalNotHeldBack when reaction.Reply is SignalJudged { State: not SignalState.Accepted } => ReplyNow(message, reaction),
            Defect.RefusedSignalTakesNumber => Change<SignalAccepted>(reaction, e => e with { FanOut = e.Number }),
            Defect.ClOrdIdUsedAgain => ShortenIds(context.Self, reaction),
            Defect.HaltConfirmedEarly => ConfirmHalts(state, reaction),
            Defect.OperationForgetsMembers when message is StartOperation => Remember(context.Self, reaction),
            Defect.ExitClosesForeignShare when state is AccountState account => CloseForeignShares(account, reaction),
            Defect.EntryForgotten when message is FanOutPart => WithoutEntries(reaction),
            Defect.LossForgotten when IsRefused(reaction, SignalReason.MaxDailyLoss) => inner.Decide((AccountState)state with { RealizedToday = 0m }, message, context),
            Defect.LimitOnStaleState => JudgeWithout(state, message, context, reaction, order => order.Status == OrdStatus.Planned),
            Defect.UnknownNotCounted => JudgeWithout(
                state, message, context, reaction, order => order.Status is OrdStatus.Unknown or OrdStatus.Abandoned),
            _ => reaction,
        };
    }

    public object Apply(object state, object @event) => inner.Apply(state, @event);

    public Pending Pending(EntityId self, object state)
    {
        var pending = inner.Pending(self, state);
        var isRecovery = !_hasDecided;
        _hasDecided = false;
        return (world.Defect, state) switch
        {
            (Defect.TimerLostOnRecovery, _) when isRecovery => pending with { Timers = [] },
            (Defect.ResendWithTodaysSettings, RecorderState recorder) => Resend(pending, fanOut => fanOut with
            {
                Message = (RecorderSignal)fanOut.Message with { Settings = recorder.Settings.ForAccounts() },
            }),
            (Defect.JoinedSubscriptionTradesOldSignals, RecorderState recorder) => Resend(pending, fanOut => fanOut with { Members = WithJoined(fanOut, recorder) }),
            (Defect.TenantsMixed, RecorderState) => Resend(pending, fanOut => fanOut with { Members = [.. fanOut.Members.Select(ToOtherTenant)] }),
            (Defect.OperationForgetsMembers, OperationState) when !_startedHere.Contains(self) => pending with { FanOuts = [] },
            _ => pending,
        };
    }

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows) => inner.Project(self, before, @event, after, rows);

    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) =>
        world.Defect == Defect.KeysForgottenWithoutLookup ? [] : inner.Lookup(self, state, message);

    public ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) => inner.WhenParked(message, context);

    // What a rule is given.

    private object Misread(object message, DateTimeOffset now) => (world.Defect, message) switch
    {
        (Defect.IntentStoredAfterHalt, PlaceOrder place) => place with { Halts = long.MaxValue },
        (Defect.IntentStoredLate, PlaceOrder place) => place with { ValidUntil = null },
        (Defect.LateEntryTraded, FanOutPart { Message: RecorderSignal { Plan.Reduce: Reduction.None } signal } part) =>
            part with { Message = signal with { AgedFrom = now } },
        (Defect.LateReverseTradedWhole, FanOutPart { Message: RecorderSignal { Plan: { EnterSide: not null, Reduce: not Reduction.None } } signal } part) =>
            part with { Message = signal with { AgedFrom = now } },
        (Defect.AddOpensFlatShare, FanOutPart { Message: RecorderSignal { Plan.IsAdd: true } signal } part) =>
            part with { Message = signal with { Plan = signal.Plan with { IsAdd = false } } },
        _ => message,
    };

    // What it makes of it.

    /// <summary>Where a goal stands, the account decides as if nothing rested to protect the share.</summary>
    private Reaction CloseBesideResident(object state, object message, in EntityContext context, Reaction reaction)
    {
        if (state is not AccountState account)
        {
            return reaction;
        }

        var closing = account.Shares.Where(share => share.Value.Goal is not null).Select(share => share.Key)
            .Concat(reaction.Events.OfType<CloseAsked>().Select(e => Share.Key(e.Owner, e.Symbol))).ToHashSet();
        var told = (message as OrderUpdate)?.ClOrdId;
        return Again(account, message, context, reaction, order =>
            order.Purpose == OrderPurpose.Protection && order.ClOrdId != told && closing.Contains(Share.Key(order.Owner, order.Terms.Symbol)));
    }

    private static Reaction CloseOnce(Reaction reaction) => reaction with
    {
        Events = [.. reaction.Events.Select(e => e is CloseDelayed delayed ? new CloseReached(delayed.Owner, delayed.Symbol) : e)],
    };

    private static Reaction EnlargeExits(Reaction reaction)
    {
        var exits = reaction.Events.OfType<OrderPlanned>().Where(e => e.Purpose == OrderPurpose.Exit).Select(e => e.ClOrdId).ToHashSet();
        return exits.Count == 0 ? reaction : reaction with
        {
            Events = [.. reaction.Events.Select(e => e is OrderPlanned planned && exits.Contains(planned.ClOrdId) ? planned with { Terms = Larger(planned.Terms) } : e)],
            Sends =
            [
                .. reaction.Sends.Select(send => send.Message is PlaceOrder place && exits.Contains(place.ClOrdId)
                    ? send with { Message = place with { Terms = Larger(place.Terms) } }
                    : send),
            ],
        };
    }

    private static Reaction ShortenIds(EntityId account, Reaction reaction)
    {
        var own = reaction.Events.OfType<OrderPlanned>().Where(e => e.ClOrdId == ClOrdId.Make(SimWorld.Incarnation, account.Key, e.Number))
            .ToDictionary(e => e.ClOrdId, e => ClOrdId.Make(SimWorld.Incarnation, account.Key, e.Number % 8));
        return own.Count == 0 ? reaction : reaction with
        {
            Events = [.. reaction.Events.Select(e => e is OrderPlanned planned && own.TryGetValue(planned.ClOrdId, out var id) ? planned with { ClOrdId = id } : e)],
            Sends =
            [
                .. reaction.Sends.Select(send => send.Message is PlaceOrder place && own.TryGetValue(place.ClOrdId, out var id)
                    ? send with { Message = place with { ClOrdId = id } }
                    : send),
            ],
        };
    }

    private static OrderTerms Larger(OrderTerms terms) => terms with { OrderQty = terms.OrderQty + 1m };

    private Reaction ReplyNow(object message, Reaction reaction)
    {
        if (reaction.Reply is { } reply)
        {
            node.AnswerEarly(message, reply);
        }

        return reaction;
    }

    private static Reaction ConfirmHalts(object state, Reaction reaction) => reaction with
    {
        Events = [.. reaction.Events.SelectMany<object, object>(e => e is AccountHalted ? [e, new HaltConfirmed(((AccountState)state).Halts + 1)] : [e])],
    };

    private Reaction Remember(EntityId operation, Reaction reaction)
    {
        _startedHere.Add(operation);
        return reaction;
    }

    private static Reaction WithoutEntries(Reaction reaction) => reaction with
    {
        Events = [.. reaction.Events.Where(e => e is not OrderPlanned { Purpose: OrderPurpose.Entry })],
        Sends = [.. reaction.Sends.Where(send => send.Message is not PlaceOrder { Purpose: OrderPurpose.Entry })],
    };

    private static Reaction CloseForeignShares(AccountState account, Reaction reaction)
    {
        var foreign = reaction.Events.OfType<CloseAsked>().Where(e => e.SignalId is not null)
            .SelectMany(e => account.Shares.Values.Where(share => share.Symbol == e.Symbol && share.Owner != e.Owner)
                .Select(share => new CloseAsked(share.Owner, share.Symbol, 0m, e.SignalId)));
        return reaction with { Events = reaction.Events.AddRange(foreign) };
    }

    /// <summary>An entry that the limit on the position refuses is judged again on a state without some of the entries that are working.</summary>
    private Reaction JudgeWithout(object state, object message, in EntityContext context, Reaction reaction, Func<AccountOrder, bool> isHidden)
    {
        return IsRefused(reaction, SignalReason.MaxPosition)
            ? Again((AccountState)state, message, context, reaction, order => order.Purpose == OrderPurpose.Entry && isHidden(order))
            : reaction;
    }

    private static bool IsRefused(Reaction reaction, string reason) =>
        (reaction.Reply as AccountRefused)?.Code == reason || reaction.Events.Any(e => e is SignalTaken taken && taken.Reason == reason);

    private Reaction Again(AccountState account, object message, in EntityContext context, Reaction reaction, Func<AccountOrder, bool> isHidden)
    {
        var hidden = account.Orders.Where(order => order.Value.IsLive && isHidden(order.Value)).Select(order => order.Key).ToArray();
        return hidden.Length == 0 ? reaction : inner.Decide(account with { Orders = account.Orders.RemoveRange(hidden) }, message, context);
    }

    private static Reaction Change<T>(Reaction reaction, Func<T, object> change) =>
        reaction with { Events = [.. reaction.Events.Select(e => e is T own ? change(own) : e)] };

    // What is said to be pending.

    private static Pending Resend(Pending pending, Func<FanOut, FanOut> change) => pending with { FanOuts = [.. pending.FanOuts.Select(change)] };

    private static ImmutableArray<FanOutMember> WithJoined(FanOut fanOut, RecorderState recorder) =>
    [
        .. fanOut.Members,
        .. recorder.Subscriptions.Values
            .Where(subscription => subscription.IsEnabled && !fanOut.Members.Any(member => member.Lane == subscription.Id))
            .Select(subscription => new FanOutMember(
                subscription.Account, subscription.Id, subscription.Before(fanOut.Number),
                new SubscriptionTerms(subscription.Id, subscription.Multiplier, subscription.Overrides))),
    ];

    private FanOutMember ToOtherTenant(FanOutMember member) =>
        world.Brokers.Keys.FirstOrDefault(other => other.Key == member.To.Key && other.Tenant != member.To.Tenant) is { Tenant: { } tenant }
            ? member with { To = member.To with { Tenant = tenant } }
            : member;
}

/// <summary>The rules as another release of the program has them: the same but for the number of its snapshots' shape.</summary>
internal sealed class OtherRelease(IEntityBehavior inner) : IEntityBehavior
{
    public string Kind => inner.Kind;

    public int SnapshotSchema => inner.SnapshotSchema + 1;

    public object Empty => inner.Empty;

    public bool TakesInbox => inner.TakesInbox;

    public Reaction Decide(object state, object message, in EntityContext context) => inner.Decide(state, message, context);

    public object Apply(object state, object @event) => inner.Apply(state, @event);

    public Pending Pending(EntityId self, object state) => inner.Pending(self, state);

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows) => inner.Project(self, before, @event, after, rows);

    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) => inner.Lookup(self, state, message);

    public ImmutableArray<Outgoing> WhenParked(object message, in EntityContext context) => inner.WhenParked(message, context);
}
