using TradeActors.Abstractions.ReadModel;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>The rows of live topics as the store keeps them: written in the transaction of their events, the oldest removed now and then.</summary>
internal sealed class SimLiveRows
{
    private readonly SortedDictionary<string, Topic> _topics = new(StringComparer.Ordinal);

    public IEnumerable<string> Topics => _topics.Keys;

    public static string Name(LiveTopic topic) => $"{topic.Tenant}/{topic.Name}";

    public void Put(Row row)
    {
        var name = $"{row.Key.Tenant}/{row.Key.Parent}";
        if (!_topics.TryGetValue(name, out var topic))
        {
            _topics.Add(name, topic = new Topic());
        }

        if (row.Sort != topic.Head + 1)
        {
            throw new SimulationFailure("LiveGapless", $"Topic {name} goes on with {row.Sort} where {topic.Head + 1} must stand.");
        }

        topic.Rows.Add(row);
    }

    public long Head(LiveTopic topic) => Of(topic)?.Seen ?? 0;

    public LivePage Read(LiveTopic topic, long after, int limit)
    {
        var known = Of(topic);
        return known is null
            ? new LivePage(0, [])
            : new LivePage(known.Seen, [.. known.Behind(after).Take(limit).Select(row => RowJson.Deserialize<LiveRow>(row.Doc))]);
    }

    /// <summary>Removes the oldest, but never the newest: it says where the topic stands.</summary>
    /// <returns>The oldest that is kept.</returns>
    public long Trim(string name, int most)
    {
        var topic = _topics[name];
        topic.FirstKept = Math.Max(topic.FirstKept, Math.Min(topic.Head, topic.FirstKept + most));
        return topic.FirstKept;
    }

    public IEnumerable<Row> Kept(string name) => _topics[name].Rows.Skip((int)_topics[name].FirstKept - 1);

    /// <summary>By a deliberate defect: found by readers before it is stored.</summary>
    public void Foresee(Row row)
    {
        if (_topics.TryGetValue($"{row.Key.Tenant}/{row.Key.Parent}", out var topic))
        {
            topic.Foreseen[row.Sort] = row;
        }
    }

    private Topic? Of(LiveTopic topic) => _topics.GetValueOrDefault(Name(topic));

    private sealed class Topic
    {
        public List<Row> Rows { get; } = [];

        public SortedDictionary<long, Row> Foreseen { get; } = [];

        public long FirstKept { get; set; } = 1;

        public long Head => Rows.Count;

        public long Seen => Head + AheadOf(Head).Count();

        public IEnumerable<Row> Behind(long after) => Rows.Skip((int)Math.Max(after, FirstKept - 1)).Concat(AheadOf(Head).Where(row => row.Sort > after));

        private IEnumerable<Row> AheadOf(long head)
        {
            while (Foreseen.TryGetValue(++head, out var row))
            {
                yield return row;
            }
        }
    }
}
