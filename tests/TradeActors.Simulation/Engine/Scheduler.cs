using TradeActors.Domain.Common;

namespace TradeActors.Simulation.Engine;

/// <summary>The one thread of the simulated world: events in order of time, equal times in seeded order.</summary>
internal sealed class Scheduler(Pcg32 random)
{
    private static readonly DateTimeOffset Epoch = new(2026, 3, 3, 15, 0, 0, TimeSpan.Zero);

    /// <summary>No seed needs a tenth of it: more is a loop.</summary>
    private const long MostAside = 20_000_000;

    private readonly PriorityQueue<Action, (long At, uint Tie, long Order)> _queue = new();
    private readonly PriorityQueue<Action, (long At, uint Tie, long Order)> _aside = new();
    private long _nowMicros;
    private long _order;
    private long _asideRun;

    public long Steps { get; private set; }

    public DateTimeOffset Now => Epoch.AddMicroseconds(_nowMicros);

    public TimeSpan Elapsed => TimeSpan.FromMicroseconds(_nowMicros);

    public void After(TimeSpan delay, Action action) =>
        _queue.Enqueue(action, (_nowMicros + Math.Max(0, (long)delay.TotalMicroseconds), random.NextUInt32(), _order++));

    /// <summary>As <see cref="After"/>, with a tie drawn elsewhere: what is added this way leaves the order of everything else as it was.</summary>
    public void AfterQuietly(TimeSpan delay, Pcg32 ties, Action action) =>
        _queue.Enqueue(action, (_nowMicros + Math.Max(0, (long)delay.TotalMicroseconds), ties.NextUInt32(), _order++));

    public void At(DateTimeOffset time, Action action) => After(time - Now, action);

    /// <summary>
    /// For what only looks on. Runs in time with everything else, but takes its ties from a stream of its own and is no step: what it does changes nothing
    /// of what a seed means to the others.
    /// </summary>
    public void Aside(TimeSpan delay, Pcg32 ties, Action action) =>
        _aside.Enqueue(action, (_nowMicros + Math.Max(0, (long)delay.TotalMicroseconds), ties.NextUInt32(), _order++));

    /// <summary>Runs the next event. False when there is none before <paramref name="end"/>; the time is then <paramref name="end"/>.</summary>
    public bool RunNext(TimeSpan end)
    {
        var limit = (long)end.TotalMicroseconds;
        RunAside(limit);
        if (!_queue.TryPeek(out _, out var priority) || priority.At > limit)
        {
            _nowMicros = Math.Max(_nowMicros, limit);
            return false;
        }

        var action = _queue.Dequeue();
        _nowMicros = priority.At;
        Steps++;
        action();
        return true;
    }

    private void RunAside(long limit)
    {
        while (_aside.TryPeek(out _, out var aside) && aside.At <= limit && (!_queue.TryPeek(out _, out var next) || aside.At <= next.At))
        {
            if (++_asideRun > MostAside)
            {
                throw new SimulationFailure("Liveness", "What looks on finds no rest.");
            }

            var action = _aside.Dequeue();
            _nowMicros = aside.At;
            action();
        }
    }
}
