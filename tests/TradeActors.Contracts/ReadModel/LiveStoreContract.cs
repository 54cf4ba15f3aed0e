using System.Collections.Immutable;
using System.Text.Json;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using Xunit;

namespace TradeActors.Contracts.ReadModel;

/// <summary>What every engine of <see cref="ILiveStore"/> must do.</summary>
public abstract class LiveStoreContract(IStoreData data) : StoreContract(data)
{
    private static readonly LiveTopic Topic = new("acme", "account:a1");
    private static readonly LiveTopic Other = new("acme", "account:a2");
    private static readonly LiveTopic Foreign = new("other", "account:a1");

    private long _head;
    private long _epoch;
    private int _written;

    private ILiveStore Live => Store.Live;

    [Fact]
    public async Task Topic_without_events_stands_at_zero()
    {
        var page = await Live.ReadAsync(Topic, after: 0, limit: 10, default);
        Assert.Equal(0, page.Head);
        Assert.Empty(page.Events);
        Same.Items([0L], await Live.HeadsAsync([Topic], default));
        Same.Items([], await Live.HeadsAsync([], default));
    }

    [Fact]
    public async Task Page_holds_what_lies_behind_and_the_head_of_that_topic_alone()
    {
        await PutAsync(Topic, 1, 12);
        await PutAsync(Other, 1, 3);
        await PutAsync(Foreign, 1, 40);
        var page = await Live.ReadAsync(Topic, after: 8, limit: 3, default);
        Assert.Equal(12, page.Head);
        Assert.Equal([9L, 10, 11], page.Events.Select(row => row.Seq));
        Assert.Equal(("moved", At(9), 9), (page.Events[0].Type, page.Events[0].At, page.Events[0].Data.GetProperty("n").GetInt64()));
        Assert.Empty((await Live.ReadAsync(Topic, after: 12, limit: 3, default)).Events);
        Same.Items([3L, 0, 12, 40], await Live.HeadsAsync([Other, new("acme", "recorder:a1"), Topic, Foreign], default));
    }

    [Fact]
    public async Task State_is_that_of_its_head_while_events_go_on()
    {
        var row = Given.Row("a1", parent: "", table: ReadTable.Accounts);
        Assert.Equal(new LiveState(0, null), await Live.StateAsync(Topic, row.Key, default));
        var writer = Task.Run(async () =>
        {
            for (var seq = 1; seq <= 200; seq++)
            {
                await ChangeAsync([Given.Put(row with { Sort = seq }), Event(Topic, seq)]);
            }
        });
        while (!writer.IsCompleted)
        {
            var state = await Live.StateAsync(Topic, row.Key, default);
            Assert.Equal(state.Head, state.Row?.Sort ?? 0);
        }

        await writer;
        Assert.Equal(200, (await Live.StateAsync(Topic, row.Key, default)).Head);
    }

    [Fact]
    public async Task Old_events_are_removed_in_portions_and_each_topics_newest_stays()
    {
        await PutAsync(Other, 1, 1); // Long quiet: the oldest row of all, and its topic's head.
        await PutAsync(Topic, 1, 20);
        await PutAsync(Foreign, 1, 5);
        await PutAsync(Topic, 21, 25);
        Assert.Equal(0, await Live.TrimAsync(At(1), most: 100, default));
        foreach (var removed in (int[])[10, 10, 2, 0]) // The topic's first 20 and the foreign one's first two.
        {
            Assert.Equal(removed, await Live.TrimAsync(At(24), most: 10, default));
        }

        var page = await Live.ReadAsync(Topic, after: 0, limit: 100, default);
        Assert.Equal((25, 21, 25), (page.Head, page.Events[0].Seq, page.Events[^1].Seq));
        Assert.Equal([3L, 4, 5], (await Live.ReadAsync(Foreign, after: 0, limit: 100, default)).Events.Select(row => row.Seq));
        Assert.Equal(31 - 22 - 3, await Live.TrimAsync(At(1000), most: 100, default));
        Same.Items([1L, 25, 5], await Live.HeadsAsync([Other, Topic, Foreign], default));
    }

    [Fact]
    public async Task Topic_goes_on_behind_what_was_removed()
    {
        await PutAsync(Topic, 1, 10);
        Assert.Equal(9, await Live.TrimAsync(At(1000), most: 100, default));
        await RestartAsync();
        (_epoch, _head) = (0, 1);
        Same.Items([10L], await Live.HeadsAsync([Topic], default));
        await PutAsync(Topic, 11, 12);
        Assert.Equal([10L, 11, 12], (await Live.ReadAsync(Topic, after: 0, limit: 100, default)).Events.Select(row => row.Seq));
    }

    /// <summary>When the nth event was written, of all topics together.</summary>
    private static DateTimeOffset At(long nth) => Given.At.AddMinutes(nth);

    private RowChange Event(LiveTopic topic, long seq)
    {
        var row = new LiveRow(seq, "moved", At(++_written), JsonSerializer.SerializeToElement(new { n = seq }));
        return Given.Put(new Row(new(ReadTable.LiveEvents, topic.Tenant, topic.Name, seq.ToString("D19")), seq, "", RowJson.Serialize(row)));
    }

    private async Task PutAsync(LiveTopic topic, long first, long last) =>
        await ChangeAsync([.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => Event(topic, first + i))]);

    private async Task ChangeAsync(ImmutableArray<RowChange> changes)
    {
        if (_epoch == 0)
        {
            _epoch = (await Store.Journal.ClaimAsync([0], "n1", default))[0].Epoch;
        }

        var part = new EntityAppend(Given.Account("w"), 0, _epoch, _head++, [Given.Event(_head)], changes, null, null);
        Same.Items([AppendOutcome.Stored], await Store.Journal.AppendAsync([part], default));
    }
}
