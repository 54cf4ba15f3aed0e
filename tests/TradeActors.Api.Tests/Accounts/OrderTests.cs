using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Accounts;

[Collection(Shared.Name)]
public sealed class OrderTests(SharedNode shared)
{
    private const string OrderShape =
        "id:string clOrdId:string symbol:string side:string type:string quantity:number filled:number limitPrice:number? stopPrice:number? averagePrice:number? "
        + "timeInForce:string purpose:string state:string reason:string? recorderId:string? subscriptionId:string? signalId:string? createdAt:time";

    private static readonly object Resting = new { symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 1000 };

    [Theory]
    [InlineData("""{"symbol":"ES1!","side":"buy","type":"limit","quantity":1,"limitPrice":1000.1}""", 1000.0, null)]
    [InlineData("""{"symbol":"CME:ES1!","side":"sell","type":"stop","quantity":"2","stopPrice":"900"}""", null, 900.0)]
    [InlineData("""{"symbol":"ES","side":"buy","type":"stopLimit","quantity":1.9,"limitPrice":9000,"stopPrice":8999.75,"timeInForce":"goodTillCancel"}""", 9000.0, 8999.75)]
    [InlineData("""{"symbol":"ES","side":"sell","type":"oneCancelsOther","quantity":1,"limitPrice":9000,"stopPrice":1000}""", 9000.0, 1000.0)]
    public async Task An_order_of_each_resting_type_works_and_is_shown_in_the_shape_of_the_contract(string body, double? limitPrice, double? stopPrice)
    {
        var (client, account) = await NewAccountAsync();
        await shared.QuoteAsync("ES", 5000m, 5000.25m);
        var placed = (await client.PostAsync($"{account}/orders", body)).Is(202);
        Shape.Is(placed.Json, OrderShape);
        Assert.Equal(placed.Json.Text("id"), placed.Json.Text("clOrdId"));
        Assert.Equal($"{account}/orders/{placed.Json.Text("id")}", placed.Location);
        Assert.Equal(await shared.FrontAsync("ES"), placed.Json.Text("symbol"));
        Assert.Equal(limitPrice is { } limit ? (decimal)limit : null, Optional(placed.Json, "limitPrice"));
        Assert.Equal(stopPrice is { } stop ? (decimal)stop : null, Optional(placed.Json, "stopPrice"));
        Assert.Equal(0m, placed.Json.Number("quantity") % 1m);

        var working = await StateOfAsync(client, placed.Location!, "working");
        Assert.Equal(working.ToString(), (await client.GetAsync($"{account}/orders?state=working")).Items.Single().GetRawText());
        Shape.IsPage(await client.GetAsync($"{account}/orders"), OrderShape);
    }

    [Fact]
    public async Task A_market_order_fills_and_shows_in_fills_and_events()
    {
        var (client, account) = await NewAccountAsync();
        await shared.QuoteAsync("ES", 5000m, 5000.25m);
        var placed = (await client.PostAsync($"{account}/orders", new { clOrdId = "my-1", symbol = "ES", side = "buy", type = "market", quantity = 2 })).Is(202);
        Assert.Equal("my-1", placed.Json.Text("clOrdId"));
        Assert.Equal("day", placed.Json.Text("timeInForce"));
        var filled = await StateOfAsync(client, placed.Location!, "filled");
        Assert.Equal((2m, 5000.25m), (filled.Number("filled"), filled.Number("averagePrice")));

        var fills = await client.GetAsync($"{account}/fills");
        Shape.IsPage(
            fills,
            "id:string orderId:string symbol:string side:string quantity:number price:number commission:number realized:number recorderId:string? "
            + "signalId:string? at:time");
        Assert.Equal(2m, fills.Items.Sum(fill => fill.Number("quantity")));
        Assert.All(fills.Items, fill => Assert.Equal(("my-1", "buy", 5000.25m), (fill.Text("orderId"), fill.Text("side"), fill.Number("price"))));
        Assert.Empty((await client.GetAsync($"{account}/orders?state=working")).Is(200).Items);
    }

    [Fact]
    public async Task Events_rise_by_one_and_after_gives_what_was_missed()
    {
        var (client, account) = await NewAccountAsync();
        var order = (await client.PostAsync($"{account}/orders", Resting)).Is(202);
        await StateOfAsync(client, order.Location!, "working");
        var all = await client.GetAsync($"{account}/events");
        Shape.IsPage(all, "seq:integer type:string at:time data:object");
        Assert.Equal(Enumerable.Range(1, all.Items.Length), all.Items.Select(item => item.GetProperty("seq").GetInt32()));
        Assert.Equal("accountOpened", all.Items[0].Text("type"));
        Assert.Contains("orderPlanned", all.Items.Select(item => item.Text("type")));

        var first = (await client.GetAsync($"{account}/events?limit=1")).Is(200);
        Assert.Equal("1", first.Json.Text("next"));
        var rest = (await client.GetAsync($"{account}/events?after=1")).Is(200);
        Assert.Equal(all.Items.Skip(1).Select(item => item.GetRawText()), rest.Items.Select(item => item.GetRawText()));
        Assert.Empty((await client.GetAsync($"{account}/events?after={all.Items.Length}")).Is(200).Items);
    }

    [Fact]
    public async Task The_same_clOrdId_with_the_same_terms_answers_the_same_order_and_with_others_is_refused()
    {
        var (client, account) = await NewAccountAsync();
        var terms = new { clOrdId = "twice", symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 1000 };
        var first = (await client.PostAsync($"{account}/orders", terms)).Is(202).Json;
        var again = (await client.PostAsync($"{account}/orders", terms with { symbol = "ES1!" })).Is(202).Json;
        Assert.Equal(first.Text("createdAt"), again.Text("createdAt"));
        Assert.Single((await client.GetAsync($"{account}/orders")).Items);
        (await client.PostAsync($"{account}/orders", terms with { quantity = 2 })).Problem(422, "duplicate-cl-ord-id");
        (await client.PostAsync($"{account}/orders", terms with { side = "sell" })).Problem(422, "duplicate-cl-ord-id");
    }

    [Fact]
    public async Task A_clOrdId_still_answers_its_order_when_a_hundred_others_have_finished_since()
    {
        var (client, account) = await NewAccountAsync();
        await shared.QuoteAsync("ES", 5000m, 5000.25m);
        var first = new { clOrdId = "first", symbol = "ES", side = "buy", type = "market", quantity = 1 };
        await StateOfAsync(client, (await client.PostAsync($"{account}/orders", first)).Is(202).Location!, "filled");
        for (var i = 0; i < 101; i++)
        {
            // Not fillable at once: the exchange refuses to let it rest.
            var order = new { symbol = "ES", side = "buy", type = "limit", quantity = 1, limitPrice = 1000, timeInForce = "immediateOrCancel" };
            (await client.PostAsync($"{account}/orders", order)).Is(202);
        }

        await Wait.UntilAsync("no working order", async () => (await client.GetAsync($"{account}/orders?state=working")).Items, orders => orders.Length == 0);
        var again = (await client.PostAsync($"{account}/orders", first)).Is(202).Json;
        Assert.Equal("filled", again.Text("state"));
        (await client.PostAsync($"{account}/orders", first with { quantity = 2 })).Problem(422, "duplicate-cl-ord-id");
    }

    [Fact]
    public async Task An_order_is_canceled_once_and_asking_again_changes_nothing()
    {
        var (client, account) = await NewAccountAsync();
        var order = (await client.PostAsync($"{account}/orders", Resting)).Is(202).Location!;
        await StateOfAsync(client, order, "working");
        Shape.Is((await client.DeleteAsync(order)).Is(202).Json, OrderShape);
        await StateOfAsync(client, order, "canceled");
        Assert.Equal("canceled", (await client.DeleteAsync(order)).Is(202).Json.Text("state"));
        (await client.DeleteAsync($"{account}/orders/none")).Problem(404, "not-found");
        (await client.GetAsync($"{account}/orders/none")).Problem(404, "not-found");
    }

    [Theory]
    [InlineData("{}", "symbol", "side", "type", "quantity")]
    [InlineData("""{"symbol":"NOPE","side":"buy","type":"market","quantity":1}""", "symbol")]
    [InlineData("""{"symbol":"ES","side":"buy","type":"market","quantity":0}""", "quantity")]
    [InlineData("""{"symbol":"ES","side":"buy","type":"market","quantity":0.5}""", "quantity")]
    [InlineData("""{"symbol":"ES","side":"buy","type":"market","quantity":1,"limitPrice":5000}""", "limitPrice")]
    [InlineData("""{"symbol":"ES","side":"buy","type":"limit","quantity":1}""", "limitPrice")]
    [InlineData("""{"symbol":"ES","side":"buy","type":"stopLimit","quantity":1}""", "limitPrice", "stopPrice")]
    [InlineData("""{"symbol":"ES","side":"buy","type":"stop","quantity":1,"limitPrice":1}""", "limitPrice", "stopPrice")]
    [InlineData("""{"clOrdId":"with space","symbol":"ES","side":"buy","type":"market","quantity":1}""", "clOrdId")]
    [InlineData("""{"symbol":"AAPL","side":"buy","type":"limit","quantity":1,"limitPrice":-1}""", "limitPrice")]
    [InlineData("""{"symbol":"AAPL","side":"buy","type":"stop","quantity":1,"stopPrice":0}""", "stopPrice")]
    [InlineData("""{"symbol":"ES","side":"buy","type":"limit","quantity":1,"limitPrice":79228162514264337593543950335}""", "limitPrice")]
    public async Task An_order_that_is_not_valid_is_refused_field_by_field(string body, params string[] fields)
    {
        var (client, account) = await NewAccountAsync();
        (await client.PostAsync($"{account}/orders", body)).Invalid(fields);
        Assert.Empty((await client.GetAsync($"{account}/orders")).Items);
    }

    [Fact]
    public async Task Each_limit_refuses_with_its_own_type()
    {
        var (client, account) = await NewAccountAsync(new
        {
            maxPosition = new { @default = 100, perSymbol = new { ES = 3 } },
            maxOrderQuantity = 2,
            maxOpenOrders = 2,
            allowedSymbols = new[] { "ES", "NQ" },
        });
        (await client.PostAsync($"{account}/orders", Order("YM", 1))).Problem(422, "symbol-not-allowed");
        (await client.PostAsync($"{account}/orders", Order("ES", 3))).Problem(422, "max-order-quantity");
        (await client.PostAsync($"{account}/orders", Order("ES", 2))).Is(202);
        (await client.PostAsync($"{account}/orders", Order("ES", 2))).Problem(422, "max-position");
        (await client.PostAsync($"{account}/orders", Order("ES", 1))).Is(202);
        (await client.PostAsync($"{account}/orders", Order("NQ", 1))).Problem(422, "max-open-orders");
        Assert.Equal(2, (await client.GetAsync($"{account}/orders?state=all")).Items.Length);

        static object Order(string symbol, int quantity) => new { symbol, side = "buy", type = "limit", quantity, limitPrice = 1000 };
    }

    [Fact]
    public async Task A_market_order_without_a_quote_waits_for_the_first_one()
    {
        var (client, account) = await NewAccountAsync();
        var order = (await client.PostAsync($"{account}/orders", new { symbol = "6J", side = "buy", type = "market", quantity = 1 })).Is(202).Location!;
        await StateOfAsync(client, order, "working");
        await shared.QuoteAsync("6J", 0.0065m, 0.0065005m);
        await StateOfAsync(client, order, "filled");
    }

    [Fact]
    public async Task An_unknown_state_to_list_by_is_refused()
    {
        var (client, account) = await NewAccountAsync();
        (await client.GetAsync($"{account}/orders?state=open")).Invalid("state");
    }

    private async Task<(ApiClient Client, string Account)> NewAccountAsync(object? limits = null)
    {
        var client = await shared.Node.NewTenantAsync();
        return (client, $"/api/v1/accounts/{await Given.AccountAsync(client, limits)}");
    }

    private static decimal? Optional(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.GetDecimal() : null;

    private static Task<JsonElement> StateOfAsync(ApiClient client, string order, string state) => Wait.UntilAsync(
        $"{order} {state}", async () => (await client.GetAsync(order)).Is(200).Json, json => json.Text("state") == state);
}
