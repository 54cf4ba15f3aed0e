using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Api.Live;

/// <summary>The topics that clients of this node watch, each with one reader.</summary>
internal sealed class LiveTopics(ILiveStore store, IEntityWatch announcements, ILogger<LiveTopics> log)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Watched, Entry> _entries = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The topic's reader, which from now on hears of commits. Give it back with <see cref="Return"/>.</summary>
    public TopicFan Borrow(Watched watched)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(watched, out var entry))
            {
                var fan = new TopicFan(watched, store, log);
                _entries.Add(watched, entry = new Entry(fan, announcements.Watch(watched.Entity, _ => fan.Poke())));
            }

            entry.Borrowers++;
            return entry.Fan;
        }
    }

    public void Return(TopicFan fan)
    {
        lock (_gate)
        {
            var entry = _entries[fan.Watched];
            if (--entry.Borrowers == 0)
            {
                _entries.Remove(fan.Watched);
                entry.Announcements.Dispose();
            }
        }
    }

    /// <summary>Looks where all topics stand, and reads those that have moved: an announcement is only a hint.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        TopicFan[] fans;
        lock (_gate)
        {
            fans = [.. _entries.Values.Select(entry => entry.Fan)];
        }

        var heads = fans.Length == 0
            ? []
            : await store.HeadsAsync([.. fans.Select(fan => fan.Watched.Topic)], ct).ConfigureAwait(false);
        foreach (var (fan, head) in fans.Zip(heads))
        {
            fan.See(head);
        }
    }

    private sealed class Entry(TopicFan fan, IDisposable announcements)
    {
        public TopicFan Fan => fan;

        public IDisposable Announcements => announcements;

        public int Borrowers { get; set; }
    }
}
