using System.Diagnostics;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Benchmarks.Harness;
using TradeActors.Benchmarks.Parts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using TradeActors.Node.Hosting;
using TradeActors.Runtime.Core;

namespace TradeActors.Benchmarks.Scenarios;

/// <summary>What the deciding costs without any I/O: recorder, accounts and connections on one thread, with a journal that stores nothing.</summary>
internal sealed class CoreScenario : IScenario
{
    private const int WarmUps = 12;

    public string Name => "core";

    public string About => "deciding, folding and encoding on one thread, without a store or a network";

    public Task RunAsync(BenchOptions options, WorkFolder folder, Report report, CancellationToken ct)
    {
        var core = new CoreDriver(options.Accounts);
        for (var i = 0; i < WarmUps; i++)
        {
            core.Signal();
        }

        var costs = new List<double>();
        var rates = new List<double>();
        var signals = new List<double>();
        var bytes = 0L;
        for (var round = 0; round < options.Rounds; round++)
        {
            ct.ThrowIfCancellationRequested();
            var (events, started, count) = (core.Events, Stopwatch.GetTimestamp(), 0);
            var (cpu, allocated) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
            while (Stopwatch.GetElapsedTime(started) < options.Duration)
            {
                core.Signal();
                count++;
            }

            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            rates.Add((core.Events - events) / seconds);
            signals.Add(seconds / count);
            costs.Add((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / (core.Events - events));
            bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (core.Events - events);
            Progress.Say(Name, $"{rates[^1]:N0} events/s, {signals[^1] * 1000:N0} ms a signal, {costs[^1]:0.0} µs CPU and {bytes:N0} bytes an event");
        }

        var rate = Median.Of(rates);
        report.Add(
            Name, $"one signal to {options.Accounts:N0} accounts, filled",
            $"{rate:N0} events/s with {(double)core.Rows / core.Events:0.0} read rows each, {Median.Of(costs):0.0} µs CPU and {bytes:N0} bytes an event, {Median.Of(signals) * 1000:N0} ms a signal");
        return Task.CompletedTask;
    }
}

/// <summary>Runs an <see cref="EntityCore"/> to rest after every signal. Its journal says yes; its broker accepts and fills at once.</summary>
internal sealed class CoreDriver : ICoreOutput
{
    private const string Tenant = "bench";

    private static readonly EntityId Recorder = new(Tenant, EntityKind.Recorder, "core");
    private static readonly BrokerTraits Traits = new(true, TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(200));

    private readonly EntityCore _core = new(
        NodeHost.Behaviors(new Installation("bnch", 128), NoQuotes.Instance), NodeHost.Types(), new CoreOptions { PassivateAfter = TimeSpan.FromDays(1) });

    private readonly Queue<CoreInput> _inputs = new();
    private long _lastAsk;
    private long _lastReport;

    public CoreDriver(int accounts)
    {
        _inputs.Enqueue(new CoreInput.ShardsClaimed([.. Enumerable.Range(0, 128).Select(shard => new ShardClaim(shard, 1, []))]));
        Ask(Recorder, Setup.Recorder("hash"));
        for (var i = 1; i <= accounts; i++)
        {
            var account = Setup.Account(Tenant, i);
            Ask(account, Setup.Open(account, "paper", Traits));
            Ask(Recorder, Setup.Subscribe(account));
        }

        Run();
    }

    public long Events { get; private set; }

    public long Rows { get; private set; }

    public void Signal()
    {
        var body = Setup.Signal();
        var parsed = ((SignalParse.Parsed)SignalParser.Parse(body)).Signal;
        Ask(Recorder, new ReceiveSignal($"signal{++_lastAsk}", TimeProvider.System.GetUtcNow(), parsed.Source, parsed, null, "", SignalRedaction.Redact(body)));
        Run();
    }

    private void Ask(EntityId to, object message) => _inputs.Enqueue(new CoreInput.Ask(++_lastAsk, to, message));

    private void Run()
    {
        do
        {
            while (_inputs.TryDequeue(out var input))
            {
                _core.Step(input, TimeProvider.System.GetUtcNow(), this);
            }

            _core.Flush(this);
        }
        while (_inputs.Count > 0 || !_core.IsIdle);
    }

    public void Load(EntityId id, long activation, int snapshotSchema) => _inputs.Enqueue(new CoreInput.Loaded(id, activation, new StoredEntity(null, [])));

    public void LookUp(EntityId id, long activation, RowKey key) => _inputs.Enqueue(new CoreInput.LookedUp(id, activation, null));

    public void Append(long batchId, System.Collections.Immutable.ImmutableArray<EntityAppend> parts)
    {
        Events += parts.Events();
        Rows += parts.Rows();
        _inputs.Enqueue(new CoreInput.Appended(batchId, [.. parts.Select(_ => AppendOutcome.Stored)]));
    }

    public void Send(Envelope envelope) => _inputs.Enqueue(new CoreInput.Delivered(envelope));

    public void SendFanOut(FanOutEnvelope envelope) => _inputs.Enqueue(new CoreInput.FanOutDelivered(envelope));

    public void Acknowledge(Acknowledgement acknowledgement) => _inputs.Enqueue(new CoreInput.Acknowledged(acknowledgement));

    public void Done(long tag)
    {
    }

    public void ReadInbox(int shard, long epoch, long after)
    {
    }

    public void DropInbox(int shard, long number)
    {
    }

    public void StartEffect(EntityId id, long activation, Effect effect, DateTimeOffset at)
    {
        if (effect.Call is CallSubmit { Order: var order })
        {
            Report(id, activation, new SubmitAccepted(order.ClOrdId, new BrokerAck($"b{order.ClOrdId}")));
            Report(id, activation, new ReportReceived(ReportOf(order, ExecType.New, 0m)));
            Report(id, activation, new ReportReceived(ReportOf(order, ExecType.Trade, order.Terms.OrderQty)));
        }
    }

    private BrokerReport ReportOf(SubmitOrder order, ExecType type, decimal quantity)
    {
        var number = (++_lastReport).ToString("D12");
        return new BrokerReport(
            number, $"x{number}", type, order.ClOrdId, $"b{order.ClOrdId}", order.Terms.Symbol, order.Terms.Side, quantity, 6000.25m, 0.62m, null, null,
            TimeProvider.System.GetUtcNow());
    }

    private void Report(EntityId id, long activation, object message) => _inputs.Enqueue(new CoreInput.EffectReported(id, activation, message));

    public void Fail(long askId, AskFailure failure, string detail) => throw new InvalidOperationException(detail);

    public void Notice(CoreNotice notice) => throw new InvalidOperationException(notice.ToString());

    public void ShardRefused(int shard) => throw new InvalidOperationException($"Shard {shard} was refused.");

    public void Reply(long askId, object reply)
    {
        if (reply is SignalJudged { State: not SignalState.Accepted } judged)
        {
            throw new InvalidOperationException(judged.ToString());
        }
    }

    public void StopEffect(EntityId id, string key)
    {
    }

    public void InterestBegan(EntityId id, string symbol)
    {
    }

    public void InterestEnded(EntityId id, string symbol)
    {
    }

    public void Stored(in StoredStep step)
    {
    }

    public void Committed(EntityId id, long seq)
    {
    }
}
