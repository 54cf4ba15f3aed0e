using System.Globalization;
using System.Text.Json;
using TradeActors.Api.Tests.Market;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Udf;

/// <summary>The protocol's own words: TradingView's charting library documentation, "UDF".</summary>
[Collection(Shared.Name)]
public sealed class UdfTests(SharedNode shared)
{
    private ApiClient Client => shared.Operator;

    [Fact]
    public async Task Config_says_what_is_served()
    {
        var config = (await Client.GetAsync("/udf/config")).Is(200).Json;
        Assert.Equal(["1S", "5S", "15S", "30S", "1", "5", "15", "30", "60", "240", "1D"], Strings(config, "supported_resolutions"));
        Assert.True(config.GetProperty("supports_search").GetBoolean() && config.GetProperty("supports_marks").GetBoolean() && config.GetProperty("supports_time").GetBoolean());
        Assert.False(config.GetProperty("supports_group_request").GetBoolean() || config.GetProperty("supports_timescale_marks").GetBoolean());
        Assert.Contains("CME", config.List("exchanges").Select(exchange => exchange.Text("value")));
        Assert.Equal(["", "futures", "stock", "crypto"], config.List("symbols_types").Select(type => type.Text("value")));
    }

    [Fact]
    public async Task Time_is_unix_seconds_as_text()
    {
        var reply = (await Client.GetAsync("/udf/time")).Is(200);
        Assert.Equal("text/plain", reply.MediaType);
        Assert.InRange(long.Parse(reply.Text, CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60);
    }

    [Theory]
    [InlineData("ES", "futures", "CME", "America/Chicago", "1700-1600", 100, 25, 0, false)]
    [InlineData("CME:ES1!", "futures", "CME", "America/Chicago", "1700-1600", 100, 25, 0, false)]
    [InlineData("6J", "futures", "CME", "America/Chicago", "1700-1600", 10_000_000, 5, 0, false)]
    [InlineData("GC", "futures", "COMEX", "America/Chicago", "1700-1600", 10, 1, 0, false)]
    [InlineData("ZB", "futures", "CBOT", "America/Chicago", "1700-1600", 32, 1, 0, true)]
    [InlineData("ZN", "futures", "CBOT", "America/Chicago", "1700-1600", 64, 1, 2, true)]
    [InlineData("ZT", "futures", "CBOT", "America/Chicago", "1700-1600", 256, 1, 8, true)]
    [InlineData("ZC", "futures", "CBOT", "America/Chicago", "1900-0745,0830-1320", 100, 25, 0, false)]
    [InlineData("YM", "futures", "CBOT", "America/Chicago", "1700-1600", 1, 1, 0, false)]
    [InlineData("AAPL", "stock", "NASDAQ", "America/New_York", "0930-1600", 100, 1, 0, false)]
    [InlineData("BTCUSDT", "crypto", null, "Etc/UTC", "24x7", null, null, 0, false)]
    public async Task Symbol_is_described_as_the_protocol_does(
        string name, string type, string? exchange, string timeZone, string session, int? priceScale, int? minMov, int minMove2, bool fractional)
    {
        var symbol = (await Client.GetAsync($"/udf/symbols?symbol={Uri.EscapeDataString(name)}")).Is(200).Json;
        Assert.False(symbol.Has("s"));
        Assert.Equal((type, timeZone, session, session), (symbol.Text("type"), symbol.Text("timezone"), symbol.Text("session"), symbol.Text("session-regular")));
        Assert.Equal((minMove2, fractional), (symbol.Number("minmove2"), symbol.GetProperty("fractional").GetBoolean()));
        Assert.Equal(symbol.Text("name"), symbol.Text("ticker"));
        Assert.All((string[])["exchange", "listed_exchange", "exchange-traded", "exchange-listed"], member => Assert.Equal(exchange ?? symbol.Text("exchange"), symbol.Text(member)));
        Assert.Equal((priceScale ?? symbol.Number("pricescale"), minMov ?? symbol.Number("minmov")), (symbol.Number("pricescale"), symbol.Number("minmov")));
        Assert.Equal(["1", "5", "15", "30"], Strings(symbol, "seconds_multipliers"));
        Assert.Equal(["1", "5", "15", "30", "60", "240"], Strings(symbol, "intraday_multipliers"));
        Assert.Equal(Strings(symbol, "supported_resolutions"), Strings(symbol, "supported-resolutions"));
        Assert.All((string[])["has_intraday", "has-intraday", "has_seconds", "has_daily", "has-daily"], member => Assert.True(symbol.GetProperty(member).GetBoolean(), member));
        Assert.All((string[])["has_no_volume", "has-no-volume", "has_weekly_and_monthly", "has_empty_bars"], member => Assert.False(symbol.GetProperty(member).GetBoolean(), member));
    }

    [Fact]
    public async Task Symbol_tells_holidays_and_short_days()
    {
        var stock = (await Client.GetAsync("/udf/symbols?symbol=AAPL")).Is(200).Json;
        var year = DateTimeOffset.UtcNow.Year;
        Assert.Contains($"{year}1225", stock.Text("session_holidays").Split(','));
        Assert.Contains(stock.Text("corrections").Split(';'), correction => correction.StartsWith("0930-1300:", StringComparison.Ordinal));
        var pair = (await Client.GetAsync("/udf/symbols?symbol=BTCUSDT")).Is(200).Json;
        Assert.Equal(("", ""), (pair.Text("session_holidays"), pair.Text("corrections")));
    }

    [Fact]
    public async Task Expired_contract_is_described_as_such_and_an_unknown_symbol_is_the_protocols_error()
    {
        var expired = (await Client.GetAsync("/udf/symbols?symbol=ESM2021")).Is(200).Json;
        Assert.Equal(("ESM2021", true), (expired.Text("name"), expired.GetProperty("expired").GetBoolean()));
        Assert.Equal(At("2021-06-18T00:00:00Z"), expired.Number("expiration_date"));
        Assert.Equal("""{"s":"error","errmsg":"unknown_symbol"}""", (await Client.GetAsync("/udf/symbols?symbol=NOPE")).Is(200).Text);
        Assert.Equal("error", (await Client.GetAsync("/udf/symbols")).Is(200).Json.Text("s"));
    }

    [Fact]
    public async Task Search_finds_by_name_and_description_within_type_exchange_and_limit()
    {
        var front = await shared.FrontAsync("ES");
        var found = await SearchAsync("query=ES&limit=30");
        Assert.Equal(front, found[0].Text("symbol"));
        Assert.All(found, item => Shape.Is(item, "symbol:string full_name:string description:string exchange:string ticker:string type:string"));
        Assert.Contains("MES", (await SearchAsync("query=e-mini&limit=100")).Select(item => item.Text("symbol")[..3]));
        Assert.Equal(["AAPL"], (await SearchAsync("query=apple")).Select(item => item.Text("ticker")));
        Assert.All(await SearchAsync("query=b&type=crypto"), item => Assert.Equal("crypto", item.Text("type")));
        Assert.All(await SearchAsync("query=&exchange=COMEX"), item => Assert.Equal("COMEX", item.Text("exchange")));
        Assert.Equal(2, (await SearchAsync("query=&limit=2")).Length);
        Assert.Empty(await SearchAsync("query=no+such+thing"));

        async Task<JsonElement[]> SearchAsync(string query) => [.. (await Client.GetAsync($"/udf/search?{query}")).Is(200).Json.EnumerateArray()];
    }

    [Fact]
    public async Task History_answers_bars_from_the_left_one_to_before_the_right_one_in_utc_seconds()
    {
        await Ticks.PostAsync(shared, "DIS", ("2026-05-06T14:00:10Z", 100m), ("2026-05-06T14:00:50Z", 104.5m), ("2026-05-06T14:01:00Z", 99m), ("2026-05-06T14:02:00Z", 101m));
        var bars = await HistoryAsync("symbol=DIS&resolution=1", "2026-05-06T14:00:00Z", "2026-05-06T14:02:00Z");
        Assert.Equal("ok", bars.Text("s"));
        Assert.Equal([At("2026-05-06T14:00:00Z"), At("2026-05-06T14:01:00Z")], Numbers(bars, "t"));
        Assert.Equal(([100m, 99m], [104.5m, 99m]), (Numbers(bars, "o"), Numbers(bars, "h")), Same);
        Assert.Equal(([100m, 99m], [104.5m, 99m]), (Numbers(bars, "l"), Numbers(bars, "c")), Same);
        Assert.Equal([4m, 2m], Numbers(bars, "v"));
        Assert.Equal(["c", "h", "l", "o", "s", "t", "v"], bars.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(3, Numbers(await HistoryAsync("symbol=DIS&resolution=1S", "2026-05-06T14:00:50Z", "2026-05-06T15:00:00Z"), "t").Length);
        Assert.Equal([At("2026-05-06T14:00:00Z")], Numbers(await HistoryAsync("symbol=DIS&resolution=60", "2026-05-06T00:00:00Z", "2026-05-07T00:00:00Z"), "t"));
        Assert.Equal([At("2026-05-06T12:00:00Z")], Numbers(await HistoryAsync("symbol=NYSE:DIS&resolution=240", "2026-05-06T00:00:00Z", "2026-05-07T00:00:00Z"), "t"));
    }

    [Theory]
    [InlineData("D")]
    [InlineData("1D")]
    public async Task Daily_bars_are_stamped_at_midnight_utc_of_the_day_their_session_ends(string resolution)
    {
        var symbol = resolution == "D" ? "GCZ2027" : "GCZ2028";
        await Ticks.PostAsync(
            shared, symbol, ("2026-03-06T15:00:00Z", 4000m), ("2026-03-08T22:30:00Z", 4010m), ("2026-03-09T15:00:00Z", 4020m), ("2026-03-09T22:30:00Z", 4030m),
            ("2026-10-30T22:30:00Z", 4040m), ("2026-11-02T22:30:00Z", 4050m), ("2026-11-02T23:30:00Z", 4060m));
        var bars = await HistoryAsync($"symbol={symbol}&resolution={resolution}", "2026-03-06T00:00:00Z", "2026-11-04T00:00:00Z");
        Assert.Equal(
            ["2026-03-06", "2026-03-09", "2026-03-10", "2026-11-02", "2026-11-03"],
            Numbers(bars, "t").Select(t => DateTimeOffset.FromUnixTimeSeconds((long)t).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        Assert.All(Numbers(bars, "t"), t => Assert.Equal(0m, t % 86_400m));
        Assert.Equal([4000m, 4010m, 4030m, 4040m, 4060m], Numbers(bars, "o"));
        Assert.Equal([4000m, 4020m, 4030m, 4050m, 4060m], Numbers(bars, "c"));
        Assert.Equal(2, Numbers(await HistoryAsync($"symbol={symbol}&resolution={resolution}", "2026-03-09T00:00:00Z", "2026-03-11T00:00:00Z"), "t").Length);
        Assert.Single(Numbers(await HistoryAsync($"symbol={symbol}&resolution={resolution}", "2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z"), "t"));
    }

    [Fact]
    public async Task Bar_of_the_day_under_way_is_there_for_a_chart_that_asks_up_to_now()
    {
        await shared.QuoteAsync("MGC", 4200m, 4201m);
        var now = DateTimeOffset.UtcNow;
        var day = await HistoryAsync("symbol=MGC&resolution=1D", Iso(now.AddDays(-10)), Iso(now));
        Assert.Equal(4200m, Numbers(day, "c")[^1]);
    }

    [Fact]
    public async Task Empty_range_is_no_data_with_the_nearest_bar_before_it_and_without_where_there_is_none()
    {
        await Ticks.PostAsync(shared, "COST", ("2026-05-06T14:00:00Z", 900m), ("2026-05-06T14:07:00Z", 901m), ("2026-05-06T16:00:00Z", 902m));
        var gap = await HistoryAsync("symbol=COST&resolution=1", "2026-05-06T15:00:00Z", "2026-05-06T15:30:00Z");
        Assert.Equal(("no_data", At("2026-05-06T14:07:00Z")), (gap.Text("s"), gap.Number("nextTime")));
        Assert.False(gap.Has("t") || gap.Has("errmsg"));
        var before = await Client.GetAsync($"/udf/history?symbol=COST&resolution=1&from={At("2026-05-06T13:00:00Z")}&to={At("2026-05-06T14:00:00Z")}");
        Assert.Equal("""{"s":"no_data"}""", before.Is(200).Text);
        var counted = await Client.GetAsync($"/udf/history?symbol=COST&resolution=1&to={At("2026-05-06T14:00:00Z")}&countback=10");
        Assert.Equal("""{"s":"no_data"}""", counted.Is(200).Text);
    }

    [Fact]
    public async Task Countback_counts_bars_before_to_and_from_is_ignored()
    {
        await Ticks.PostAsync(shared, "UNH", [.. Enumerable.Range(0, 9).Select(i => ($"2026-05-0{i + 1}T14:00:00Z", 330m + i))]);
        var to = At("2026-05-08T14:00:00Z");
        var counted = (await Client.GetAsync($"/udf/history?symbol=UNH&resolution=5&from={to - 60}&to={to}&countback=3")).Is(200).Json;
        Assert.Equal([334m, 335m, 336m], Numbers(counted, "o"));
        Assert.Equal([330m, 331m, 332m, 333m, 334m, 335m, 336m], Numbers((await Client.GetAsync($"/udf/history?symbol=UNH&resolution=5&to={to}&countback=99")).Is(200).Json, "o"));
    }

    [Theory]
    [InlineData("resolution=1&from=1&to=2", "symbol")]
    [InlineData("symbol=NOPE&resolution=1&from=1&to=2", "symbol")]
    [InlineData("symbol=ES&resolution=2&from=1&to=2", "resolution")]
    [InlineData("symbol=ES&from=1&to=2", "resolution")]
    [InlineData("symbol=ES&resolution=1&from=1", "to")]
    [InlineData("symbol=ES&resolution=1&to=2", "from")]
    [InlineData("symbol=ES&resolution=1&from=3&to=2", "from")]
    [InlineData("symbol=ES&resolution=1&from=1&to=99999999999999999", "to")]
    [InlineData("symbol=ES&resolution=1&from=1&to=2&countback=0", "countback")]
    public async Task What_is_wrong_is_the_protocols_error_and_names_the_parameter(string query, string field)
    {
        var reply = (await Client.GetAsync($"/udf/history?{query}")).Is(200).Json;
        Assert.Equal("error", reply.Text("s"));
        Assert.StartsWith($"{field}: ", reply.Text("errmsg"), StringComparison.Ordinal);
        Assert.False(reply.Has("t"));
    }

    [Fact]
    public async Task Marks_are_the_fills_of_the_callers_tenant_at_their_bars()
    {
        var owner = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        await shared.QuoteAsync("BAC", 53m, 53.01m);
        foreach (var side in (string[])["buy", "sell"])
        {
            var order = (await owner.PostAsync($"/api/v1/accounts/{account}/orders", new { symbol = "BAC", side, type = "market", quantity = 10 })).Is(202).Json.Text("id");
            await Wait.UntilAsync(
                "the fill", async () => (await owner.GetAsync($"/api/v1/accounts/{account}/orders/{order}")).Is(200).Json, json => json.Text("state") == "filled");
        }

        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var path = $"/udf/marks?symbol=BAC&resolution=5&from={now - 3_600}&to={now}";
        var marks = (await owner.GetAsync(path)).Is(200).Json;
        Assert.Equal(["B", "S"], Strings(marks, "label"));
        Assert.Equal(["Bought 10 at 53.01 (Paper)", "Sold 10 at 53 (Paper)"], Strings(marks, "text").Select(text => text.Replace("53.00", "53", StringComparison.Ordinal)));
        Assert.All(Numbers(marks, "time"), time => Assert.Equal(0m, time % 300m));
        Assert.All((string[])["id", "color", "labelFontColor", "minSize"], column => Assert.Equal(2, marks.List(column).Length));
        Assert.Equal(2, Strings(marks, "id").Distinct().Count());

        Assert.Empty((await (await shared.Node.NewTenantAsync()).GetAsync(path)).Is(200).Json.List("id"));
        Assert.Empty((await owner.GetAsync($"/udf/marks?symbol=BAC&resolution=5&from={now - 9_000}&to={now - 7_200}")).Is(200).Json.List("id"));
        Assert.Empty((await owner.GetAsync($"/udf/marks?symbol=KO&resolution=5&from={now - 3_600}&to={now}")).Is(200).Json.List("id"));
        Assert.Equal("error", (await owner.GetAsync("/udf/marks?symbol=BAC")).Is(200).Json.Text("s"));
    }

    [Fact]
    public async Task Quotes_name_price_change_and_the_day_and_each_symbol_has_a_status_of_its_own()
    {
        await Ticks.PostAsync(shared, "CSCO", ("2026-05-06T15:00:00Z", 80m));
        await shared.QuoteAsync("CSCO", 84m, 84.02m);
        var quotes = (await Client.GetAsync("/udf/quotes?symbols=CSCO,NOPE,ZFZ2035")).Is(200).Json;
        Assert.Equal(("ok", 3), (quotes.Text("s"), quotes.List("d").Length));
        Assert.Equal([("CSCO", "ok"), ("NOPE", "error"), ("ZFZ2035", "error")], quotes.List("d").Select(quote => (quote.Text("n"), quote.Text("s"))));
        var values = quotes.List("d")[0].GetProperty("v");
        Assert.Equal((84m, 84m, 84.02m, 0.02m), (values.Number("lp"), values.Number("bid"), values.Number("ask"), values.Number("spread")));
        Assert.Equal((80m, 4m, 5m), (values.Number("prev_close_price"), values.Number("ch"), values.Number("chp")));
        Assert.Equal((84m, 84m, 84m), (values.Number("open_price"), values.Number("high_price"), values.Number("low_price")));
        Assert.Equal("CSCO", values.Text("short_name"));
        Assert.Equal("error", (await Client.GetAsync("/udf/quotes")).Is(200).Json.Text("s"));
    }

    [Fact]
    public async Task Nobody_is_served_without_logging_in_and_anybody_who_has_is()
    {
        var anonymous = shared.Node.Anonymous();
        var client = await shared.Node.NewTenantAsync();
        foreach (var path in (string[])["config", "time", "symbols?symbol=ES", "search?query=ES", "history?symbol=ES&resolution=1&from=1&to=2", "marks?symbol=ES&resolution=1&from=1&to=2", "quotes?symbols=ES"])
        {
            (await anonymous.GetAsync($"/udf/{path}")).Problem(401, "unauthorized");
            (await client.GetAsync($"/udf/{path}")).Is(200);
        }
    }

    private static bool Same((decimal[], decimal[]) expected, (decimal[], decimal[]) actual) =>
        expected.Item1.SequenceEqual(actual.Item1) && expected.Item2.SequenceEqual(actual.Item2);

    private static long At(string iso) => DateTimeOffset.Parse(iso, CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static string Iso(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Strings(JsonElement json, string member) => json.List(member).Select(item => item.GetString()!);

    private static decimal[] Numbers(JsonElement json, string member) => [.. json.List(member).Select(item => item.GetDecimal())];

    private async Task<JsonElement> HistoryAsync(string query, string from, string to) =>
        (await Client.GetAsync($"/udf/history?{query}&from={At(from)}&to={At(to)}")).Is(200).Json;
}
