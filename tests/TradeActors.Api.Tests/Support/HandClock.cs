namespace TradeActors.Api.Tests.Support;

/// <summary>A clock that a test moves, on the test's thread. Timers fire once, when they are due; periods are not known here.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly List<Timer> _armed = [];
    private DateTimeOffset _now = new(2026, 5, 4, 9, 30, 0, TimeSpan.Zero);

    public int Armed => _armed.Count;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var end = _now + by;
        while (_armed.Where(timer => timer.Due <= end).MinBy(timer => timer.Due) is { } next)
        {
            _armed.Remove(next);
            _now = next.Due;
            next.Fire();
        }

        _now = end;
    }

    private sealed class Timer(HandClock clock, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Due = clock._now + dueTime;
                clock._armed.Add(this);
            }

            return true;
        }

        public void Dispose() => clock._armed.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
