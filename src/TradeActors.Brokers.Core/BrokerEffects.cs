using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;

namespace TradeActors.Brokers.Core;

/// <summary>
/// Carries out what broker connections ask for: keeps their sessions, calls the broker, and tells the entity what came of it in terms of what may
/// be done next. An order is written to the broker only while its activation lives and its send deadline has not passed (PROTOCOL 1).
/// </summary>
/// <param name="calls">Is told of every call about an order.</param>
public sealed class BrokerEffects(IEnumerable<IBrokerAdapter> adapters, TimeProvider time, IBrokerCallObserver calls, ILogger<BrokerEffects> log)
    : IEffectRunner, IAsyncDisposable
{
    private readonly SortedDictionary<string, IBrokerAdapter> _adapters =
        new(adapters.ToDictionary(adapter => adapter.Name, StringComparer.Ordinal), StringComparer.Ordinal);

    private readonly ConcurrentDictionary<EntityId, ConnectionLink> _links = new();
    private readonly ConcurrentDictionary<(EntityId, string), Running> _running = new();
    private int _asking;

    /// <summary>Orders of this node whose fate is not known and is being asked for.</summary>
    public int OrdersAskedFor => Volatile.Read(ref _asking);

    /// <summary>One effect on its way, and the switch that stops it.</summary>
    private sealed class Running
    {
        public CancellationTokenSource Stop { get; } = new();
    }

    public void Start(EffectRun run)
    {
        var running = new Running();
        _running[(run.Entity, run.Key)] = running;
        _ = RunAsync(run, running);
    }

    public void Stop(EntityId entity, string key)
    {
        if (_running.TryRemove((entity, key), out var running))
        {
            running.Stop.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var running in _running.Values)
        {
            await running.Stop.CancelAsync().ConfigureAwait(false);
        }

        foreach (var link in _links.Values)
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task RunAsync(EffectRun run, Running running)
    {
        var ct = running.Stop.Token;
        await Task.Yield(); // Off the node's loop.
        try
        {
            await (run.Call switch
            {
                KeepSession call => KeepSessionAsync(run, call, ct),
                CallSubmit call => SubmitAsync(run, call, ct),
                CallCancel call => CancelAsync(run, call, ct),
                CallFind call => FindAsync(run, call, ct),
                _ => throw new NotSupportedException($"No broker call {run.Call.GetType().Name}."),
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The state no longer asks for it.
        }
#pragma warning disable CA1031 // The top of an effect: a defect here must be seen, and must not take the others down.
        catch (Exception error)
#pragma warning restore CA1031
        {
            BrokerLog.EffectFailed(log, error, run.Entity.ToString(), run.Key);
        }
        finally
        {
            _running.TryRemove(new KeyValuePair<(EntityId, string), Running>((run.Entity, run.Key), running));
        }
    }

    private ConnectionLink LinkOf(EntityId connection, BrokerSettings settings) =>
        _links.GetOrAdd(connection, id => new ConnectionLink(id, settings, _adapters[settings.Broker], time));

    /// <summary>Brings the broker's reports in order, reconnecting with back-off from where it has come to.</summary>
    private async Task KeepSessionAsync(EffectRun run, KeepSession call, CancellationToken ct)
    {
        var link = LinkOf(run.Entity, call.Settings);
        var cursor = call.Cursor;
        var backOff = new BackOff();
        while (true)
        {
            try
            {
                var session = await link.SessionAsync(ct).ConfigureAwait(false);
                await foreach (var report in session.Reports(cursor, ct).ConfigureAwait(false))
                {
                    run.Report(new ReportReceived(report));
                    cursor = report.Cursor;
                    backOff.Reset();
                }
            }
            catch (Exception error) when (error is BrokerUnavailableException or BrokerSessionRefusedException)
            {
                BrokerLog.SessionLost(log, run.Entity.ToString(), error.Message);
                await link.DropAsync().ConfigureAwait(false);
            }

            await Task.Delay(backOff.Next(), time, ct).ConfigureAwait(false);
        }
    }

    private async Task SubmitAsync(EffectRun run, CallSubmit call, CancellationToken ct)
    {
        var order = call.Order;
        var watch = new CallWatch(time, calls, run.Entity, call.Settings.Broker, BrokerCallKind.Submit, order.ClOrdId);
        var deadline = Deadline(order.SendBefore);
        var backOff = new BackOff();
        while (true)
        {
            try
            {
                var session = await LinkOf(run.Entity, call.Settings).SessionAsync(ct).ConfigureAwait(false);
                var ack = await session.SubmitAsync(order, () => run.MayAct() && time.GetTimestamp() < deadline, ct).ConfigureAwait(false);
                run.Report(new SubmitAccepted(order.ClOrdId, ack));
                watch.End(BrokerCallOutcome.Accepted);
                return;
            }
            catch (BrokerRejectedException error)
            {
                run.Report(new SubmitRejected(order.ClOrdId, error.Message));
                watch.End(BrokerCallOutcome.Rejected);
                return;
            }
            catch (BrokerUnknownOutcomeException error)
            {
                run.Report(new SubmitOutcomeUnknown(order.ClOrdId, error.Message));
                watch.End(BrokerCallOutcome.Unknown);
                return;
            }
            catch (Exception error) when (error is BrokerNotSentException or BrokerUnavailableException or BrokerSessionRefusedException)
            {
                // Nothing has left: try again while the deadline allows it.
                var wait = backOff.Next();
                if (!run.MayAct() || time.GetTimestamp() + Ticks(wait) >= deadline)
                {
                    run.Report(new SubmitNotSent(order.ClOrdId, error.Message));
                    watch.End(BrokerCallOutcome.NotSent);
                    return;
                }

                await Task.Delay(wait, time, ct).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // An adapter's defect says nothing about the order: it may exist.
            catch (Exception error) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
            {
                BrokerLog.EffectFailed(log, error, run.Entity.ToString(), run.Key);
                run.Report(new SubmitOutcomeUnknown(order.ClOrdId, $"{error.GetType().Name}: {error.Message}"));
                watch.End(BrokerCallOutcome.Unknown);
                return;
            }
        }
    }

    private async Task CancelAsync(EffectRun run, CallCancel call, CancellationToken ct)
    {
        var id = call.Order.ClOrdId;
        var watch = new CallWatch(time, calls, run.Entity, call.Settings.Broker, BrokerCallKind.Cancel, id);
        try
        {
            var session = await LinkOf(run.Entity, call.Settings).SessionAsync(ct).ConfigureAwait(false);
            await session.CancelAsync(call.Order, ct).ConfigureAwait(false);
            run.Report(new CancelAnswered(id, CancelAnswer.Accepted, null));
            watch.End(BrokerCallOutcome.Accepted);
        }
        catch (BrokerRejectedException error)
        {
            run.Report(new CancelAnswered(id, CancelAnswer.Rejected, error.Message));
            watch.End(BrokerCallOutcome.Rejected);
        }
#pragma warning disable CA1031 // Whatever else happened: the order's state must be asked for.
        catch (Exception error) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            run.Report(new CancelAnswered(id, CancelAnswer.Unknown, error.Message));
            watch.End(BrokerCallOutcome.Unknown);
        }
    }

    private async Task FindAsync(EffectRun run, CallFind call, CancellationToken ct)
    {
        Interlocked.Increment(ref _asking);
        try
        {
            await FindWhenDueAsync(run, call, ct).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _asking);
        }
    }

    private async Task FindWhenDueAsync(EffectRun run, CallFind call, CancellationToken ct)
    {
        var wait = call.NotBefore - time.GetUtcNow();
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, ct).ConfigureAwait(false);
        }

        var id = call.Order.ClOrdId;
        var askedAt = time.GetUtcNow();
        var watch = new CallWatch(time, calls, run.Entity, call.Settings.Broker, BrokerCallKind.Find, id);
        try
        {
            var session = await LinkOf(run.Entity, call.Settings).SessionAsync(ct).ConfigureAwait(false);
            var found = await session.FindOrderAsync(call.Order, ct).ConfigureAwait(false);
            run.Report(new FindAnswered(id, found, askedAt));
            watch.End(found is null ? BrokerCallOutcome.NotFound : BrokerCallOutcome.Found);
        }
#pragma warning disable CA1031 // A question that failed is asked again; it is never read as "not found".
        catch (Exception error) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            run.Report(new FindFailed(id, error.Message));
            watch.End(BrokerCallOutcome.Failed);
        }
    }

    /// <summary>The send deadline on the monotonic clock, fixed when the effect starts: a wall clock set back later cannot move it.</summary>
    private long Deadline(DateTimeOffset sendBefore) => time.GetTimestamp() + Ticks(sendBefore - time.GetUtcNow());

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>Times one call and tells of it when it has ended.</summary>
    private readonly struct CallWatch(
        TimeProvider time, IBrokerCallObserver calls, EntityId connection, string broker, BrokerCallKind kind, string clOrdId)
    {
        private readonly DateTimeOffset _startedAt = time.GetUtcNow();
        private readonly long _started = time.GetTimestamp();

        public void End(BrokerCallOutcome outcome) => calls.Called(
            new BrokerCall(connection, broker, kind, clOrdId, _startedAt, time.GetElapsedTime(_started), outcome));
    }
}

internal static partial class BrokerLog
{
    [LoggerMessage(3001, LogLevel.Error, "Broker call {Key} of {Connection} failed in a way its adapter does not account for")]
    public static partial void EffectFailed(ILogger log, Exception error, string connection, string key);

    [LoggerMessage(3002, LogLevel.Warning, "Broker session of {Connection} lost: {Reason}")]
    public static partial void SessionLost(ILogger log, string connection, string reason);
}
