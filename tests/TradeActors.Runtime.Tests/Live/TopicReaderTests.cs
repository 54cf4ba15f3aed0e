using System.Collections.Immutable;
using System.Text.Json;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Runtime.Live;
using Xunit;

namespace TradeActors.Runtime.Tests.Live;

/// <summary>One topic, its reader and its followers, step by step.</summary>
public sealed class TopicReaderTests
{
    private const int PageSize = 3;

    private readonly Store _store = new();
    private readonly TopicReader _reader = new(PageSize);

    [Fact]
    public void Follower_without_a_position_begins_with_a_snapshot_and_goes_on_with_every_event()
    {
        _store.Append(5);
        var client = new Client(_reader, _store);
        var follower = client.Follow(after: null);
        client.Run();
        Assert.Equal(["reset 5"], client.Told);
        _store.Append(2);
        Read(_reader.Announced());
        client.Run();
        Assert.Equal(["reset 5", "event 6", "event 7"], client.Told);
        Assert.Equal(7, follower.Last);
    }

    [Fact]
    public void Follower_with_a_position_gets_what_it_missed_page_by_page()
    {
        _store.Append(8);
        var client = new Client(_reader, _store);
        client.Follow(after: 1);
        client.Run();
        Assert.Equal(Events(2, 8), client.Told);
    }

    [Theory]
    [InlineData(2)] // What comes next is no longer kept.
    [InlineData(9)] // More than there is.
    public void Position_outside_of_what_is_kept_gets_a_snapshot(long after)
    {
        _store.Append(8);
        _store.Trim(4);
        var client = new Client(_reader, _store);
        client.Follow(after);
        client.Run();
        Assert.Equal(["reset 8"], client.Told);
    }

    [Fact]
    public void Event_that_was_committed_between_reading_and_joining_is_read_before_joining()
    {
        var first = new Client(_reader, _store);
        first.Follow(after: 0);
        first.Run();
        var late = new Client(_reader, _store);
        var follower = late.Follow(after: 0);
        follower.PageRead(_store.Read(0));
        _store.Append(1);
        Read(_reader.Announced());
        _reader.Join(follower);
        late.Run();
        Assert.Equal(["event 1"], late.Told);
    }

    [Fact]
    public void Event_that_was_read_before_joining_is_dropped_when_it_is_handed_out()
    {
        var first = new Client(_reader, _store);
        first.Follow(after: 0);
        first.Run();
        _store.Append(2); // Its announcement is lost.
        var client = new Client(_reader, _store);
        client.Follow(after: 0);
        client.Run();
        Assert.Equal(Events(1, 2), client.Told);
        Assert.Equal(2, _reader.Cursor); // Joining has shown the reader that it is behind.
    }

    [Fact]
    public void Lost_announcement_is_made_good_by_the_next_look_at_the_heads()
    {
        var client = new Client(_reader, _store);
        client.Follow(after: 0);
        client.Run();
        _store.Append(1);
        client.Run();
        Assert.Empty(client.Told);
        Read(_reader.HeadSeen(_store.Head));
        Assert.False(_reader.HeadSeen(_store.Head));
        client.Run();
        Assert.Equal(["event 1"], client.Told);
    }

    [Fact]
    public void Announcement_during_a_read_makes_one_more()
    {
        var client = new Client(_reader, _store);
        client.Follow(after: 0);
        client.Run();
        Assert.True(_reader.Announced());
        var page = _store.Read(0);
        _store.Append(1);
        Assert.False(_reader.Announced());
        Assert.True(_reader.PageRead(page));
        Assert.False(_reader.PageRead(page));
    }

    [Fact]
    public void Failed_read_is_tried_again_at_the_next_hint()
    {
        var client = new Client(_reader, _store);
        client.Follow(after: 0);
        client.Run();
        _store.Append(1);
        Assert.True(_reader.Announced());
        Assert.False(_reader.ReadFailed());
        Assert.True(_reader.HeadSeen(1));
    }

    [Fact]
    public void Client_that_takes_no_more_begins_again_with_a_snapshot_behind_what_waits()
    {
        var client = new Client(_reader, _store, mostEvents: 2);
        client.Follow(after: 0);
        client.Run();
        _store.Append(4);
        Read(_reader.Announced());
        client.Run();
        Assert.Equal(["event 1", "event 2", "reset 4"], client.Told);
        _store.Append(1);
        Read(_reader.Announced());
        client.Run();
        Assert.Equal("event 5", client.Told[^1]);
    }

    /// <summary>Before, the reader waited for the old cursor to be reached again and joined nobody: clients that came back were reset without end or saw a gap.</summary>
    [Fact]
    public void Restored_store_makes_every_follower_begin_anew()
    {
        _store.Append(8);
        var client = new Client(_reader, _store);
        client.Follow(after: 6);
        client.Run();
        _store.Restore(4);
        var returned = new Client(_reader, _store);
        returned.Follow(after: 8);
        returned.Run();
        Assert.Equal(["reset 4"], returned.Told);
        client.Run();
        Assert.Equal(["event 7", "event 8", "reset 4"], client.Told);
        _store.Append(1);
        Read(_reader.Announced());
        client.Run();
        returned.Run();
        Assert.Equal(["reset 4", "event 5"], returned.Told);
        Assert.Equal("event 5", client.Told[^1]);
    }

    /// <summary>Before, the rest of a page that was being sent came all the same, behind the answer to the client's new wish.</summary>
    [Fact]
    public void Follower_that_has_ended_is_sent_nothing_more()
    {
        _store.Append(4);
        var client = new Client(_reader, _store);
        var follower = client.Follow(after: 0);
        var page = _store.Read(0);
        follower.PageRead(page);
        Assert.True(follower.TrySend(1));
        _reader.End(follower);
        Assert.False(follower.TrySend(2));
        Assert.False(follower.SnapshotRead(4));
        _reader.Join(follower);
        Assert.Null(_reader.Cursor);
        client.Run();
        Assert.Empty(client.Told);
    }

    [Fact]
    public void What_waits_for_a_follower_that_has_ended_is_dropped_and_its_room_is_free()
    {
        var client = new Client(_reader, _store, mostEvents: 2);
        var follower = client.Follow(after: 0);
        client.Run();
        _store.Append(2);
        Read(_reader.Announced());
        _reader.End(follower);
        client.Follow(after: 1);
        client.Run();
        Assert.Equal(["event 2"], client.Told);
        _store.Append(2);
        Read(_reader.Announced());
        client.Run();
        Assert.Equal(Events(2, 4), client.Told);
    }

    /// <summary>Carries out what the reader wants, until it wants nothing more.</summary>
    private void Read(bool isWanted) => Read(_reader, _store, isWanted);

    private static void Read(TopicReader reader, Store store, bool isWanted)
    {
        while (isWanted)
        {
            var page = store.Read(reader.Cursor!.Value);
            foreach (var row in page.Events)
            {
                reader.HandOut(row.Seq, $"event {row.Seq}");
            }

            isWanted = reader.PageRead(page);
        }
    }

    private static string[] Events(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(seq => $"event {seq}")];

    private sealed class Store
    {
        private readonly List<LiveRow> _rows = [];

        public long Head { get; private set; }

        public void Append(int events)
        {
            for (; events > 0; events--)
            {
                _rows.Add(new LiveRow(++Head, "tested", DateTimeOffset.UnixEpoch, default(JsonElement)));
            }
        }

        public void Trim(long before) => _rows.RemoveAll(row => row.Seq < before);

        public void Restore(long head)
        {
            Head = head;
            _rows.RemoveAll(row => row.Seq > head);
        }

        public LivePage Read(long after) => new(Head, [.. _rows.Where(row => row.Seq > after).Take(PageSize)]);
    }

    /// <summary>A client whose loop runs when it is told to.</summary>
    private sealed class Client(TopicReader reader, Store store, int mostEvents = 100) : IFollowerOutput
    {
        private readonly ClientQueue _queue = new(mostEvents);

        public List<string> Told { get; } = [];

        public TopicFollower Follow(long? after)
        {
            var follower = new TopicFollower(this, after);
            follower.Synchronise();
            return follower;
        }

        public bool TryQueue(TopicFollower follower, object message) => _queue.TryAddEvent(follower, message);

        public void QueueSync(TopicFollower follower) => _queue.AddSync(follower);

        public void Run()
        {
            while (_queue.TryTake(out var next))
            {
                switch (next)
                {
                    case { Message: string message }:
                        Told.Add(message);
                        continue;
                    case { Follower.Last: null }:
                        if (next.Follower!.SnapshotRead(store.Head))
                        {
                            Told.Add($"reset {store.Head}");
                        }

                        break;
                    default:
                        var page = store.Read(next.Follower!.Last!.Value);
                        next.Follower.PageRead(page);
                        Told.AddRange(page.Events.Where(row => next.Follower.TrySend(row.Seq)).Select(row => $"event {row.Seq}"));
                        break;
                }

                Read(reader, store, reader.Join(next.Follower));
            }
        }
    }
}
