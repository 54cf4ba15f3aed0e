using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using TradeActors.Entities;
using TradeActors.Entities.Recorders;
using TradeActors.Runtime.Core;
using Xunit;

namespace TradeActors.Simulation.Tests;

public sealed class LookUpTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 3, 15, 0, 0, TimeSpan.Zero);
    private static readonly EntityId Id = new("acme", EntityKind.Recorder, "rec0");

    [Fact]
    public void Look_up_waits_until_what_was_judged_before_it_is_committed()
    {
        var probe = new Probe();
        var core = new EntityCore([new RecorderBehavior(NoQuotes.Instance)], new StoredTypes().AddRuntime().AddEntities(), new CoreOptions { ShardCount = 1 });
        core.Step(new CoreInput.ShardsClaimed([new ShardClaim(0, 1, [])]), Now, probe);
        core.Step(new CoreInput.Ask(1, Id, new CreateRecorder("rec0", "AAPL", Settings.None, "hash")), Now, probe);
        core.Step(new CoreInput.Loaded(Id, probe.Activation, new StoredEntity(null, [])), Now, probe);
        for (var i = 0; i <= RecorderState.KeysKept; i++)
        {
            core.Step(new CoreInput.Ask(i + 2, Id, Signal(i, $"s{i}")), Now, probe);
        }

        core.Flush(probe);
        core.Step(new CoreInput.Ask(1_000, Id, Signal(0, "repeat")), Now, probe);
        Assert.Null(probe.LookedUp);

        core.Step(new CoreInput.Appended(probe.BatchId, [AppendOutcome.Stored]), Now, probe);
        Assert.Equal("repeat", probe.LookedUp?.Id); // Whether the delivery itself is known; its key comes next.
    }

    private static ReceiveSignal Signal(int i, string id) => new(
        id, Now, "webhook", new ParsedSignal { Source = SignalSource.Json, Symbol = "AAPL", Action = SignalAction.Buy }, null, $"b{i}", "");

    /// <summary>Remembers what the test asks about.</summary>
    private sealed class Probe : ICoreOutput
    {
        public long Activation { get; private set; }
        public long BatchId { get; private set; }
        public RowKey? LookedUp { get; private set; }

        public void Load(EntityId id, long activation, int snapshotSchema) => Activation = activation;

        public void LookUp(EntityId id, long activation, RowKey key) => LookedUp = key;

        public void Append(long batchId, ImmutableArray<EntityAppend> parts) => BatchId = batchId;

        public void Send(Envelope envelope) { }

        public void SendFanOut(FanOutEnvelope envelope) { }

        public void Acknowledge(Acknowledgement acknowledgement) { }

        public void Reply(long askId, object reply) { }

        public void Fail(long askId, AskFailure failure, string detail) { }

        public void Done(long tag) { }

        public void ReadInbox(int shard, long epoch, long after) { }

        public void DropInbox(int shard, long number) { }

        public void StartEffect(EntityId id, long activation, Effect effect, DateTimeOffset at) { }

        public void StopEffect(EntityId id, string key) { }

        public void InterestBegan(EntityId id, string symbol) { }

        public void InterestEnded(EntityId id, string symbol) { }

        public void Stored(in StoredStep step) { }

        public void Committed(EntityId id, long seq) { }

        public void ShardRefused(int shard) { }

        public void Notice(CoreNotice notice) { }
    }
}
