using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Market;

[Collection(Shared.Name)]
public sealed class MarketTests(SharedNode shared)
{
    private const string Ticks = "/api/v1/market/ticks";

    private const string InstrumentShape =
        "symbol:string description:string assetClass:string exchange:string tickSize:number tickValue:number pointValue:number currency:string "
        + "quantityStep:number timeZone:string front:string lastTradeDate:string? rollDate:string?";

    [Fact]
    public async Task Ticks_are_the_operators_alone()
    {
        var client = await shared.Node.NewTenantAsync();
        const string Body = """[{"symbol":"ES","bid":1,"ask":2,"last":1}]""";
        (await client.PostAsync(Ticks, Body)).Problem(403, "forbidden");
        (await client.WithToken(null).PostAsync(Ticks, Body)).Problem(401, "unauthorized");
    }

    [Fact]
    public async Task A_tick_for_a_root_feeds_the_front_contract_and_quotes_name_it()
    {
        var taken = await shared.Operator.PostAsync(
            Ticks, """[{"symbol":"6B","bid":"1.3000","ask":1.3001,"last":1.3,"bidSize":5,"askSize":7,"volume":2,"at":"2026-01-05T15:00:00+01:00"}]""");
        Assert.Equal("""{"accepted":1}""", taken.Is(202).Text);
        var front = await shared.FrontAsync("6B");
        var quote = await Wait.UntilAsync(
            "the quote", async () => (await shared.Operator.GetAsync("/api/v1/market/quotes?symbols=6B,6B1!")).Is(200), reply => reply.Items.Length == 2);
        Shape.IsPage(quote, "symbol:string bid:number ask:number last:number bidSize:number? askSize:number? volume:number? at:time");
        Assert.All(quote.Items, item => Assert.Equal((front, 1.3m, 5m), (item.Text("symbol"), item.Number("bid"), item.Number("bidSize"))));
        Assert.Contains(front, (await shared.Operator.GetAsync("/api/v1/market/quotes")).Items.Select(item => item.Text("symbol")));
        (await shared.Operator.GetAsync("/api/v1/market/quotes?symbols=NOPE")).Problem(404, "unknown-symbol");
    }

    [Fact]
    public async Task Ticks_that_are_not_valid_are_refused_one_by_one_and_none_is_taken()
    {
        const string Body =
            """[{"symbol":"ZB","bid":110,"ask":111,"last":110},{"symbol":"NOPE","bid":1,"ask":2},{"symbol":"ES","bid":3,"ask":2},{"bid":1,"ask":2},null,{"symbol":"AAPL","bid":0,"ask":1}]""";
        (await shared.Operator.PostAsync(Ticks, Body)).Invalid("[1]", "[2]", "[3]", "[4]", "[5]");
        Assert.Empty((await shared.Operator.GetAsync("/api/v1/market/quotes?symbols=ZB")).Is(200).Items);
    }

    [Fact]
    public async Task Instruments_are_listed_and_found_by_any_of_their_names()
    {
        var list = await shared.Operator.GetAsync("/api/v1/market/instruments");
        Shape.IsPage(list, InstrumentShape);
        var front = await shared.FrontAsync("ES");
        foreach (var name in (string[])["ES", "ES1!", "CME:ES1!", front, "es"])
        {
            var found = (await shared.Operator.GetAsync($"/api/v1/market/instruments/{Uri.EscapeDataString(name)}")).Is(200).Json;
            Shape.Is(found, InstrumentShape);
            Assert.Equal(("ES", 0.25m, 50m), (found.Text("symbol"), found.Number("tickSize"), found.Number("pointValue")));
        }

        (await shared.Operator.GetAsync("/api/v1/market/instruments/NOPE")).Problem(404, "unknown-symbol");
    }
}
