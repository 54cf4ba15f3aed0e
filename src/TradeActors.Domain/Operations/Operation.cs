using System.Collections.Immutable;
using System.Diagnostics;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Operations;

/// <summary>
/// The rules of an operation: one order to many accounts, fixed when it is started, repeated until every account has it, and complete when every
/// account has said what came of it (PROTOCOL 11). Nothing of it lives in the request that started it.
/// </summary>
public static class Operation
{
    /// <summary>The tenant of operations over all tenants. No tenant's id looks like it: those are 14 random characters, or "demo".</summary>
    public const string InstallationTenant = "installation";

    /// <summary>An operation sends one fan-out, in a lane of its own.</summary>
    private const long FanOutNumber = 1;

    private const string Lane = "operation";

    public static Reaction Decide(OperationState state, object message, EntityId? sender, DateTimeOffset now) => (state.Started, message) switch
    {
        (null, StartOperation start) => Start(start, now),
        ({ } started, StartOperation start) => Reaction.Answer(
            start.Kind == started.Kind && start.Scope == started.Scope
                ? new OperationStored()
                : new OperationRefused("DuplicateOperation", "This id names another operation. Use a new id.")),
        (null, OperationResult or FanOutDelivered or Activated) => Reaction.Nothing,
        (_, OperationResult result) => Finish(state, sender!.Value, result, now),
        (_, FanOutDelivered) => state.IsDelivered ? Reaction.Nothing : Emit(new OperationDelivered()),
        (_, Activated) => Reaction.Nothing,
        _ => throw new UnreachableException($"No rule for {message.GetType().Name}."),
    };

    /// <summary>The order itself, until every account has stored it.</summary>
    public static Pending Pending(OperationState state) => state.IsDelivered || state.Waiting.IsEmpty
        ? Common.Pending.None
        : new Pending([], [], [state.FanOut ??= FanOutOf(state.Started!)], []);

    private static Reaction Start(StartOperation start, DateTimeOffset now)
    {
        var started = new OperationStarted(start.Kind, start.Scope, start.Reason, [.. start.Accounts.Distinct().Order()], now);
        return new Reaction(started.Accounts.IsEmpty ? [started, new OperationCompleted(now)] : [started], [], new OperationStored());
    }

    private static Reaction Finish(OperationState state, EntityId account, OperationResult result, DateTimeOffset now)
    {
        if (!state.Waiting.Contains(account))
        {
            return Reaction.Nothing;
        }

        var finished = new AccountFinished(account, result.FailedBecause, result.At);
        return new Reaction(state.Waiting.Count == 1 ? [finished, new OperationCompleted(now)] : [finished], [], null);
    }

    private static FanOut FanOutOf(OperationStarted started) => new(
        FanOutNumber, new OperationOrder(started.Kind, started.Reason),
        [.. started.Accounts.Select(account => new FanOutMember(account, Lane, Previous: 0))]);

    private static Reaction Emit(OperationEvent @event) => new([@event], [], null);

    /// <summary>Folds one stored event into the state.</summary>
    public static OperationState Apply(OperationState state, OperationEvent @event) => @event switch
    {
        OperationStarted e => state with { Started = e, Waiting = [.. e.Accounts] },
        OperationDelivered => state with { IsDelivered = true },
        AccountFinished e => state with { Waiting = state.Waiting.Remove(e.Account), Failed = state.Failed + (e.FailedBecause is null ? 0 : 1) },
        OperationCompleted e => state with { CompletedAt = e.At },
        _ => throw new UnreachableException($"No fold for {@event.GetType().Name}."),
    };
}
