using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;

namespace TradeActors.Entities.Operations;

/// <summary>
/// Binds <see cref="Operation"/> to the entity port. The head row is written when the operation starts and when it completes, each account's row when
/// it starts and when that account has finished: a result never rewrites what grows with the number of accounts.
/// </summary>
public sealed class OperationBehavior : IEntityBehavior
{
    public string Kind => EntityKind.Operation;

    public int SnapshotSchema => 1;

    public object Empty => OperationState.Empty;

    public Reaction Decide(object state, object message, in EntityContext context) =>
        Operation.Decide((OperationState)state, message, context.Sender, context.Now);

    public object Apply(object state, object @event) => Operation.Apply((OperationState)state, (OperationEvent)@event);

    public Pending Pending(EntityId self, object state) => Operation.Pending((OperationState)state);

    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows)
    {
        var state = (OperationState)after;
        switch (@event.Event)
        {
            case OperationStarted e:
                PutHead(self, state, rows);
                for (var i = 0; i < e.Accounts.Length; i++)
                {
                    PutResult(self, e.Accounts[i], i, "pending", null, null, rows);
                }

                break;
            case AccountFinished e:
                PutResult(
                    self, e.Account, state.Started!.Accounts.AsSpan().BinarySearch(e.Account), e.FailedBecause is null ? "done" : "failed", e.FailedBecause, e.At, rows);
                break;
            case OperationCompleted:
                PutHead(self, state, rows);
                break;
        }
    }

    private static void PutHead(EntityId self, OperationState state, IRowSink rows)
    {
        var started = state.Started!;
        var word = state.CompletedAt is null ? "running" : "completed";
        rows.Put(
            new RowKey(ReadTable.Operations, self.Tenant, "", self.Key), started.At.ToUnixTimeMilliseconds(), word,
            new OperationRow(
                self.Key, OperationWords.Of(started.Kind), OperationWords.Of(started.Scope), word, started.Kind == OperationKind.HaltAll ? started.Reason : null,
                started.At, state.CompletedAt, started.Accounts.Length));
    }

    private static void PutResult(
        EntityId self, EntityId account, int place, string outcome, string? reason, DateTimeOffset? at, IRowSink rows) => rows.Put(
        new RowKey(ReadTable.OperationResults, self.Tenant, self.Key, $"{account.Tenant}/{account.Key}"), place, outcome,
        new OperationResultRow(account.Tenant, account.Key, outcome, reason, at));
}

/// <summary>Operations as the API spells them.</summary>
public static class OperationWords
{
    public static string Of(OperationKind kind) => kind == OperationKind.HaltAll ? "haltAll" : "flattenAll";

    public static string Of(OperationScope scope) => scope == OperationScope.Installation ? "installation" : "tenant";
}
