using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Cluster;
using TradeActors.Runtime.Core;
using TradeActors.Runtime.Tests.Core;
using Xunit;

namespace TradeActors.Runtime.Tests.Cluster;

/// <summary>One region of two shards, step by step; its queue, board and journal are the test.</summary>
public sealed class ShardRegionTests : IRegionOutput
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly EntityId A = Enumerable.Range(0, 100).Select(i => CoreHarness.Id($"a{i}")).First(id => id.ShardHash(2) == 0);

    private readonly EntityCore _core = new([new LedgerBehavior()], CoreHarness.Types, new CoreOptions { ShardCount = 2 });
    private readonly ShardRegion _region;
    private readonly List<string> _said = [];
    private readonly Dictionary<int, long> _registered = [];
    private readonly Queue<(long Id, ImmutableArray<EntityAppend> Parts)> _appends = [];
    private ImmutableArray<ShardRow> _rows = [new(0, 0, "", "", 0), new(1, 0, "", "", 0)];
    private string[] _others = [];
    private TimeSpan _uptime;
    private TimeSpan _skew;
    private long _beat;

    public ShardRegionTests() => _region = new ShardRegion("me", _core, new RegionOptions());

    private DateTimeOffset DatabaseNow => Start + _uptime;

    [Fact]
    public void Alone_it_registers_everywhere_and_claims_at_the_first_delivery()
    {
        Own();
        Assert.Equal(["register 0", "register 1", "nudge 0", "nudge 1", "claim 0", "claim 1"], _said.Where(said => said.Split(' ')[0] is "register" or "nudge" or "claim").Distinct());
        Assert.Equal([0, 1], _region.Owned);
        Assert.True(_region.IsReady);
    }

    [Fact]
    public void What_is_delivered_while_the_claim_is_out_waits_for_it()
    {
        ReadBoard();
        Step(new RegionInput.Registered(0, _registered[0]));
        Step(new RegionInput.Delivered(0, _registered[0], new CoreInput.Ask(1, A, new Put("x", 1), 7), 7));
        Assert.DoesNotContain(_said, said => said.StartsWith("load", StringComparison.Ordinal));
        Claim(0, epoch: 1);
        Assert.Contains($"load {A}", _said);
    }

    [Fact]
    public void Claim_that_fails_closes_the_registration_and_it_registers_anew()
    {
        ReadBoard();
        Step(new RegionInput.Registered(0, _registered[0]));
        Step(new RegionInput.Delivered(0, _registered[0], null, 7));
        var first = _registered[0];
        Step(new RegionInput.Claimed(0, first, null));
        Assert.Contains("close 0", _said);
        ReadBoard();
        Assert.True(_registered[0] > first);
    }

    [Fact]
    public void Registration_claims_only_once_so_that_it_cannot_take_back_what_another_has_claimed()
    {
        Own();
        var old = _registered[0];
        Someone("other", 0, epoch: 2);
        Assert.Contains("close 0", _said);
        Assert.False(_region.Owns(0));
        _said.Clear();
        Step(new RegionInput.Delivered(0, old, null, 8));
        Assert.DoesNotContain("claim 0", _said);
    }

    [Fact]
    public void Shard_that_the_journal_refused_is_given_up_at_once()
    {
        Own();
        Step(new RegionInput.Local(new CoreInput.Ask(1, A, new Put("x", 1))));
        Step(new RegionInput.Local(new CoreInput.Loaded(A, 1, new StoredEntity(null, []))));
        _region.Flush(this);
        var append = _appends.Dequeue();
        Step(new RegionInput.Local(new CoreInput.Appended(append.Id, [AppendOutcome.StaleEpoch])));
        Assert.Contains("close 0", _said);
        Assert.Equal([1], _region.Owned);
    }

    [Fact]
    public void After_a_stall_nothing_is_done_before_the_board_has_been_read()
    {
        Own();
        _uptime += TimeSpan.FromSeconds(6);
        Assert.False(_region.MayAct(_uptime));
        _said.Clear();
        var stale = _beat;
        Step(new RegionInput.Local(new CoreInput.Ask(1, A, new Put("x", 1))));
        Assert.Contains("close 0", _said);
        Assert.DoesNotContain($"load {A}", _said);
        Assert.False(_region.CanFlush);

        Step(new RegionInput.BoardRead(stale, View())); // Of before the stall: it may say anything.
        Assert.DoesNotContain($"load {A}", _said);
        _rows = _rows.SetItem(1, _rows[1] with { Epoch = 9, Owner = "other" });
        ReadBoard();
        Assert.Contains($"load {A}", _said);
        Assert.Equal([0], _region.Owned);
        Assert.True(_region.MayAct(_uptime));
    }

    [Fact]
    public void Lost_connection_does_not_lose_what_nobody_has_claimed_since()
    {
        Own();
        Step(new RegionInput.Ended(0, _registered[0]));
        Assert.True(_region.Owns(0));
        ReadBoard();
        Step(new RegionInput.Registered(0, _registered[0]));
        _said.Clear();
        Step(new RegionInput.Delivered(0, _registered[0], new CoreInput.Ask(1, A, new Put("x", 1), 7), 7));
        Assert.DoesNotContain("claim 0", _said);
        ReadBoard();
        Assert.Contains($"load {A}", _said);
    }

    [Fact]
    public void Node_that_does_not_see_the_board_gives_its_registrations_to_those_that_do()
    {
        Own();
        for (var i = 0; i < 6; i++)
        {
            Tick();
        }

        Assert.Contains("close 0", _said);
        Assert.Contains("close 1", _said);
        Assert.False(_region.IsReady);
    }

    [Fact]
    public void Shard_is_handed_over_when_the_other_stands_by_and_not_before()
    {
        Own();
        _others = ["other"];
        ReadBoard();
        var moving = _said.Count;
        Assert.DoesNotContain(_said.Skip(moving), said => said.StartsWith("close", StringComparison.Ordinal));
        var shard = Enumerable.Range(0, 2).Single(number => ShardPlan.Of(View(), TimeSpan.FromSeconds(6)).Owner(number) == "other");
        _rows = _rows.SetItem(shard, _rows[shard] with { Standby = "other" });
        ReadBoard();
        Assert.Contains($"close {shard}", _said);
        Assert.Equal([1 - shard], _region.Owned);
    }

    [Fact]
    public void Node_that_leaves_hands_everything_over_and_says_when_it_has()
    {
        Own();
        _others = ["other"];
        _rows = [.. _rows.Select(row => row with { Standby = "other" })];
        Step(new RegionInput.Leave());
        Assert.Contains("beat takes none", _said);
        ReadBoard(takesShards: false);
        Assert.True(_region.HasLeft);
        Assert.False(_region.IsReady);
    }

    [Fact]
    public void Node_whose_clock_is_wrong_takes_no_shards()
    {
        _skew = TimeSpan.FromSeconds(5);
        ReadBoard();
        Assert.Empty(_registered);
        Assert.False(_region.IsReady);
        Tick();
        Assert.Equal("beat takes none", _said[^1]);
        Assert.Equal(_skew, _region.Skew);
    }

    [Fact]
    public void Inbox_that_has_grown_is_read()
    {
        Own();
        _rows = _rows.SetItem(0, _rows[0] with { InboxLast = 3 });
        ReadBoard();
        Assert.Contains("inbox 0 after 0", _said);
    }

    private void Own()
    {
        ReadBoard();
        foreach (var shard in new[] { 0, 1 })
        {
            Step(new RegionInput.Registered(shard, _registered[shard]));
        }

        foreach (var shard in new[] { 0, 1 })
        {
            Step(new RegionInput.Delivered(shard, _registered[shard], null, shard + 1));
            Claim(shard, epoch: 1);
        }

        ReadBoard();
    }

    private void Claim(int shard, long epoch)
    {
        _rows = _rows.SetItem(shard, _rows[shard] with { Epoch = epoch, Owner = "me", Standby = "" });
        Step(new RegionInput.Claimed(shard, _registered[shard], new ShardClaim(shard, epoch, [])));
    }

    private void Someone(string node, int shard, long epoch)
    {
        _others = [node];
        _rows = _rows.SetItem(shard, _rows[shard] with { Epoch = epoch, Owner = node });
        ReadBoard();
    }

    private void Tick()
    {
        _uptime += TimeSpan.FromSeconds(1);
        Step(new RegionInput.Tick());
    }

    private void ReadBoard(bool takesShards = true)
    {
        var before = _beat;
        while (_beat == before)
        {
            Tick();
        }

        Step(new RegionInput.BoardRead(_beat, View(takesShards)));
    }

    private ClusterView View(bool takesShards = true) =>
        new(DatabaseNow, [.. _others.Select(node => new NodeRow(node, DatabaseNow, true)), new NodeRow("me", DatabaseNow, takesShards)], _rows);

    private void Step(RegionInput input) => _region.Step(input, DatabaseNow + _skew, _uptime, this);

    void IRegionOutput.Beat(long number, NodeBeat beat)
    {
        _beat = number;
        _said.Add(beat.TakesShards ? "beat" : "beat takes none");
    }

    void IRegionOutput.Register(int shard, long registration)
    {
        _registered[shard] = registration;
        _said.Add($"register {shard}");
    }

    void IRegionOutput.Close(int shard, long registration) => _said.Add($"close {shard}");

    void IRegionOutput.Claim(int shard, long registration) => _said.Add($"claim {shard}");

    void IRegionOutput.Nudge(int shard) => _said.Add($"nudge {shard}");

    void ICoreOutput.Load(EntityId id, long activation, int snapshotSchema) => _said.Add($"load {id}");

    void ICoreOutput.LookUp(EntityId id, long activation, RowKey key) { }

    void ICoreOutput.Append(long batchId, ImmutableArray<EntityAppend> parts) => _appends.Enqueue((batchId, parts));

    void ICoreOutput.Send(Envelope envelope) { }

    void ICoreOutput.SendFanOut(FanOutEnvelope envelope) { }

    void ICoreOutput.Acknowledge(Acknowledgement acknowledgement) { }

    void ICoreOutput.Reply(long askId, object reply) { }

    void ICoreOutput.Fail(long askId, AskFailure failure, string detail) => _said.Add($"fail {askId} {failure}");

    void ICoreOutput.Done(long tag) => _said.Add($"done {tag}");

    void ICoreOutput.ReadInbox(int shard, long epoch, long after) => _said.Add($"inbox {shard} after {after}");

    void ICoreOutput.DropInbox(int shard, long number) { }

    void ICoreOutput.StartEffect(EntityId id, long activation, Effect effect, DateTimeOffset at) { }

    void ICoreOutput.StopEffect(EntityId id, string key) { }

    void ICoreOutput.InterestBegan(EntityId id, string symbol) { }

    void ICoreOutput.InterestEnded(EntityId id, string symbol) { }

    void ICoreOutput.Stored(in StoredStep step) { }

    void ICoreOutput.Committed(EntityId id, long seq) { }

    void ICoreOutput.ShardRefused(int shard) { }

    void ICoreOutput.Notice(CoreNotice notice) { }
}
