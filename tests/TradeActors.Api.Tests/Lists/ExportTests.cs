using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TradeActors.Api.Common;
using TradeActors.Api.Tests.Support;
using TradeActors.Domain.Orders;
using Xunit;

namespace TradeActors.Api.Tests.Lists;

/// <summary>CSV files of orders, fills and signals.</summary>
[Collection(Shared.Name)]
public sealed class ExportTests(SharedNode shared)
{
    private static readonly HttpClient Http = new();

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    public void A_text_is_quoted_where_it_must_be_and_is_no_formula(string text, string cell) => Assert.Equal($"{cell}\r\n", Csv.Line([text]));

    [Fact]
    public void Numbers_times_and_words_are_as_in_the_json()
    {
        var time = new DateTimeOffset(2026, 11, 20, 15, 5, 0, 125, TimeSpan.FromHours(1));
        Assert.Equal("-1234.50,,2026-11-20T14:05:00.1250000Z,stopLimit,7\r\n", Csv.Line([-1234.50m, null, time, OrdType.StopLimit, 7L]));
    }

    [Fact]
    public async Task Rows_are_read_while_they_are_sent_and_a_failure_halfway_is_no_end()
    {
        var (made, sent) = (0, new List<int>());
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        context.Response.Body = new WatchedStream(() => sent.Add(made));
        var file = Csv.Download("x.csv", [new CsvColumn<string>("text", text => text)], RowsAsync(), CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => file.ExecuteAsync(context));
        Assert.True(sent.Count > 10 && sent[0] < 100, $"Written when so many rows had been made: {string.Join(", ", sent)}");

        async IAsyncEnumerable<string> RowsAsync([EnumeratorCancellation] CancellationToken ct = default)
        {
            for (; made < 1_000; made++)
            {
                ct.ThrowIfCancellationRequested();
                yield return new string('x', 1_000);
            }

            await Task.Yield();
            throw new InvalidOperationException("The store is gone.");
        }
    }

    [Fact]
    public async Task Orders_fills_and_signals_come_as_files_with_the_filters_of_their_lists()
    {
        var client = await shared.Node.NewTenantAsync();
        await shared.QuoteAsync("SI", 30m, 30.005m);
        var account = await Given.AccountAsync(client);
        var recorder = await Given.RecorderAsync(client, "SI");
        await Given.SubscriptionAsync(client, recorder.Text("id"), account);
        var signal = (await client.PostAsync(recorder.Text("webhookUrl"), """{"action":"buy","comment":"a,\"b\""}""")).Is(200).Json.Text("signalId");
        await Wait.UntilAsync("a fill", async () => (await client.GetAsync($"/api/v1/accounts/{account}/fills")).Items, fills => fills.Length == 1);
        await client.PostAsync(recorder.Text("webhookUrl"), "=cmd|'/c calc'!A1");
        await client.PostAsync($"/api/v1/accounts/{account}/orders", new { clOrdId = "-1", symbol = "SI", side = "sell", type = "limit", quantity = 1, limitPrice = 99 });

        var orders = await LinesAsync(client, $"accounts/{account}/orders.csv?sort=createdAt", $"orders-{account}.csv");
        Assert.Equal(
            "id,clOrdId,symbol,side,type,quantity,filled,limitPrice,stopPrice,averagePrice,timeInForce,purpose,state,reason,recorderId,subscriptionId,signalId,createdAt",
            orders[0]);
        Assert.Equal((3, signal, "30.005"), (orders.Length, orders[1].Split(',')[16], orders[1].Split(',')[9]));
        Assert.StartsWith($"'-1,'-1,{await shared.FrontAsync("SI")},sell,limit,1,0,99.000,,,", orders[2], StringComparison.Ordinal);
        Assert.Single(await LinesAsync(client, $"accounts/{account}/orders.csv?state=rejected", $"orders-{account}.csv"));

        var listed = (await client.GetAsync($"/api/v1/accounts/{account}/fills")).Items.Single();
        var fills = await LinesAsync(client, $"accounts/{account}/fills.csv?symbol=SI", $"fills-{account}.csv");
        Assert.Equal("id,orderId,symbol,side,quantity,price,commission,realized,recorderId,signalId,at", fills[0]);
        Assert.Equal(
            $"{listed.Text("id")},{listed.Text("orderId")},{listed.Text("symbol")},buy,{listed.GetProperty("quantity")},30.005,{listed.GetProperty("commission")},"
            + $"{listed.GetProperty("realized")},{recorder.Text("id")},{signal},",
            fills[1][..(fills[1].LastIndexOf(',') + 1)]);
        Assert.Single(await LinesAsync(client, $"accounts/{account}/fills.csv?symbol=GC", $"fills-{account}.csv"));

        var signals = await LinesAsync(client, $"recorders/{recorder.Text("id")}/signals.csv", $"signals-{recorder.Text("id")}.csv");
        Assert.Equal(3, signals.Length);
        Assert.EndsWith(",'=cmd|'/c calc'!A1", signals[1], StringComparison.Ordinal);
        Assert.EndsWith("\"{\"\"action\"\":\"\"buy\"\",\"\"comment\"\":\"\"a,\\\"\"b\\\"\"\"\"}\"", signals[2], StringComparison.Ordinal);
        Assert.Contains(",json,accepted,,,buy,,", signals[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_refused_like_its_list()
    {
        var client = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(client);
        (await client.GetAsync($"/api/v1/accounts/{account}/orders.csv?state=open")).Invalid("state");
        (await client.GetAsync($"/api/v1/accounts/{account}/orders.csv?limit=5")).Invalid("limit");
        (await (await shared.Node.NewTenantAsync()).GetAsync($"/api/v1/accounts/{account}/orders.csv")).Problem(404, "not-found");
    }

    private static async Task<string[]> LinesAsync(ApiClient client, string path, string fileName)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(client.Address, $"/api/v1/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", client.AccessToken);
        using var response = await Http.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("text/csv; charset=utf-8; header=present", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(("attachment", fileName), (response.Content.Headers.ContentDisposition!.DispositionType, response.Content.Headers.ContentDisposition.FileName));
        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.NotEqual(0xEF, bytes[0]);
        var text = Encoding.UTF8.GetString(bytes);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        return text[..^2].Split("\r\n");
    }

    private sealed class WatchedStream(Action written) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            written();
            return ValueTask.CompletedTask;
        }
    }
}
