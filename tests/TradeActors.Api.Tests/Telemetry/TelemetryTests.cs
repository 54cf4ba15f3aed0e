using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using TradeActors.Abstractions.Tracing;
using TradeActors.Api.Tests.Support;
using TradeActors.Domain.Common;
using TradeActors.Node.Telemetry;
using Xunit;

namespace TradeActors.Api.Tests.Telemetry;

public sealed class TelemetryTests
{
    private static readonly string[] WholeWay =
    [
        "account.decide", "account.fill", "broker.submit", "order.intent", "order.plan", "order.report", "recorder.ask", "signal.decide", "signal.fanout",
        "signal.parse", "webhook",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Webhook_to_fill_is_one_trace_and_no_secret_leaves_the_house(bool overGrpc)
    {
        using var data = new TempData();
        await using var collector = await FakeCollector.StartAsync(overGrpc);
        var secrets = new List<string> { ApiClient.Password, "s3cret-key-of-the-sender", "words only the body holds" };
        string signalId, traceId, accountId, clOrdId, tenant;
        CapturedLog log;
        using (var watched = new Watched(collector.Address, overGrpc))
        {
            log = watched.Log;
            await using var node = await watched.StartNodeAsync(data.Path);
            var client = await node.NewTenantAsync();
            accountId = await Given.AccountAsync(client);
            var recorder = await Given.RecorderAsync(client);
            var token = recorder.Text("webhookToken");
            secrets.AddRange([token, client.AccessToken!, client.RefreshToken, client.Email]);
            tenant = client.TenantId;
            await Given.SubscriptionAsync(client, recorder.Text("id"), accountId);
            await QuoteAsync(client, "ES");
            signalId = (await node.Anonymous().PostAsync(
                $"/webhook/{token}", """{"action":"buy","key":"s3cret-key-of-the-sender","comment":"words only the body holds"}""")).Is(200).Json.Text("signalId");
            var detail = await FilledAsync(client, $"/api/v1/recorders/{recorder.Text("id")}/signals/{signalId}");
            traceId = detail.Text("traceId");
            clOrdId = Assert.Single(detail.List("accounts")[0].List("orders")).GetString()!;
            (await node.Anonymous().PostAsync($"/webhook/{token}x", "{}")).Is(404);
            (await node.Anonymous().PostAsync($"/webhook/{token}", "words only the body holds")).Is(400);
            (await node.Anonymous().GetAsync($"/api/v1/me?access_token={client.AccessToken}")).Is(401);
        }

        var spans = collector.Traces.SelectMany(body => Otlp.Spans(body)).Where(span => span.Trace == traceId).ToArray();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signalId))[..16]), traceId);
        Assert.Equal(WholeWay, spans.Select(span => span.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("webhook", Assert.Single(spans, span => span.Parent == "").Name);
        Assert.All(spans, span => Assert.True(
            span.Parent == "" || spans.Any(other => other.Id == span.Parent), $"The parent {span.Parent} of {span.Name} is no span of the trace."));
        Assert.Equal(spans.Length, spans.Select(span => span.Id).Distinct().Count());
        Assert.All(spans, span => Assert.True(span.End >= span.Start, $"{span.Name} ends before it starts."));
        var resource = collector.Traces.SelectMany(body => Otlp.Resource(body));
        Assert.Equal(["watched"], resource.Where(tag => tag.Key == "service.instance.id").Select(tag => tag.Value).Distinct());
        var fill = Assert.Single(spans, span => span.Name == "account.fill");
        Assert.Equal((tenant, accountId, clOrdId), (fill.Tags["tradeactors.tenant"], fill.Tags["tradeactors.account"], fill.Tags["tradeactors.cl_ord_id"]));

        Assert.Contains("tradeactors.orders.intent.duration", collector.Metrics.SelectMany(body => Otlp.MetricNames(body)));
        Assert.Contains("http.server.request.duration", collector.Metrics.SelectMany(body => Otlp.MetricNames(body)));
        Assert.Contains(collector.Logs.SelectMany(body => Otlp.LogLines(body)), line => line.Contains(clOrdId, StringComparison.Ordinal));
        Assert.NotEmpty(log.Lines);
        Assert.All(secrets, secret =>
        {
            Assert.All(collector.All, request => Assert.True(
                request.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"'{secret}' was sent to {request.Path}."));
            Assert.All(log.Lines, line => Assert.True(
                !line.Text.Contains(secret, StringComparison.Ordinal) && line.Values.Values.All(value => $"{value}".Contains(secret, StringComparison.Ordinal) is false),
                $"'{secret}' is in the log: {line.Category} {line.Text}"));
        });
    }

    [Fact]
    public async Task A_trace_goes_on_in_the_next_life_of_the_node()
    {
        using var data = new TempData();
        await using var collector = await FakeCollector.StartAsync(speaksGrpc: false);
        string traceId;
        using (var watched = new Watched(collector.Address, overGrpc: false))
        {
            string path, email;
            await using (var node = await watched.StartNodeAsync(data.Path))
            {
                var client = await node.NewTenantAsync();
                email = client.Email;
                var accountId = await Given.AccountAsync(client);
                var recorder = await Given.RecorderAsync(client, symbol: "NQ");
                await Given.SubscriptionAsync(client, recorder.Text("id"), accountId);
                var signalId = (await client.PostAsync($"/webhook/{recorder.Text("webhookToken")}", """{"action":"buy"}""")).Is(200).Json.Text("signalId");
                path = $"/api/v1/recorders/{recorder.Text("id")}/signals/{signalId}";
                // A market order without any quote yet waits at the broker for the first one.
                await Wait.UntilAsync(
                    "a working order", async () => (await client.GetAsync($"/api/v1/accounts/{accountId}/orders")).Is(200).Items,
                    orders => orders is [var order] && order.Text("state") == "working");
            }

            await using (var node = await watched.StartNodeAsync(data.Path))
            {
                var client = node.Anonymous();
                client.AccessToken = (await client.PostAsync("/api/v1/auth/login", new { email, password = ApiClient.Password })).Is(200).Json.Text("accessToken");
                await QuoteAsync(client, "NQ");
                traceId = (await FilledAsync(client, path)).Text("traceId");
            }
        }

        var spans = collector.Traces.SelectMany(body => Otlp.Spans(body)).Where(span => span.Trace == traceId).ToArray();
        var fill = Assert.Single(spans, span => span.Name == "account.fill");
        var report = Assert.Single(spans, span => span.Id == fill.Parent);
        Assert.Equal("order.report", report.Name);
        Assert.Equal("order.intent", Assert.Single(spans, span => span.Id == report.Parent).Name);
        Assert.Equal(WholeWay, spans.Select(span => span.Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_order_that_no_signal_asked_for_is_a_trace_of_its_own()
    {
        using var data = new TempData();
        await using var collector = await FakeCollector.StartAsync(speaksGrpc: false);
        string accountId, tenant;
        using (var watched = new Watched(collector.Address, overGrpc: false))
        {
            await using var node = await watched.StartNodeAsync(data.Path);
            var client = await node.NewTenantAsync();
            tenant = client.TenantId;
            accountId = await Given.AccountAsync(client);
            await QuoteAsync(client, "ES");
            var order = new { clOrdId = "mine-1", symbol = "ES", side = "buy", type = "market", quantity = 1 };
            (await client.PostAsync($"/api/v1/accounts/{accountId}/orders", order)).Is(202);
            await Wait.UntilAsync(
                "a fill", async () => (await client.GetAsync($"/api/v1/accounts/{accountId}/fills")).Is(200).Items, fills => fills.Length == 1);
        }

        var trace = TraceIds.OfOrder(new EntityId(tenant, EntityKind.Account, accountId), "mine-1").ToHexString();
        var spans = collector.Traces.SelectMany(body => Otlp.Spans(body)).Where(span => span.Trace == trace).ToArray();
        Assert.Equal(
            ["account.fill", "broker.submit", "order.intent", "order.plan", "order.report"], spans.Select(span => span.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("order.plan", Assert.Single(spans, span => span.Parent == "").Name);
    }

    [Fact]
    public async Task Every_line_about_an_order_names_tenant_account_and_order()
    {
        using var data = new TempData();
        await using var collector = await FakeCollector.StartAsync(speaksGrpc: false);
        using var watched = new Watched(collector.Address, overGrpc: false);
        await using var node = await watched.StartNodeAsync(data.Path);
        var client = await node.NewTenantAsync();
        var accountId = await Given.AccountAsync(client, new { maxOrderQuantity = 2 });
        var recorder = await Given.RecorderAsync(client);
        await Given.SubscriptionAsync(client, recorder.Text("id"), accountId);
        var orders = $"/api/v1/accounts/{accountId}/orders";
        await QuoteAsync(client, "ES");
        async Task<string> SendAsync(string body) => (await client.PostAsync($"/webhook/{recorder.Text("webhookToken")}", body)).Is(200).Json.Text("signalId");
        async Task<LogLine> LineAsync(int id) => (await Wait.UntilAsync(
            $"line {id}", () => Task.FromResult(watched.Log.Lines.FirstOrDefault(line => line.Id == id)), line => line is not null))!;

        var accepted = await SendAsync("""{"action":"buy"}""");
        Assert.Equal(accepted, (await LineAsync(2001)).Values["SignalId"]);
        await LineAsync(2110);
        var refused = await SendAsync("""{"action":"buy"}""");
        Assert.Equal((refused, "Duplicate"), ((string)(await LineAsync(2002)).Values["SignalId"]!, (string)(await LineAsync(2002)).Values["Reason"]!));
        await SendAsync("""{"action":"buy","symbol":"NQ","quantity":5}""");
        Assert.Equal("MaxOrderQuantity", (await LineAsync(2204)).Values["Reason"]);
        (await client.PostAsync(orders, new { clOrdId = "big", symbol = "ES", side = "buy", type = "market", quantity = 3 })).Is(422);
        Assert.Equal("big", (await LineAsync(5002)).Values["ClOrdId"]);
        (await client.PostAsync(orders, new { clOrdId = "far", symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 100 })).Is(202);
        (await client.DeleteAsync($"{orders}/far")).Is(202);
        Assert.Equal("far", (await LineAsync(2111)).Values["ClOrdId"]);
        (await client.PostAsync($"/api/v1/accounts/{accountId}/halt", new { reason = "lunch" })).Is(200);
        await LineAsync(2201);
        (await client.PostAsync($"/api/v1/accounts/{accountId}/resume")).Is(200);
        await LineAsync(2202);

        var aboutOrders = watched.Log.Lines.Where(line => line.Category == "TradeActors.Orders" || line.Id == 5002).ToArray();
        Assert.Empty(((int[])[2101, 2102, 2103, 2110, 2111, 5002]).Except(aboutOrders.Select(line => line.Id)));
        Assert.All(aboutOrders, line => Assert.Equal((client.TenantId, accountId), ((string)line.Values["Tenant"]!, (string)line.Values["Account"]!)));
        Assert.All(aboutOrders, line => Assert.NotEqual("", (string)line.Values["ClOrdId"]!));
        Assert.All(aboutOrders.Where(line => line.Id is >= 2101 and <= 2104), line => Assert.Equal(LogLevel.Debug, line.Level));
    }

    [Fact]
    public void A_collector_that_is_down_is_told_in_the_log_and_holds_nothing_up()
    {
        using var log = new CapturedLog();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var down = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        down.Start();
        var address = $"http://{down.LocalEndpoint}";
        down.Stop();
        var settings = new TelemetrySettings(true, new Uri(address), OtlpExportProtocol.HttpProtobuf, 1);
        TelemetryExport.Start(settings, "node", loggers)!.Dispose(); // The metrics of the process wait to be sent.
        var line = Assert.Single(log.Lines, line => line.Id == 1022);
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Equal($"{address}/", line.Values["Collector"]);
    }

    private static async Task QuoteAsync(ApiClient client, string symbol)
    {
        (await client.PostAsync("/api/v1/market/ticks", new[] { new { symbol, bid = 6000m, ask = 6000.25m, last = 6000m } })).Is(202);
        await Wait.UntilAsync(
            $"a quote of {symbol}", async () => (await client.GetAsync($"/api/v1/market/quotes?symbols={symbol}")).Is(200).Items, quotes => quotes.Length == 1);
    }

    /// <returns>The signal's detail when everything of it is told.</returns>
    private static Task<JsonElement> FilledAsync(ApiClient client, string path) => Wait.UntilAsync(
        "a signal that is filled and stored everywhere", async () => (await client.GetAsync(path)).Is(200).Json,
        detail => detail.List("accounts") is [var account] && account.Text("outcome") == "filled"
            && detail.GetProperty("fanOut").GetProperty("completedAt").ValueKind == JsonValueKind.String);
}
