using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using TradeActors.Abstractions.Entities;
using TradeActors.Api.Tests.Support;
using TradeActors.Api.Webhooks;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using TradeActors.Node.Hosting;
using Xunit;

namespace TradeActors.Api.Tests.Webhooks;

/// <summary>What senders are told while their recorders cannot be reached (PROTOCOL 6).</summary>
public sealed class InboxTests : IAsyncLifetime, IDisposable
{
    private readonly TempData _data = new();
    private TestNode _node = null!;
    private AwayGateway _gateway = null!;
    private ApiClient _client = null!;
    private string _recorder = null!;
    private string _hook = null!;

    public async Task InitializeAsync()
    {
        _node = await TestNode.StartAsync(_data.Path, build: builder =>
        {
            builder.Services.AddSingleton(provider => new AwayGateway(provider.GetRequiredService<NodeDoor>()));
            builder.Services.AddSingleton<IEntityGateway>(provider => provider.GetRequiredService<AwayGateway>());
        });
        _gateway = _node.Services.GetRequiredService<AwayGateway>();
        _client = await _node.NewTenantAsync();
        var created = await Given.RecorderAsync(_client);
        (_recorder, _hook) = ($"/api/v1/recorders/{created.Text("id")}", $"/webhook/{created.Text("webhookToken")}");
        _gateway.IsAway = true;
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_signal_that_lies_in_the_inbox_is_received_and_judged_later_under_its_id()
    {
        using var listener = new MeterListener();
        var left = 0L;
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (instrument.Name == "tradeactors.webhook.left")
            {
                it.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref left, count));
        listener.Start();

        var reply = (await _client.PostAsync(_hook, """{"action":"buy"}""")).Is(200).Json;
        Shape.Is(reply, "signalId:string state:string");
        Assert.Equal("received", reply.Text("state"));
        var (to, message, inboxId) = Assert.Single(_gateway.Left);
        Assert.Equal((reply.Text("signalId"), reply.Text("signalId")), (inboxId, ((ReceiveSignal)message).SignalId));
        Assert.Equal(1, left);

        Assert.IsType<SignalJudged>(await _gateway.Node.AskAsync(to, message, CancellationToken.None));
        var logged = Assert.Single((await _client.GetAsync($"{_recorder}/signals")).Is(200).Items);
        Assert.Equal((inboxId, "accepted"), (logged.Text("id"), logged.Text("state")));
    }

    [Theory]
    [InlineData("""{"action":"buy"}""")]
    [InlineData("""{"action":"close","id":"x"}""")]
    public async Task Its_trace_ends_as_received(string body)
    {
        var spans = new ConcurrentBag<(object? Signal, object? State)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WebhookTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => spans.Add((span.GetTagItem("tradeactors.signal_id"), span.GetTagItem("tradeactors.state"))),
        };
        ActivitySource.AddActivityListener(listener);
        var id = (await _client.PostAsync(_hook, body)).Is(200).Json.Text("signalId");
        await Wait.UntilAsync(
            "the span of the webhook", () => Task.FromResult(spans.Where(span => Equals(span.Signal, id)).ToArray()),
            found => found is [{ State: "received" }]);
    }

    [Fact]
    public async Task A_body_that_cannot_be_understood_is_refused_all_the_same_and_goes_to_the_log_later()
    {
        var problem = (await _client.PostAsync(_hook, "nonsense")).Problem(400, "invalid-signal");
        var (to, message, inboxId) = Assert.Single(_gateway.Left);
        Assert.Equal((inboxId, "Unreadable"), (problem.Text("signalId"), problem.Text("reason")));
        var judged = Assert.IsType<SignalJudged>(await _gateway.Node.AskAsync(to, message, CancellationToken.None));
        Assert.Equal((SignalState.Invalid, problem.Text("reason"), problem.Text("detail")), (judged.State, judged.Reason, judged.Detail));
    }

    [Fact]
    public async Task What_cannot_be_stored_either_answers_503()
    {
        _gateway.HasInbox = false;
        var reply = await _client.PostAsync(_hook, """{"action":"buy"}""");
        reply.Problem(503, "unavailable");
        Assert.NotNull(reply.RetryAfter);
    }

    [Fact]
    public async Task Nothing_else_is_left_in_the_inbox()
    {
        (await _client.PostAsync($"{_recorder}/test-signal", new { body = new { action = "buy" } })).Problem(503, "unavailable");
        (await _client.PostAsync($"{_recorder}/pause")).Problem(503, "unavailable");
        (await _client.PutAsync(_recorder, new { name = "Other" })).Problem(503, "unavailable");
        Assert.Empty(_gateway.Left);
    }

    /// <summary>Recorders whose owner does not answer; the inbox of their shards.</summary>
    private sealed class AwayGateway(NodeDoor node) : IEntityGateway
    {
        public NodeDoor Node => node;

        public bool IsAway { get; set; }

        public bool HasInbox { get; set; } = true;

        public ConcurrentQueue<(EntityId To, object Message, string InboxId)> Left { get; } = [];

        public Task<object> AskAsync(EntityId to, object message, CancellationToken ct) => IsAway && to.Kind == EntityKind.Recorder
            ? throw new EntityUnavailableException("Nobody answers.")
            : node.AskAsync(to, message, ct);

        public Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct)
        {
            if (!IsAway || !HasInbox)
            {
                return AskAsync(to, message, ct);
            }

            Left.Enqueue((to, message, inboxId));
            return Task.FromResult<object>(new LeftInInbox(inboxId));
        }
    }
}
