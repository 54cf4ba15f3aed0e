using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Tests.Core;

/// <summary>
/// One core whose outputs are kept until the test lets them through, over a journal in memory. Loads are answered at once; appends, sends and
/// acknowledgements wait for the test.
/// </summary>
internal sealed class CoreHarness : ICoreOutput
{
    private readonly LedgerBehavior _behavior;
    private readonly CoreOptions _options;
    private EntityCore _core;
    private long _lastAsk;

    public CoreHarness(LedgerBehavior? behavior = null, CoreOptions? options = null, MemoryJournal? journal = null)
    {
        _behavior = behavior ?? new LedgerBehavior();
        _options = options ?? new CoreOptions { ShardCount = 8 };
        Journal = journal ?? new MemoryJournal(_options.ShardCount);
        _core = NewCore();
        Claim();
    }

    public MemoryJournal Journal { get; }
    public DateTimeOffset Now { get; set; } = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    public Dictionary<long, object> Replies { get; } = [];
    public Dictionary<long, AskFailure> Failures { get; } = [];
    public List<Envelope> Sends { get; } = [];
    public List<FanOutEnvelope> FanOuts { get; } = [];
    public List<Acknowledgement> Acks { get; } = [];
    public List<(EntityId Id, long Activation, Effect Effect)> Started { get; } = [];
    public List<(EntityId Id, string Key)> Stopped { get; } = [];
    public List<CoreNotice> Notices { get; } = [];
    public List<(EntityId Id, string Symbol)> Interests { get; } = [];
    public List<int> RefusedShards { get; } = [];
    public List<long> DoneTags { get; } = [];
    public List<(int Shard, long Epoch, long After)> InboxAsked { get; } = [];
    public List<(int Shard, long Number)> InboxDropped { get; } = [];
    public bool IsDrained(int shard) => _core.IsDrained(shard);
    public List<StoredStep> Stored { get; } = [];
    public Queue<(long Id, ImmutableArray<EntityAppend> Parts)> Appends { get; } = [];
    public DateTimeOffset? NextAlarm => _core.NextAlarm;
    public int Loaded => _core.LoadedEntities;
    public EntityWork Work => _core.Work();
    public IReadOnlyList<LoadedEntity> Shown(string? kind = null, EntityId? after = null, int most = 100) => _core.Loaded(kind, after, most);
    public bool FailLoads { get; set; }

    public static EntityId Id(string key) => new("t", LedgerBehavior.KindName, key);

    /// <summary>Asks without letting anything be stored.</summary>
    public long Ask(EntityId to, object message)
    {
        var id = ++_lastAsk;
        Give(new CoreInput.Ask(id, to, message));
        return id;
    }

    /// <summary>Asks and stores until nothing waits any more; the reply.</summary>
    public object AskAndStore(EntityId to, object message)
    {
        var id = Ask(to, message);
        StoreAll();
        return Replies[id];
    }

    public void Give(CoreInput input)
    {
        _core.Step(input, Now, this);
        _core.Flush(this);
    }

    /// <summary>Lets the time come and rings what is due.</summary>
    public void Advance(TimeSpan by)
    {
        Now += by;
        Give(new CoreInput.ClockTick());
    }

    public void StoreAll()
    {
        while (Appends.TryDequeue(out var append))
        {
            Give(new CoreInput.Appended(append.Id, Journal.Append(append.Parts)));
        }
    }

    /// <summary>The append is stored, but nobody hears of it.</summary>
    public void StoreUnheard()
    {
        var append = Appends.Dequeue();
        Journal.Append(append.Parts);
        Give(new CoreInput.Appended(append.Id, default));
    }

    /// <summary>The append is not stored.</summary>
    public void LoseAppend() => Give(new CoreInput.Appended(Appends.Dequeue().Id, default));

    /// <summary>Carries sends, fan-outs and acknowledgements, and stores, until all is quiet.</summary>
    public void Settle()
    {
        StoreAll();
        while (Sends.Count + FanOuts.Count + Acks.Count > 0)
        {
            var (sends, fanOuts, acks) = (Sends.ToArray(), FanOuts.ToArray(), Acks.ToArray());
            Sends.Clear();
            FanOuts.Clear();
            Acks.Clear();
            foreach (var send in sends)
            {
                Give(new CoreInput.Delivered(send));
            }

            foreach (var fanOut in fanOuts)
            {
                Give(new CoreInput.FanOutDelivered(fanOut));
            }

            foreach (var ack in acks)
            {
                Give(new CoreInput.Acknowledged(ack));
            }

            StoreAll();
        }
    }

    /// <summary>Loses everything in memory and starts again over the same journal.</summary>
    public void Crash()
    {
        Appends.Clear();
        Sends.Clear();
        FanOuts.Clear();
        Acks.Clear();
        Started.Clear();
        _core = NewCore();
        Claim();
    }

    public LedgerState StateOf(EntityId id)
    {
        object state = LedgerState.Empty;
        foreach (var row in Journal.Load(id, -1).Events)
        {
            var @event = Types.Decode(row.Type, row.Payload);
            state = @event is RuntimeEvent ? state : _behavior.Apply(state, @event);
        }

        return (LedgerState)state;
    }

    public static Abstractions.Stored.StoredTypes Types { get; } = LedgerTypes.Create().AddRuntime();

    void ICoreOutput.Load(EntityId id, long activation, int snapshotSchema) => Give(FailLoads
        ? new CoreInput.LoadFailed(id, activation, "down")
        : new CoreInput.Loaded(id, activation, Journal.Load(id, snapshotSchema)));

    void ICoreOutput.LookUp(EntityId id, long activation, RowKey key) => Give(new CoreInput.LookedUp(id, activation, null));

    void ICoreOutput.Append(long batchId, ImmutableArray<EntityAppend> parts) => Appends.Enqueue((batchId, parts));

    void ICoreOutput.Send(Envelope envelope) => Sends.Add(envelope);

    void ICoreOutput.SendFanOut(FanOutEnvelope envelope) => FanOuts.Add(envelope);

    void ICoreOutput.Acknowledge(Acknowledgement acknowledgement) => Acks.Add(acknowledgement);

    void ICoreOutput.Reply(long askId, object reply) => Replies.Add(askId, reply);

    void ICoreOutput.Fail(long askId, AskFailure failure, string detail) => Failures.Add(askId, failure);

    void ICoreOutput.Done(long tag) => DoneTags.Add(tag);

    void ICoreOutput.ReadInbox(int shard, long epoch, long after) => InboxAsked.Add((shard, epoch, after));

    void ICoreOutput.DropInbox(int shard, long number) => InboxDropped.Add((shard, number));

    void ICoreOutput.StartEffect(EntityId id, long activation, Effect effect, DateTimeOffset at) => Started.Add((id, activation, effect));

    void ICoreOutput.StopEffect(EntityId id, string key) => Stopped.Add((id, key));

    void ICoreOutput.InterestBegan(EntityId id, string symbol) => Interests.Add((id, symbol));

    void ICoreOutput.InterestEnded(EntityId id, string symbol) => Interests.Remove((id, symbol));

    void ICoreOutput.Stored(in StoredStep step) => Stored.Add(step);

    void ICoreOutput.Committed(EntityId id, long seq) { }

    void ICoreOutput.ShardRefused(int shard) => RefusedShards.Add(shard);

    void ICoreOutput.Notice(CoreNotice notice) => Notices.Add(notice);

    private EntityCore NewCore() => new([_behavior], Types, _options);

    public void Claim() => Give(new CoreInput.ShardsClaimed(Journal.Claim()));
}

/// <summary>A journal in memory with the semantics of the port, answering at once.</summary>
internal sealed class MemoryJournal(int shardCount)
{
    private readonly SortedDictionary<EntityId, List<EventRow>> _streams = [];
    private readonly SortedDictionary<EntityId, SnapshotRow> _snapshots = [];
    private readonly long[] _epochs = new long[shardCount];

    public SortedDictionary<EntityId, DateTimeOffset> Wakes { get; } = [];
    public List<RowChange> Rows { get; } = [];
    public IReadOnlyDictionary<EntityId, SnapshotRow> Snapshots => _snapshots;

    public ImmutableArray<ShardClaim> Claim() =>
    [
        .. Enumerable.Range(0, shardCount).Select(shard => new ShardClaim(
            shard, ++_epochs[shard], [.. Wakes.Where(wake => wake.Key.ShardHash(shardCount) == shard).Select(wake => new WakeRow(wake.Key, wake.Value))])),
    ];

    public ImmutableArray<AppendOutcome> Append(ImmutableArray<EntityAppend> parts) => [.. parts.Select(Append)];

    public StoredEntity Load(EntityId id, int snapshotSchema)
    {
        var snapshot = _snapshots.GetValueOrDefault(id) is { } known && known.Schema == snapshotSchema ? known : null;
        var events = _streams.GetValueOrDefault(id) ?? [];
        return new StoredEntity(snapshot, [.. events.Where(row => row.Seq > (snapshot?.Seq ?? 0))]);
    }

    private AppendOutcome Append(EntityAppend part)
    {
        if (_epochs[part.Shard] != part.Epoch)
        {
            return AppendOutcome.StaleEpoch;
        }

        if (!_streams.TryGetValue(part.Id, out var stream))
        {
            _streams.Add(part.Id, stream = []);
        }

        if (stream.Count != part.ExpectedSeq)
        {
            return AppendOutcome.Conflict;
        }

        stream.AddRange(part.Events);
        Rows.AddRange(part.Rows);
        if (part.Wake is { } wake)
        {
            Wakes.Remove(part.Id);
            if (wake.Due is { } due)
            {
                Wakes.Add(part.Id, due);
            }
        }

        if (part.Snapshot is { } snapshot && snapshot.Seq <= stream.Count)
        {
            _snapshots[part.Id] = snapshot;
        }

        return AppendOutcome.Stored;
    }
}
