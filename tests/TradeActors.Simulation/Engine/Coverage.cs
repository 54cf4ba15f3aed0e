using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Runtime.Cluster;
using TradeActors.Runtime.Core;

namespace TradeActors.Simulation.Engine;

/// <summary>Kinds of code path that a run can take.</summary>
internal enum PathKind
{
    StoredEvent,
    RegionInput,
    CoreInput,
    CoreOutput,
    CoreNotice,
    AppendOutcome,
    AskFailure,
    RefusalReason,
    AccountOrder,
    ConnectionOrder,
}

/// <summary>Which paths through the system one run has taken, and how often.</summary>
internal sealed class Coverage
{
    private static readonly int Kinds = Enum.GetValues<PathKind>().Length;

    private readonly Dictionary<string, long>[] _hits = [.. Enumerable.Range(0, Kinds).Select(_ => new Dictionary<string, long>(StringComparer.Ordinal))];
    private readonly Dictionary<(OrdStatus?, OrdStatus), long> _accountOrders = [];
    private readonly Dictionary<(OrderPhase?, OrderPhase), long> _connectionOrders = [];

    public void Hit(PathKind kind, string name) => CollectionsMarshal.GetValueRefOrAddDefault(_hits[(int)kind], name, out _)++;

    public void Took(CoreInput input)
    {
        Hit(PathKind.CoreInput, input.GetType().Name);
        if (input is CoreInput.Appended appended)
        {
            foreach (var outcome in appended.Outcomes.IsDefault ? [] : appended.Outcomes)
            {
                Hit(PathKind.AppendOutcome, outcome.ToString());
            }

            if (appended.Outcomes.IsDefault)
            {
                Hit(PathKind.AppendOutcome, NotKnown);
            }
        }
    }

    public void Took(RegionInput input)
    {
        Hit(PathKind.RegionInput, input.GetType().Name);
        if (input is RegionInput.Local { Input: var local })
        {
            Took(local);
        }
        else if (input is RegionInput.Delivered { Input: { } delivered })
        {
            Took(delivered);
        }
        else if (input is RegionInput.Claimed { Claim: not null })
        {
            Hit(PathKind.CoreInput, nameof(CoreInput.ShardsClaimed));
        }
    }

    /// <summary>Sees everything that a node's region and entities want done on its way to the shell.</summary>
    public IRegionOutput Watch(IRegionOutput shell) => new Watched(this, shell);

    /// <summary>Every path taken, by kind and name.</summary>
    public IEnumerable<(PathKind Kind, string Name, long Count)> Paths =>
        _hits.SelectMany((hits, kind) => hits.Select(hit => ((PathKind)kind, hit.Key, hit.Value)))
            .Concat(_accountOrders.Select(hit => (PathKind.AccountOrder, NameOf(hit.Key.Item1, hit.Key.Item2), hit.Value)))
            .Concat(_connectionOrders.Select(hit => (PathKind.ConnectionOrder, NameOf(hit.Key.Item1, hit.Key.Item2), hit.Value)));

    /// <summary>An append of which nothing was heard but that it failed.</summary>
    private const string NotKnown = "NotKnown";

    /// <summary>Every path that there is, as far as types and names tell; of orders, the transitions that the rules allow.</summary>
    public static ImmutableArray<(PathKind Kind, string Name)> Known(StoredTypes types) =>
    [
        .. types.Names.Where(name => IsEvent(types.TypeOf(name))).Select(name => (PathKind.StoredEvent, name)),
        .. Nested(typeof(CoreInput)).Select(name => (PathKind.CoreInput, name)),
        .. Nested(typeof(RegionInput)).Select(name => (PathKind.RegionInput, name)),
        .. typeof(IRegionOutput).GetMethods().Concat(typeof(ICoreOutput).GetMethods()).Select(method => (PathKind.CoreOutput, method.Name)),
        .. Nested(typeof(CoreNotice)).Select(name => (PathKind.CoreNotice, name)),
        .. Enum.GetNames<AppendOutcome>().Append(NotKnown).Select(name => (PathKind.AppendOutcome, name)),
        .. Enum.GetNames<AskFailure>().Select(name => (PathKind.AskFailure, name)),
        .. SignalReason.All.Append(OperationReason.Parked).Select(name => (PathKind.RefusalReason, name)),
        .. AccountOrders.Select(name => (PathKind.AccountOrder, name)),
        .. ConnectionOrders.Select(name => (PathKind.ConnectionOrder, name)),
    ];

    private static readonly ImmutableArray<string> AccountOrders =
    [
        "Abandoned > Canceled", "Canceled > Filled", "PartiallyFilled > Canceled", "PartiallyFilled > Filled", "Planned > Canceled",
        "Planned > Expired", "Planned > Filled", "Planned > PartiallyFilled", "Planned > Rejected", "Planned > Unknown", "Planned > Working",
        "Unknown > Abandoned", "Unknown > Canceled", "Unknown > Expired", "Unknown > Filled", "Unknown > PartiallyFilled", "Unknown > Rejected",
        "Unknown > Working", "Working > Canceled", "Working > Filled", "Working > PartiallyFilled", "new > Planned",
    ];

    private static readonly ImmutableArray<string> ConnectionOrders =
    [
        "Abandoned > Unknown", "Intent > Done", "Intent > Unknown", "Intent > Working", "Unknown > Abandoned", "Unknown > Done", "Unknown > Intent",
        "Unknown > Working", "Working > Done", "Working > Unknown", "new > Intent",
    ];

    private static string NameOf<T>(T? from, T to)
        where T : struct, Enum => $"{from?.ToString() ?? "new"} > {to}";

    private static bool IsEvent(Type type) => new[]
    {
        typeof(RecorderEvent), typeof(AccountEvent), typeof(ConnectionEvent), typeof(OperationEvent), typeof(RuntimeEvent),
    }.Any(family => family.IsAssignableFrom(type));

    private static IEnumerable<string> Nested(Type family) =>
        family.GetNestedTypes(BindingFlags.Public).Where(family.IsAssignableFrom).Select(type => type.Name).Order(StringComparer.Ordinal);

    private void Stored(in StoredStep step)
    {
        switch (step.Before, step.After)
        {
            case (AccountState before, AccountState after):
                StoredByAccount(before, step.Events, after);
                break;
            case (ConnectionState before, ConnectionState after):
                StoredByConnection(before, step.Events, after);
                break;
            case (RecorderState, RecorderState):
                foreach (var @event in step.Events)
                {
                    Reason((@event as SignalRefused)?.Reason);
                }

                break;
            case (OperationState, OperationState):
                foreach (var @event in step.Events)
                {
                    Reason((@event as AccountFinished)?.FailedBecause);
                }

                break;
        }
    }

    private void StoredByAccount(AccountState before, ImmutableArray<object> events, AccountState after)
    {
        foreach (var @event in events)
        {
            var clOrdId = @event switch
            {
                OrderPlanned e => e.ClOrdId,
                OrderChanged e => e.ClOrdId,
                TradeBooked e => e.ClOrdId,
                _ => null,
            };
            if (clOrdId is not null && after.Orders.TryGetValue(clOrdId, out var now))
            {
                Changed(_accountOrders, before.Orders.GetValueOrDefault(clOrdId)?.Status, now.Status);
            }

            Reason((@event as SignalTaken)?.Reason ?? (@event as SignalSettled)?.Reason ?? (@event as EntryDropped)?.Reason);
        }
    }

    private void StoredByConnection(ConnectionState before, ImmutableArray<object> events, ConnectionState after)
    {
        foreach (var @event in events)
        {
            var clOrdId = @event switch
            {
                IntentStored e => e.ClOrdId,
                IntentRenewed e => e.ClOrdId,
                OrderAcknowledged e => e.ClOrdId,
                OutcomeUnknown e => e.ClOrdId,
                OrderEnded e => e.ClOrdId,
                IntentAbandoned e => e.ClOrdId,
                SettleRequested e => e.ClOrdId,
                ReportBooked e => e.Report.ClOrdId,
                _ => null,
            };
            if (clOrdId is not null && after.Orders.TryGetValue(clOrdId, out var now))
            {
                Changed(_connectionOrders, before.Orders.GetValueOrDefault(clOrdId)?.Phase, now.Phase);
            }
        }
    }

    private void Reason(string? reason)
    {
        if (reason is not null)
        {
            Hit(PathKind.RefusalReason, reason);
        }
    }

    private static void Changed<T>(Dictionary<(T?, T), long> changes, T? from, T to)
        where T : struct, Enum
    {
        if (from is not { } known || !EqualityComparer<T>.Default.Equals(known, to))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(changes, (from, to), out _)++;
        }
    }

    private sealed class Watched(Coverage coverage, IRegionOutput shell) : IRegionOutput
    {
        public void Beat(long number, NodeBeat beat)
        {
            Said(nameof(Beat));
            shell.Beat(number, beat);
        }

        public void Register(int shard, long registration)
        {
            Said(nameof(Register));
            shell.Register(shard, registration);
        }

        public void Close(int shard, long registration)
        {
            Said(nameof(Close));
            shell.Close(shard, registration);
        }

        public void Claim(int shard, long registration)
        {
            Said(nameof(Claim));
            shell.Claim(shard, registration);
        }

        public void Nudge(int shard)
        {
            Said(nameof(Nudge));
            shell.Nudge(shard);
        }

        public void Done(long tag)
        {
            Said(nameof(Done));
            shell.Done(tag);
        }

        public void ReadInbox(int shard, long epoch, long after)
        {
            Said(nameof(ReadInbox));
            shell.ReadInbox(shard, epoch, after);
        }

        public void DropInbox(int shard, long number)
        {
            Said(nameof(DropInbox));
            shell.DropInbox(shard, number);
        }

        public void Load(EntityId id, long activation, int snapshotSchema)
        {
            Said(nameof(Load));
            shell.Load(id, activation, snapshotSchema);
        }

        public void LookUp(EntityId id, long activation, RowKey key)
        {
            Said(nameof(LookUp));
            shell.LookUp(id, activation, key);
        }

        public void Append(long batchId, ImmutableArray<EntityAppend> parts)
        {
            Said(nameof(Append));
            shell.Append(batchId, parts);
        }

        public void Send(Envelope envelope)
        {
            Said(nameof(Send));
            shell.Send(envelope);
        }

        public void SendFanOut(FanOutEnvelope envelope)
        {
            Said(nameof(SendFanOut));
            shell.SendFanOut(envelope);
        }

        public void Acknowledge(Acknowledgement acknowledgement)
        {
            Said(nameof(Acknowledge));
            shell.Acknowledge(acknowledgement);
        }

        public void Reply(long askId, object reply)
        {
            Said(nameof(Reply));
            shell.Reply(askId, reply);
        }

        public void Fail(long askId, AskFailure failure, string detail)
        {
            Said(nameof(Fail));
            coverage.Hit(PathKind.AskFailure, failure.ToString());
            shell.Fail(askId, failure, detail);
        }

        public void StartEffect(EntityId id, long activation, Effect effect, DateTimeOffset at)
        {
            Said(nameof(StartEffect));
            shell.StartEffect(id, activation, effect, at);
        }

        public void StopEffect(EntityId id, string key)
        {
            Said(nameof(StopEffect));
            shell.StopEffect(id, key);
        }

        public void InterestBegan(EntityId id, string symbol)
        {
            Said(nameof(InterestBegan));
            shell.InterestBegan(id, symbol);
        }

        public void InterestEnded(EntityId id, string symbol)
        {
            Said(nameof(InterestEnded));
            shell.InterestEnded(id, symbol);
        }

        public void Stored(in StoredStep step)
        {
            Said(nameof(Stored));
            coverage.Stored(step);
            shell.Stored(step);
        }

        public void Committed(EntityId id, long seq)
        {
            Said(nameof(Committed));
            shell.Committed(id, seq);
        }

        public void ShardRefused(int shard)
        {
            Said(nameof(ShardRefused));
            shell.ShardRefused(shard);
        }

        public void Notice(CoreNotice notice)
        {
            Said(nameof(Notice));
            coverage.Hit(PathKind.CoreNotice, notice.GetType().Name);
            shell.Notice(notice);
        }

        private void Said(string name) => coverage.Hit(PathKind.CoreOutput, name);
    }
}
