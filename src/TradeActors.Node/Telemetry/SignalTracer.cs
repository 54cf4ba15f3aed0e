using System.Diagnostics;
using System.Threading.Channels;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Tracing;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Entities.Accounts;
using TradeActors.Entities.Recorders;
using TradeActors.Node.Hosting;

namespace TradeActors.Node.Telemetry;

/// <summary>
/// Makes the spans behind the door, after the fact: from what has been stored and from finished broker calls. The loops only put those into a queue, and
/// not even that while nobody listens.
/// </summary>
/// <remarks>
/// A connection and its broker know an order by its ClOrdID alone. The signal is then taken from the order's plan, if this node has seen it lately, and
/// else from the order's row, which was stored before the connection heard of the order. So a trace goes on after a crash, and on another node.
/// </remarks>
internal sealed class SignalTracer : IAsyncDisposable
{
    public const string SourceName = "TradeActors.Entities";

    /// <summary>Steps that may wait: a signal to 10,000 accounts makes some 50,000. More are left out and counted; nothing waits for a trace.</summary>
    private const int Room = 65_536;

    private static readonly ActivitySource Source = new(SourceName);

    private readonly IReadStore _rows;
    private readonly TimeProvider _time;
    private readonly TradeMetrics _metrics;
    private readonly ILogger _log;
    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(Room) { SingleReader = true });
    private readonly Recent<(EntityId Account, string ClOrdId), ActivityTraceId> _traceOfOrder = new(50_000);
    private readonly Recent<(EntityId Connection, string ClOrdId), EntityId> _accountOfOrder = new(50_000);
    private readonly Task _tracing;

    public SignalTracer(IReadStore rows, TimeProvider time, TradeMetrics metrics, ILogger<SignalTracer> log)
    {
        (_rows, _time, _metrics, _log) = (rows, time, metrics, log);
        _tracing = Task.Run(TraceAsync);
    }

    /// <param name="Step">Null for a broker call.</param>
    private readonly record struct Item(StoredStep? Step, DateTimeOffset StoredAt, BrokerCall Call);

    public void Stored(in StoredStep step)
    {
        if (Source.HasListeners())
        {
            Take(new Item(step, _time.GetUtcNow(), default));
        }
    }

    public void Called(in BrokerCall call)
    {
        if (Source.HasListeners())
        {
            Take(new Item(null, default, call));
        }
    }

    /// <summary>Makes the spans of what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _tracing;
    }

    private void Take(in Item item)
    {
        if (!_queue.Writer.TryWrite(item))
        {
            _metrics.TraceDropped();
        }
    }

    private async Task TraceAsync()
    {
        await foreach (var item in _queue.Reader.ReadAllAsync())
        {
            try
            {
                await (item.Step is { } step ? TraceAsync(step, item.StoredAt) : TraceAsync(item.Call));
            }
#pragma warning disable CA1031 // The top of the tracer: a span that cannot be made is missed by nobody but its reader; the next ones are made.
            catch (Exception error)
#pragma warning restore CA1031
            {
                NodeLog.SpanFailed(_log, error);
            }
        }
    }

    private async Task TraceAsync(StoredStep step, DateTimeOffset storedAt)
    {
        foreach (var @event in step.Events)
        {
            switch (@event)
            {
                case SignalAccepted e:
                    Judged(step, storedAt, e.SignalId, e.Source, "accepted", null);
                    break;
                case SignalRefused e:
                    Judged(step, storedAt, e.SignalId, e.Source, SignalStates.Word(e.State), e.Reason);
                    break;
                case FanOutCompleted e when ((RecorderState)step.Before).FanOuts.TryGetValue(e.FanOut, out var fanOut):
                    FannedOut(step, e, fanOut);
                    break;
                case SignalTaken e:
                    Taken(step, storedAt, e);
                    break;
                case OrderPlanned e:
                    Planned(step, storedAt, e);
                    break;
                case TradeBooked e:
                    Span(
                        await TraceOfAsync(step.Id, e.ClOrdId), TraceStage.FillBooked, About(step.Id, e.ExecId), TraceStage.ReportBooked, About(step.Id, e.ExecId),
                        step.DecidedAt, storedAt, step.Id, e.ClOrdId, ("exec_id", e.ExecId));
                    break;
                case IntentStored e:
                    _accountOfOrder.Put((step.Id, e.ClOrdId), e.Account);
                    await IntendedAsync(step, storedAt, e.Account, e.ClOrdId, attempt: 1);
                    break;
                case IntentRenewed e when ((ConnectionState)step.After).Orders.GetValueOrDefault(e.ClOrdId) is { } order:
                    _accountOfOrder.Put((step.Id, e.ClOrdId), order.Account);
                    await IntendedAsync(step, storedAt, order.Account, e.ClOrdId, order.Attempt);
                    break;
                case ReportBooked { Report: { ClOrdId: { } clOrdId } report } when AccountOf(step, clOrdId) is { } account:
                    Span(
                        await TraceOfAsync(account, clOrdId), TraceStage.ReportBooked, About(account, report.ExecId), TraceStage.IntentStored,
                        About(account, clOrdId), step.DecidedAt, storedAt, account, clOrdId, ("exec_type", report.ExecType.ToString()), ("exec_id", report.ExecId));
                    break;
            }
        }
    }

    private static void Judged(StoredStep step, DateTimeOffset storedAt, string signalId, string source, string state, string? reason)
    {
        var trace = TraceIds.OfSignal(signalId);
        // A recorder's own signal came through no door.
        ActivitySpanId? parent = source == Recorder.WindowSource ? null : TraceIds.Span(trace, TraceStage.Ask);
        using var span = StageSpans.Start(
            Source, TraceStage.SignalDecided, ActivityKind.Internal, trace, TraceIds.Span(trace, TraceStage.SignalDecided), parent, step.DecidedAt);
        span?.SetTag("tradeactors.tenant", step.Id.Tenant).SetTag("tradeactors.recorder", step.Id.Key).SetTag("tradeactors.signal_id", signalId)
            .SetTag("tradeactors.source", source).SetTag("tradeactors.state", state).SetTag("tradeactors.reason", reason).SetEndTime(storedAt.UtcDateTime);
    }

    private static void FannedOut(StoredStep step, FanOutCompleted e, OpenFanOut fanOut)
    {
        var trace = TraceIds.OfSignal(fanOut.Signal.SignalId);
        using var span = StageSpans.Start(
            Source, TraceStage.FanOut, ActivityKind.Producer, trace, TraceIds.Span(trace, TraceStage.FanOut), TraceIds.Span(trace, TraceStage.SignalDecided),
            fanOut.Signal.CountedAt);
        span?.SetTag("tradeactors.tenant", step.Id.Tenant).SetTag("tradeactors.recorder", step.Id.Key).SetTag("tradeactors.accounts", fanOut.Members.Length)
            .SetEndTime(e.At.UtcDateTime);
    }

    private static void Taken(StoredStep step, DateTimeOffset storedAt, SignalTaken e)
    {
        var trace = TraceIds.OfSignal(e.SignalId);
        using var span = StageSpans.Start(
            Source, TraceStage.AccountDecided, ActivityKind.Consumer, trace, TraceIds.Span(trace, TraceStage.AccountDecided, About(step.Id, e.SubscriptionId)),
            TraceIds.Span(trace, TraceStage.FanOut), step.DecidedAt);
        span?.SetTag("tradeactors.tenant", step.Id.Tenant).SetTag("tradeactors.account", step.Id.Key).SetTag("tradeactors.signal_id", e.SignalId)
            .SetTag("tradeactors.outcome", SignalOutcomes.Word(e.Outcome)).SetTag("tradeactors.reason", e.Reason).SetEndTime(storedAt.UtcDateTime);
    }

    private void Planned(StoredStep step, DateTimeOffset storedAt, OrderPlanned e)
    {
        var trace = TraceOf(step.Id, e.ClOrdId, e.SignalId);
        _traceOfOrder.Put((step.Id, e.ClOrdId), trace);
        Span(
            trace, TraceStage.OrderPlanned, About(step.Id, e.ClOrdId), e.SignalId is null ? null : TraceStage.AccountDecided, About(step.Id, e.Owner),
            step.DecidedAt, storedAt, step.Id, e.ClOrdId, ("symbol", e.Terms.Symbol), ("purpose", PurposeWords.Of(e.Purpose)));
    }

    private async Task IntendedAsync(StoredStep step, DateTimeOffset storedAt, EntityId account, string clOrdId, int attempt) => Span(
        await TraceOfAsync(account, clOrdId), TraceStage.IntentStored, About(account, attempt == 1 ? clOrdId : $"{clOrdId}/{attempt}"), TraceStage.OrderPlanned,
        About(account, clOrdId), step.DecidedAt, storedAt, account, clOrdId, ("attempt", attempt));

    private async Task TraceAsync(BrokerCall call)
    {
        // A question of an earlier life of this node: a connection that was not shared is named like its account.
        var account = _accountOfOrder.TryGet((call.Connection, call.ClOrdId), out var known) ? known : call.Connection with { Kind = EntityKind.Account };
        var trace = await TraceOfAsync(account, call.ClOrdId);
        var stage = call.Kind switch
        {
            BrokerCallKind.Submit => TraceStage.Submit,
            BrokerCallKind.Cancel => TraceStage.Cancel,
            _ => TraceStage.Find,
        };
        using var span = StageSpans.Start(
            Source, stage, ActivityKind.Client, trace, TraceIds.Span(trace, stage, $"{About(account, call.ClOrdId)}/{call.StartedAt:O}"),
            TraceIds.Span(trace, TraceStage.IntentStored, About(account, call.ClOrdId)), call.StartedAt);
        span?.SetTag("tradeactors.tenant", account.Tenant).SetTag("tradeactors.account", account.Key).SetTag("tradeactors.cl_ord_id", call.ClOrdId)
            .SetTag("tradeactors.broker", call.Broker).SetTag("tradeactors.outcome", BrokerWords.Of(call.Outcome))
            .SetStatus(call.Outcome is BrokerCallOutcome.Unknown or BrokerCallOutcome.Failed or BrokerCallOutcome.NotSent
                ? ActivityStatusCode.Error
                : ActivityStatusCode.Unset)
            .SetEndTime((call.StartedAt + call.Duration).UtcDateTime);
    }

    /// <param name="parentStage">Null for the root of the trace.</param>
    private static void Span(
        ActivityTraceId trace, string stage, string about, string? parentStage, string parentAbout, DateTimeOffset from, DateTimeOffset to, EntityId account,
        string clOrdId, params ReadOnlySpan<(string Name, object? Value)> tags)
    {
        ActivitySpanId? parent = parentStage is null ? null : TraceIds.Span(trace, parentStage, parentAbout);
        using var span = StageSpans.Start(Source, stage, ActivityKind.Internal, trace, TraceIds.Span(trace, stage, about), parent, from);
        if (span is null)
        {
            return;
        }

        span.SetTag("tradeactors.tenant", account.Tenant).SetTag("tradeactors.account", account.Key).SetTag("tradeactors.cl_ord_id", clOrdId);
        foreach (var (name, value) in tags)
        {
            span.SetTag($"tradeactors.{name}", value);
        }

        span.SetEndTime(to.UtcDateTime);
    }

    private static EntityId? AccountOf(StoredStep step, string clOrdId) =>
        ((ConnectionState)step.After) is var connection && connection.Orders.TryGetValue(clOrdId, out var order) ? order.Account : connection.Account;

    private async ValueTask<ActivityTraceId> TraceOfAsync(EntityId account, string clOrdId)
    {
        if (_traceOfOrder.TryGet((account, clOrdId), out var known))
        {
            return known;
        }

        var trace = TraceOf(account, clOrdId, await SignalInRowAsync(account, clOrdId));
        _traceOfOrder.Put((account, clOrdId), trace);
        return trace;
    }

    private static ActivityTraceId TraceOf(EntityId account, string clOrdId, string? signalId) =>
        signalId is null ? TraceIds.OfOrder(account, clOrdId) : TraceIds.OfSignal(signalId);

    private async Task<string?> SignalInRowAsync(EntityId account, string clOrdId)
    {
        var row = await _rows.GetAsync(new RowKey(ReadTable.Orders, account.Tenant, account.Key, clOrdId), CancellationToken.None);
        return row is null ? null : RowJson.Deserialize<OrderRow>(row.Doc).SignalId;
    }

    private static string About(EntityId account, string what) => $"{account.Tenant}/{account.Key}/{what}";
}
