using System.Text.RegularExpressions;
using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

/// <summary>One good body of a dialect.</summary>
/// <param name="Source">The dialect that must read it.</param>
/// <param name="Size">The part of the body that gives the size, with its name.</param>
internal sealed partial record SignalExample(string Source, string Body, string Size)
{
    public bool IsJson => Body.StartsWith('{');

    public string Separator => IsJson ? "," : Body.Contains(';', StringComparison.Ordinal) ? ";" : " ";

    public string SizeName => Size[..(Size.IndexOfAny([':', '=']) + 1)];

    /// <summary>The body with other text for the size. In JSON it stands there bare, unless it brings its quotation marks.</summary>
    public string WithSize(string value) => Body.Replace(Size, SizeName + value, StringComparison.Ordinal);

    public string With(string part) => Body.Replace(Size, Size + Separator + part, StringComparison.Ordinal);

    public string WithKeys(Func<string, string> change) => IsJson
        ? JsonKey().Replace(Body, match => change(match.Value)) : PairName().Replace(Body, match => change(match.Value));

    public string WithNumbersAsText() => JsonNumber().Replace(Body, match => $"\"{match.Value}\"");

    public override string ToString() => Source;

    [GeneratedRegex("\"[^\"]+\"(?=\\s*:)")]
    private static partial Regex JsonKey();

    [GeneratedRegex("(?<=^|[;\\s])[A-Za-z_]+(?==)")]
    private static partial Regex PairName();

    [GeneratedRegex("(?<=\":\\s*)-?[0-9][0-9.]*(?=\\s*[,}])")]
    private static partial Regex JsonNumber();
}

/// <summary>The documented examples of every dialect, with values in place of placeholders.</summary>
internal static class SignalExamples
{
    private static readonly SignalExample[] All =
    [
        new(
            SignalSource.Json,
            """
            {"action":"buy","symbol":"ES","quantity":2,"price":5000.25,"orderType":"limit","limitPrice":5001,"takeProfit":5050,"stopLoss":4990,
             "risk_dollars":0,"same_direction_ignore":true,"alertTimestamp":"2026-05-01T13:30:02Z","key":"hunter2"}
            """,
            "\"quantity\":2"),
        new(
            SignalSource.TradingView,
            """
            {"ticker":"ES1!","action":"buy","contracts":1,"position_size":2,"market_position":"long","prev_market_position":"short",
             "prev_market_position_size":1,"price":5000.25,"timenow":"2026-05-01T13:30:02Z","passphrase":"hunter2"}
            """,
            "\"position_size\":2"),
        new(
            SignalSource.TradersPost,
            """
            {"ticker":"MNQ","action":"buy","sentiment":"bullish","signalPrice":18000.25,"quantity":2,"quantityType":"fixed_quantity","orderType":"limit",
             "limitPrice":17999.5,"takeProfit":{"limitPrice":18100},"stopLoss":{"type":"stop","stopPrice":17950},"timeInForce":"day","extras":{}}
            """,
            "\"quantity\":2"),
        new(
            SignalSource.OpenAlgo,
            """
            {"apikey":"hunter2","strategy":"s","symbol":"NIFTY","action":"BUY","exchange":"NSE","pricetype":"LIMIT","product":"MIS","quantity":2,"price":5,
             "trigger_price":0,"disclosed_quantity":0}
            """,
            "\"quantity\":2"),
        new(
            SignalSource.ThreeCommas,
            """
            {"secret":"hunter2","max_lag":"300","timestamp":"2026-05-01T13:30:02Z","trigger_price":67200.5,"tv_exchange":"BINANCE","tv_instrument":"BTCUSDT",
             "action":"buy","bot_uuid":"u","strategy_info":{"market_position":"long","market_position_size":2,"prev_market_position":"flat",
             "prev_market_position_size":0},"order":{"amount":2,"currency_type":"base"}}
            """,
            "\"market_position_size\":2"),
        new(
            SignalSource.PickMyTrade,
            """
            {"symbol":"NQ1!","date":"2026-05-01T13:30:02Z","data":"buy","quantity":2,"risk_percentage":0,"price":18000.25,"tp":18100,"sl":17950,"trail":0,
             "update_tp":false,"order_type":"MKT","token":"hunter2","pyramid":true,
             "multiple_accounts":[{"token":"hunter2","account_id":"a","connection_name":"c","risk_percentage":0,"quantity_multiplier":1}]}
            """,
            "\"quantity\":2"),
        new(
            SignalSource.MetaApi,
            """{"symbol":"EURUSD","type":"POSITION_TYPE_BUY","time":"2026-05-01T13:30:00Z","volume":2,"openPrice":1.1,"stopLoss":1.09,"takeProfit":1.12}""",
            "\"volume\":2"),
        new(
            SignalSource.WunderTrading,
            """{"symbol":"BTCUSDT","side":"buy","amountPerTradeType":"quote","amountPerTrade":2,"orderType":"limit","price":67200,"timeToLive":0,"token":"hunter2"}""",
            "\"amountPerTrade\":2"),
        new(
            SignalSource.CrossTrade,
            "key=hunter2; command=PLACE; account=Sim101; instrument=MNQ 06-25; action=BUY; qty=2; order_type=MARKET; tif=DAY; take_profit=; stop_loss=; "
            + "flatten_first=true; require_market_position=flat;",
            "qty=2"),
        new(SignalSource.OctoBot, "EXCHANGE=binance;SYMBOL=BTCUSDT;SIGNAL=BUY;VOLUME=2;TOKEN=hunter2", "VOLUME=2"),
        new(SignalSource.Autoview, "e=BITMEX s=BTCUSD b=long q=2 sl=1% tp=2%", "q=2"),
    ];

    public static IReadOnlyList<SignalExample> List => All;

    /// <summary>Rows for a theory: a name that a failure shows.</summary>
    public static TheoryData<string> Sources => [.. All.Select(example => example.Source)];

    public static TheoryData<string> JsonSources => [.. All.Where(example => example.IsJson).Select(example => example.Source)];

    public static SignalExample Of(string source) => Array.Find(All, example => example.Source == source)!;
}
