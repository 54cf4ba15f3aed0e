using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>
/// What every client must see of a topic, kept from what was stored alone: between two snapshots every event, in order, once, as it was stored; a snapshot
/// as its row was when the topic stood at its number, and none without a reason.
/// </summary>
internal sealed class LiveModel(SimWorld world)
{
    private readonly SortedDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedDictionary<string, View>> _views = new(StringComparer.Ordinal);

    /// <summary>A part is in the journal.</summary>
    public void Stored(EntityAppend part)
    {
        foreach (var (key, put) in part.Rows)
        {
            if (key.Table == ReadTable.LiveEvents)
            {
                TopicAt($"{key.Tenant}/{key.Parent}").Rows.Add(put!.Doc);
            }
        }

        if (part.Id.Kind is EntityKind.Account or EntityKind.Recorder)
        {
            var topic = TopicAt(NameOf(part.Id));
            topic.Shown[topic.Rows.Count] = world.Journal.Lookup(SimHub.RowOf(part.Id))?.Doc;
        }
    }

    /// <param name="firstKept">The oldest event that the store still has.</param>
    public void Pruned(string topic, long firstKept) => TopicAt(topic).FirstKept = firstKept;

    // What clients did and saw.

    /// <param name="after">The last event that it has; null: it wants a snapshot.</param>
    public void Subscribed(string client, EntityId topic, long? after) => ViewsOf(client)[NameOf(topic)] = new View { Last = after, IsToBeReset = after is null };

    public void Unsubscribed(string client, EntityId topic) => ViewsOf(client).Remove(NameOf(topic));

    public void Left(string client) => _views.Remove(client);

    public void Event(string client, EntityId id, long seq, byte[] row)
    {
        var (topic, view) = (TopicAt(NameOf(id)), ViewOf(client, id, $"event {seq}"));
        if (seq > topic.Rows.Count)
        {
            throw new SimulationFailure("LiveOnlyStored", $"{client} sees event {seq} of {id}; {topic.Rows.Count} are stored.");
        }

        if (view.IsToBeReset || seq != view.Last + 1)
        {
            throw new SimulationFailure("LiveGapless", $"{client} sees event {seq} of {id} behind {(view.IsToBeReset ? "nothing" : view.Last)}.");
        }

        if (!row.AsSpan().SequenceEqual(topic.Rows[(int)seq - 1]))
        {
            throw new SimulationFailure("LiveOnlyStored", $"{client} sees another event {seq} of {id} than is stored.");
        }

        view.Last = seq;
    }

    /// <param name="isOverflow">More had waited for the client than may.</param>
    public void Reset(string client, EntityId id, long seq, byte[] row, bool isOverflow)
    {
        var (topic, view) = (TopicAt(NameOf(id)), ViewOf(client, id, $"snapshot {seq}"));
        var isAhead = view.Last > topic.Rows.Count;
        if (!topic.Shown.TryGetValue(seq, out var shown) || shown is null || !row.AsSpan().SequenceEqual(shown))
        {
            throw new SimulationFailure("LiveSnapshotIsTrue", $"{client} sees a snapshot of {id} at {seq} that is not how it was stored then.");
        }

        if (!view.IsToBeReset && !isOverflow && !isAhead && topic.FirstKept <= view.Last + 1)
        {
            throw new SimulationFailure("LiveResetHasReason", $"{client} has everything of {id} up to {view.Last}, which is kept, and is reset to {seq}.");
        }

        if (!isAhead && seq < view.Last)
        {
            throw new SimulationFailure("LiveGapless", $"{client} has {view.Last} of {id} and is set back to {seq}.");
        }

        (view.Last, view.IsToBeReset) = (seq, false);
    }

    /// <summary>From now on clients are to see everything that is stored up to here.</summary>
    public void Rest()
    {
        foreach (var topic in _topics.Values)
        {
            topic.AtRest = topic.Rows.Count;
        }
    }

    public string? Unsettled(string client, EntityId topic)
    {
        var (owed, head) = (TopicAt(NameOf(topic)).AtRest, TopicAt(NameOf(topic)).Rows.Count);
        return ViewsOf(client).TryGetValue(NameOf(topic), out var view)
            ? view.IsToBeReset || view.Last < owed || view.Last > head ? $"{client} has {view.Last?.ToString() ?? "nothing"} of {topic}, which has stood at {owed} for a while." : null
            : $"{client} does not watch {topic}.";
    }

    private View ViewOf(string client, EntityId topic, string what) => ViewsOf(client).TryGetValue(NameOf(topic), out var view)
        ? view
        : throw new SimulationFailure("LiveOnlyWanted", $"{client} is told {what} of {topic} and has not asked for it.");

    private SortedDictionary<string, View> ViewsOf(string client) => At(_views, client, () => new SortedDictionary<string, View>(StringComparer.Ordinal));

    private Topic TopicAt(string name) => At(_topics, name, () => new Topic());

    private static string NameOf(EntityId id) => $"{id.Tenant}/{id.Kind}:{id.Key}";

    private static T At<T>(SortedDictionary<string, T> known, string name, Func<T> make)
    {
        if (!known.TryGetValue(name, out var one))
        {
            known.Add(name, one = make());
        }

        return one;
    }

    private sealed class Topic
    {
        /// <summary>Every event that was ever stored, the first at 0.</summary>
        public List<byte[]> Rows { get; } = [];

        /// <summary>By the number at which the topic stood after a commit: the row that REST shows.</summary>
        public SortedDictionary<long, byte[]?> Shown { get; } = [];

        public long FirstKept { get; set; } = 1;

        public long AtRest { get; set; }
    }

    private sealed class View
    {
        public long? Last { get; set; }

        /// <summary>Has asked for a snapshot.</summary>
        public bool IsToBeReset { get; set; }
    }
}
