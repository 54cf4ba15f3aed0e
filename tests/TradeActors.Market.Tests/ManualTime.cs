namespace TradeActors.Market.Tests;

/// <summary>A clock that moves only when told to. Due timers fire in their order, on the thread that moves it.</summary>
internal sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private readonly List<(int Timers, TaskCompletionSource Reached)> _waiters = [];
    private DateTimeOffset _now = start;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>How many timers wait to fire.</summary>
    public int Armed
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes once so many timers wait to fire.</summary>
    public Task ArmedAsync(int timers)
    {
        lock (_gate)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((timers, reached));
            TellWaiters_NeedsLock();
            return reached.Task.OrFail(() => $"{timers} armed timers; there are {Armed}");
        }
    }

    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (NextDue(end) is { } due)
        {
            due.Fire();
        }

        lock (_gate)
        {
            _now = end;
        }
    }

    private Timer? NextDue(DateTimeOffset end)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is not null)
            {
                _now = next.Due > _now ? next.Due : _now;
                _timers.Remove(next);
                next.Rearm_NeedsLock();
            }

            return next;
        }
    }

    private void TellWaiters_NeedsLock()
    {
        foreach (var waiter in _waiters.Where(waiter => waiter.Timers <= _timers.Count).ToList())
        {
            _waiters.Remove(waiter);
            waiter.Reached.SetResult();
        }
    }

    private sealed class Timer(ManualTime time, Action fire) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset Due { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                _period = period;
                Arm_NeedsLock(dueTime);
                return true;
            }
        }

        public void Rearm_NeedsLock() => Arm_NeedsLock(_period);

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm_NeedsLock(TimeSpan dueTime)
        {
            if (dueTime > TimeSpan.Zero)
            {
                Due = time._now + dueTime;
                time._timers.Add(this);
                time.TellWaiters_NeedsLock();
            }
        }
    }
}
