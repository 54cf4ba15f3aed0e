using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Connections;

namespace TradeActors.Brokers.Core.Links;

/// <summary>
/// The link of one connection to its broker on one node, without I/O: its one session, the stream of reports, and the calls about orders. It decides when to
/// log on, what may be written, what an error means and what is tried again; the shell around it does what <see cref="ILinkOutput"/> says. The very same code
/// runs in the simulation.
/// </summary>
/// <remarks>
/// One caller at a time. After every input the shell gives <see cref="Tick"/> at <see cref="NextAlarm"/> at the latest. Effects report to their entity as they
/// would from any shell; one that was stopped reports nothing more.
/// </remarks>
public sealed class BrokerLink(ILinkOutput output)
{
    /// <summary>How often a standing session compares what is at the broker with what is known here.</summary>
    public static readonly TimeSpan SnapshotEvery = TimeSpan.FromSeconds(30);

    /// <summary>How long a session that nobody needs is kept for the next call.</summary>
    private static readonly TimeSpan IdleKept = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LogOnTimeout = TimeSpan.FromSeconds(30);

    private readonly SortedDictionary<long, LinkCall> _calls = [];
    private readonly BackOff _backOff = new();
    private SessionPhase _phase;
    private long _session;
    private long _lastCall;
    private TimeSpan _logOnFrom;
    private TimeSpan _logOnBy;
    private TimeSpan _upSince;
    private TimeSpan _idleSince;
    private Listener? _listener;

    private enum SessionPhase { None, LoggingOn, Up }

    /// <summary>The effect that keeps the session, and how far its reports have come.</summary>
    private sealed class Listener(EffectRun run, KeepSession call)
    {
        public EffectRun Run { get; } = run;
        public KeepSession Call { get; } = call;
        public string? Cursor { get; set; } = call.Cursor;

        /// <summary>The session whose reports are being brought, 0 for none, and the number of the stream that brings them.</summary>
        public long Session { get; set; }
        public long Stream { get; set; }
        public long? Snapshot { get; set; }

        /// <summary>A snapshot of this session has been taken.</summary>
        public bool HasLooked { get; set; }
        public DateTimeOffset SnapshotAskedAt { get; set; }
        public TimeSpan SnapshotFrom { get; set; }
        public TimeSpan SnapshotBy { get; set; }
    }

    /// <summary>Orders whose fate is not known and is being asked for.</summary>
    public int OrdersAskedFor => _calls.Values.Count(call => call.IsFind);

    /// <summary>When to give <see cref="Tick"/> if nothing else comes; null for never.</summary>
    public TimeSpan? NextAlarm { get; private set; }

    public void Start(EffectRun run, LinkTime now)
    {
        Remove(run.Key);
        if (run.Call is KeepSession keep)
        {
            _listener = new Listener(run, keep);
        }
        else
        {
            _lastCall++;
            _calls.Add(_lastCall, new LinkCall(_lastCall, run, now));
        }

        Advance(now);
    }

    /// <summary>The state no longer asks for it, or the entity has left this node.</summary>
    public void Stop(string key, LinkTime now)
    {
        Remove(key);
        Advance(now);
    }

    public void Tick(LinkTime now) => Advance(now);

    /// <summary>Asked right before an order's bytes are given to the socket. When false nothing may leave.</summary>
    public bool MayWrite(long call, LinkTime now)
    {
        var may = _calls.TryGetValue(call, out var known) && known.MayWrite(now);
        Advance(now);
        return may;
    }

    public void LoggedOn(long session, LinkTime now)
    {
        if (session == _session && _phase == SessionPhase.LoggingOn)
        {
            (_phase, _upSince, _idleSince) = (SessionPhase.Up, now.Elapsed, now.Elapsed);
            Advance(now);
        }
    }

    public void LogOnFailed(long session, LinkFailure failure, LinkTime now)
    {
        if (session == _session && _phase == SessionPhase.LoggingOn)
        {
            // Only a person can help a refused one, and brokers lock out who keeps trying.
            EndSession(now, failure == LinkFailure.SessionRefused ? BackOff.Longest : WaitAfter(now));
            Advance(now);
        }
    }

    /// <summary>A call was answered.</summary>
    /// <inheritdoc cref="LinkCall.TakeAnswer" path="/param"/>
    public void Answered(long call, object? answer, LinkTime now)
    {
        if (_listener is { } listener && listener.Snapshot == call)
        {
            EndSnapshot(listener, now);
            listener.Run.Report(new SnapshotTaken((BrokerSnapshot)answer!, listener.SnapshotAskedAt, !listener.HasLooked));
            listener.HasLooked = true;
        }
        else if (_calls.TryGetValue(call, out var known))
        {
            known.TakeAnswer(answer, now);
        }

        Advance(now);
    }

    public void Failed(long call, LinkFailure failure, string reason, LinkTime now)
    {
        if (_listener is { } listener && listener.Snapshot == call)
        {
            EndSnapshot(listener, now);
            DropExpired(listener.Session, failure, now);
        }
        else if (_calls.TryGetValue(call, out var known))
        {
            known.TakeFailure(failure, reason, now);
            DropExpired(known.Session, failure, now);
        }

        Advance(now);
    }

    /// <summary>The next report of the stream.</summary>
    public void Heard(long stream, BrokerReport report, LinkTime now)
    {
        if (_listener is { } listener && listener.Stream == stream)
        {
            _backOff.Reset();
            listener.Cursor = report.Cursor;
            listener.Run.Report(new ReportReceived(report));
            Advance(now);
        }
    }

    /// <summary>The stream has broken or ended: logged on again, with back-off, and resumed behind the last report heard.</summary>
    public void StreamEnded(long stream, LinkTime now)
    {
        if (_listener is { } listener && listener.Stream == stream)
        {
            EndSession(now, WaitAfter(now));
            Advance(now);
        }
    }

    private void Advance(LinkTime now)
    {
        if (_phase == SessionPhase.LoggingOn && _logOnBy <= now.Elapsed)
        {
            EndSession(now, WaitAfter(now));
        }

        foreach (var call in _calls.Values)
        {
            if (call.EndsAt <= now.Elapsed)
            {
                call.TakeTime(now);
                output.GiveUp(call.Id);
            }
            else if (call.Phase == CallPhase.Waiting && call.From <= now.Elapsed && IsUp(now))
            {
                call.Ask(_session, now, output);
            }
        }

        foreach (var call in _calls.Values.Where(call => call.Phase == CallPhase.Over).ToArray())
        {
            _calls.Remove(call.Id);
            output.Ended(call.Told!.Value);
        }

        if (_listener is { } listener && IsUp(now))
        {
            Listen(listener, now);
        }

        LogOffWhenIdle(now);
        NextAlarm = Alarms().Min();
    }

    private void Listen(Listener listener, LinkTime now)
    {
        if (listener.Session != _session)
        {
            (listener.Session, listener.Stream, listener.SnapshotFrom, listener.HasLooked) = (_session, ++_lastCall, now.Elapsed, false);
            output.Listen(listener.Stream, _session, listener.Cursor, listener.Call.Cursor);
        }

        if (listener.Snapshot is not null && listener.SnapshotBy <= now.Elapsed)
        {
            DropSnapshot(listener);
            listener.SnapshotFrom = now.Elapsed + SnapshotEvery;
        }

        if (listener is { Call.IsStanding: true, Snapshot: null } && listener.SnapshotFrom <= now.Elapsed)
        {
            listener.Snapshot = ++_lastCall;
            (listener.SnapshotAskedAt, listener.SnapshotBy) = (listener.Run.Now(), now.Elapsed + listener.Call.Timeout);
            output.TakeSnapshot(_lastCall, _session);
        }
    }

    /// <summary>True with a session; without one begins to log on when that may be.</summary>
    private bool IsUp(LinkTime now)
    {
        if (_phase == SessionPhase.None && _logOnFrom <= now.Elapsed)
        {
            (_phase, _logOnBy) = (SessionPhase.LoggingOn, now.Elapsed + LogOnTimeout);
            output.LogOn(++_session);
        }

        return _phase == SessionPhase.Up;
    }

    private void DropExpired(long session, LinkFailure failure, LinkTime now)
    {
        if (failure == LinkFailure.SessionExpired && session == _session && _phase == SessionPhase.Up)
        {
            EndSession(now, WaitAfter(now));
        }
    }

    /// <summary>Grows from one short session to the next, calls answered or not: a broker counts log-ons. News, or a session that lasted, begins anew.</summary>
    private TimeSpan WaitAfter(LinkTime now)
    {
        if (_phase == SessionPhase.Up && now.Elapsed - _upSince >= BackOff.Longest)
        {
            _backOff.Reset();
        }

        return _backOff.Next();
    }

    private void EndSession(LinkTime now, TimeSpan wait)
    {
        output.LogOff(_session);
        (_phase, _logOnFrom) = (SessionPhase.None, now.Elapsed + wait);
        if (_listener is { } listener)
        {
            StopListening(listener);
        }
    }

    private void StopListening(Listener listener)
    {
        DropSnapshot(listener);
        if (listener.Session != 0)
        {
            output.GiveUp(listener.Stream);
            (listener.Session, listener.Stream) = (0, 0);
        }
    }

    private void LogOffWhenIdle(LinkTime now)
    {
        if (_listener is not null || _calls.Count > 0)
        {
            _idleSince = now.Elapsed;
        }
        else if (_phase != SessionPhase.None && _idleSince + IdleKept <= now.Elapsed)
        {
            EndSession(now, TimeSpan.Zero);
        }
    }

    private static void EndSnapshot(Listener listener, LinkTime now)
    {
        listener.Snapshot = null;
        listener.SnapshotFrom = now.Elapsed + SnapshotEvery;
    }

    private void DropSnapshot(Listener listener)
    {
        if (listener.Snapshot is { } call)
        {
            listener.Snapshot = null;
            output.GiveUp(call);
        }
    }

    private void Remove(string key)
    {
        if (_listener is { } listener && listener.Run.Key == key)
        {
            StopListening(listener);
            _listener = null;
        }
        else if (_calls.Values.FirstOrDefault(call => call.Key == key) is { } call)
        {
            _calls.Remove(call.Id);
            output.GiveUp(call.Id);
        }
    }

    private IEnumerable<TimeSpan?> Alarms()
    {
        var waitsForSession = _phase == SessionPhase.None;
        if (_phase == SessionPhase.LoggingOn)
        {
            yield return _logOnBy;
        }

        foreach (var call in _calls.Values)
        {
            yield return call.EndsAt;
            if (call.Phase == CallPhase.Waiting && _phase != SessionPhase.LoggingOn)
            {
                yield return waitsForSession && _logOnFrom > call.From ? _logOnFrom : call.From;
            }
        }

        if (_listener is { } listener)
        {
            yield return waitsForSession ? _logOnFrom
                : _phase == SessionPhase.LoggingOn ? null
                : listener.Snapshot is not null ? listener.SnapshotBy
                : listener.Call.IsStanding ? listener.SnapshotFrom : null;
        }
        else if (_calls.Count == 0 && _phase != SessionPhase.None)
        {
            yield return _idleSince + IdleKept;
        }
    }
}
