using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Brokers.Core.Links;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;

namespace TradeActors.Brokers.Core;

/// <summary>The shell around one <see cref="BrokerLink"/>: tasks, tokens and the clock. It decides nothing; what fails is sorted by <see cref="KindOf"/>.</summary>
internal sealed class ConnectionLink : ILinkOutput, IAsyncDisposable
{
    private readonly EntityId _connection;
    private readonly BrokerSettings _settings;
    private readonly IBrokerAdapter _adapter;
    private readonly TimeProvider _time;
    private readonly IBrokerCallObserver _calls;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly BrokerLink _link;
    private readonly ITimer _alarm;
    private readonly SortedDictionary<long, CancellationTokenSource> _running = [];
    private readonly SortedDictionary<long, (IBrokerSession? Session, CancellationTokenSource Stop)> _sessions = [];
    private bool _isDisposed;

    public ConnectionLink(
        EntityId connection, BrokerSettings settings, IBrokerAdapter adapter, TimeProvider time, IBrokerCallObserver calls, ILogger log)
    {
        (_connection, _settings, _adapter, _time, _calls, _log) = (connection, settings, adapter, time, calls, log);
        _link = new BrokerLink(this);
        _alarm = time.CreateTimer(_ => Input(_link.Tick), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int OrdersAskedFor
    {
        get
        {
            lock (_gate)
            {
                return _link.OrdersAskedFor;
            }
        }
    }

    public void Start(EffectRun run) => Input(now => _link.Start(run, now));

    public void Stop(string key) => Input(now => _link.Stop(key, now));

    public async ValueTask DisposeAsync()
    {
        IBrokerSession?[] open;
        lock (_gate)
        {
            _isDisposed = true;
            open = [.. _sessions.Values.Select(session => session.Session)];
            foreach (var stop in _sessions.Values.Select(session => session.Stop).Concat(_running.Values))
            {
                _ = stop.CancelAsync();
            }
        }

        await _alarm.DisposeAsync().ConfigureAwait(false);
        foreach (var session in open.OfType<IBrokerSession>())
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>How an adapter's exception is to be taken. One that it does not account for says nothing about an order: it may exist.</summary>
    internal static LinkFailure KindOf(Exception error) => error switch
    {
        BrokerRejectedException => LinkFailure.Rejected,
        BrokerNotSentException => LinkFailure.NotSent,
        BrokerUnavailableException => LinkFailure.Unavailable,
        BrokerSessionExpiredException => LinkFailure.SessionExpired,
        BrokerSessionRefusedException => LinkFailure.SessionRefused,
        _ => LinkFailure.Unknown,
    };

    void ILinkOutput.LogOn(long session)
    {
        var stop = new CancellationTokenSource();
        _sessions.Add(session, (null, stop));
        _ = LogOnAsync(session, stop.Token);
    }

    void ILinkOutput.LogOff(long session)
    {
        if (_sessions.Remove(session, out var known))
        {
            _ = known.Stop.CancelAsync();
            if (known.Session is { } open)
            {
                _ = CloseAsync(open);
            }
        }
    }

    void ILinkOutput.Listen(long stream, long session, string? after, string? stored) => Run(stream, session, async (open, ct) =>
    {
        try
        {
            await foreach (var report in open.Reports(after, stored, ct).ConfigureAwait(false))
            {
                Input(now => _link.Heard(stream, report, now));
            }

            Input(now => _link.StreamEnded(stream, now));
        }
        catch (Exception error) when (error is BrokerUnavailableException or BrokerSessionExpiredException && !ct.IsCancellationRequested)
        {
            BrokerLog.SessionLost(_log, _connection.ToString(), error.Message);
            Input(now => _link.StreamEnded(stream, now));
        }
    });

    void ILinkOutput.Submit(long call, long session, SubmitOrder order) => Call(
        call, session, async (open, ct) => await open.SubmitAsync(order, () => MayWrite(call), ct).ConfigureAwait(false));

    void ILinkOutput.Cancel(long call, long session, CancelOrder order) => Call(call, session, async (open, ct) =>
    {
        await open.CancelAsync(order, ct).ConfigureAwait(false);
        return null;
    });

    void ILinkOutput.Find(long call, long session, FindOrder order) => Call(
        call, session, async (open, ct) => await open.FindOrderAsync(order, ct).ConfigureAwait(false));

    void ILinkOutput.TakeSnapshot(long call, long session) => Call(
        call, session, async (open, ct) => await open.GetSnapshotAsync(ct).ConfigureAwait(false));

    void ILinkOutput.GiveUp(long number)
    {
        if (_running.Remove(number, out var stop))
        {
            _ = stop.CancelAsync(); // What waits for it must not go on inside the link's step.
        }
    }

    void ILinkOutput.Ended(in BrokerCall call) => _calls.Called(call);

    private bool MayWrite(long call)
    {
        var may = false;
        Input(now => may = _link.MayWrite(call, now));
        return may;
    }

    private void Call(long call, long session, Func<IBrokerSession, CancellationToken, Task<object?>> ask) => Run(call, session, async (open, ct) =>
    {
        var answer = await ask(open, ct).ConfigureAwait(false);
        Input(now => _link.Answered(call, answer, now));
    });

    private void Run(long number, long session, Func<IBrokerSession, CancellationToken, Task> work)
    {
        var stop = new CancellationTokenSource();
        _running.Add(number, stop);
        _ = RunAsync(number, _sessions[session].Session!, work, stop.Token);
    }

    private async Task RunAsync(long number, IBrokerSession session, Func<IBrokerSession, CancellationToken, Task> work, CancellationToken ct)
    {
        await Task.Yield(); // Off the node's loop, and out of the link's step.
        try
        {
            await work(session, ct).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The top of a call: whatever an adapter throws is sorted, and the unaccounted for is shown.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Fail(number, error, ct);
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(number);
            }
        }
    }

    private void Fail(long number, Exception error, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return; // Given up: nobody listens.
        }

        var kind = KindOf(error);
        if (kind == LinkFailure.Unknown && error is not BrokerUnknownOutcomeException)
        {
            BrokerLog.CallFailed(_log, error, _connection.ToString());
        }

        Input(now =>
        {
            _link.Failed(number, kind, error.Message, now);
            _link.StreamEnded(number, now); // Whichever of the two it is.
        });
    }

    private async Task LogOnAsync(long number, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            var session = await _adapter.ConnectAsync(_connection, _settings, ct).ConfigureAwait(false);
            if (!Keep(number, session))
            {
                await CloseAsync(session).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // The top of a log-on: whatever is thrown, it is tried again with back-off.
        catch (Exception error) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            BrokerLog.LogOnFailed(_log, _connection.ToString(), error.Message);
            Input(now => _link.LogOnFailed(number, KindOf(error), now));
        }
        catch (OperationCanceledException)
        {
            // Given up meanwhile.
        }
    }

    /// <returns>False when nobody wants the session any more.</returns>
    private bool Keep(long number, IBrokerSession session)
    {
        lock (_gate)
        {
            if (_isDisposed || !_sessions.TryGetValue(number, out var known))
            {
                return false;
            }

            _sessions[number] = known with { Session = session };
        }

        Input(now => _link.LoggedOn(number, now));
        return true;
    }

    private async Task CloseAsync(IBrokerSession session)
    {
        await Task.Yield();
        try
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A session that cannot be closed is gone all the same.
        catch (Exception error)
#pragma warning restore CA1031
        {
            BrokerLog.CallFailed(_log, error, _connection.ToString());
        }
    }

    private void Input(Action<LinkTime> step)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            step(Now);
            var wait = _link.NextAlarm - Now.Elapsed;
            _alarm.Change(wait is { } until ? until > TimeSpan.Zero ? until : TimeSpan.Zero : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private LinkTime Now => new(_time.GetUtcNow(), _time.GetElapsedTime(0));
}
