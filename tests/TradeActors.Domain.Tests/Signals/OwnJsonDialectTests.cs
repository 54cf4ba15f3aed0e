using TradeActors.Domain.Signals;
using Xunit;

namespace TradeActors.Domain.Tests.Signals;

public class OwnJsonDialectTests
{
    [Theory]
    [InlineData("buy", SignalAction.Buy)]
    [InlineData("long", SignalAction.Buy)]
    [InlineData("sell", SignalAction.Sell)]
    [InlineData("short", SignalAction.Sell)]
    [InlineData("close", SignalAction.Close)]
    [InlineData("exit", SignalAction.Close)]
    [InlineData("flat", SignalAction.Close)]
    [InlineData("reverse", SignalAction.Reverse)]
    [InlineData("BUY", SignalAction.Buy)]
    [InlineData(" Exit ", SignalAction.Close)]
    public void Every_documented_action_word_is_read_in_any_case(string word, SignalAction action)
    {
        var signal = Reading.Signal($$"""{"action":"{{word}}","symbol":"ES"}""");
        Assert.Equal(new ParsedSignal { Source = "json", Action = action, Symbol = "ES" }, signal);
    }

    [Fact]
    public void Every_documented_field_is_read()
    {
        var signal = Reading.Signal("""
            {"action":"buy","symbol":" ESU2026 ","quantity":2,"price":5000.25,"orderType":"stop_limit","limitPrice":5001,"stopPrice":5000.5,
             "takeProfit":5050,"stopLoss":4990.75,"id":"a-1","note":{"anything":[1,true,null]}}
            """);
        Assert.Equal(
            new ParsedSignal
            {
                Source = "json",
                Action = SignalAction.Buy,
                Symbol = "ESU2026",
                Quantity = 2m,
                Price = 5000.25m,
                OrderType = SignalOrderType.StopLimit,
                LimitPrice = 5001m,
                StopPrice = 5000.5m,
                TakeProfit = 5050m,
                StopLoss = 4990.75m,
                Id = "a-1",
            },
            signal);
    }

    [Fact]
    public void Keys_are_the_same_in_any_case_and_with_underscores_or_dashes()
    {
        var signal = Reading.Signal("""{"ACTION":"Sell","Ticker":"NQ","qty":"3","order_type":"LIMIT","LIMIT-PRICE":"18000","take_profit":17900,"Stop Loss":18050}""");
        Assert.Equal(
            new ParsedSignal
            {
                Source = "json",
                Action = SignalAction.Sell,
                Symbol = "NQ",
                Quantity = 3m,
                OrderType = SignalOrderType.Limit,
                LimitPrice = 18000m,
                TakeProfit = 17900m,
                StopLoss = 18050m,
            },
            signal);
    }

    [Theory]
    [InlineData("3", 3)]
    [InlineData("-2", -2)]
    [InlineData("0", 0)]
    [InlineData("\"-1\"", -1)]
    [InlineData("\"+4\"", 4)]
    public void A_position_is_a_signed_target(string position, int target)
    {
        var signal = Reading.Signal($$"""{"symbol":"ES","position":{{position}}}""");
        Assert.Equal(target, signal.TargetPosition);
        Assert.Null(signal.Action);
    }

    [Fact]
    public void A_target_beats_the_action_and_the_quantity_beside_it()
    {
        var signal = Reading.Signal("""{"action":"buy","quantity":5,"position":3}""");
        Assert.Equal((null, null, 3m), (signal.Action, signal.Quantity, signal.TargetPosition));
    }

    [Fact]
    public void A_close_that_names_another_target_than_zero_is_refused() =>
        Assert.Contains("position", Reading.Error("""{"action":"close","position":3}"""), StringComparison.Ordinal);

    [Fact]
    public void A_limit_order_takes_its_limit_from_the_price_where_it_gives_no_other()
    {
        var signal = Reading.Signal("""{"action":"buy","orderType":"limit","price":"5000"}""");
        Assert.Equal((5000m, 5000m), (signal.Price, signal.LimitPrice));
    }

    [Fact]
    public void A_close_may_name_a_quantity() =>
        Assert.Equal(1m, Reading.Signal("""{"action":"close","quantity":1}""").Quantity);

    [Fact]
    public void Null_counts_as_absent()
    {
        var signal = Reading.Signal("""{"action":"buy","symbol":null,"quantity":null,"stopLoss":null,"position":null,"id":null}""");
        Assert.Equal(new ParsedSignal { Source = "json", Action = SignalAction.Buy }, signal);
    }

    [Fact]
    public void A_blank_symbol_or_id_counts_as_absent() =>
        Assert.Equal(new ParsedSignal { Source = "json", Action = SignalAction.Buy }, Reading.Signal("""{"action":"buy","symbol":" ","id":""}"""));

    [Fact]
    public void A_number_may_stand_for_a_text() =>
        Assert.Equal(("7203", "42"), (Reading.Signal("""{"action":"buy","symbol":7203,"id":42}""") is var s ? (s.Symbol, s.Id) : default));

    [Theory]
    [InlineData("sell")]
    [InlineData("buy")]
    public void A_flat_sentiment_beats_the_action_and_closes_all(string action)
    {
        var signal = Reading.Signal($$"""{"action":"{{action}}","sentiment":"flat","quantity":2}""");
        Assert.Equal((SignalAction.Close, null), (signal.Action, signal.Quantity));
    }

    [Fact]
    public void A_sentiment_that_agrees_with_the_action_changes_nothing() =>
        Assert.Equal(SignalAction.Sell, Reading.Signal("""{"action":"sell","sentiment":"bearish"}""").Action);

    [Theory]
    [InlineData("""{"symbol":"ES"}""", "does not say what to do")]
    [InlineData("""{}""", "does not say what to do")]
    [InlineData("""{"action":null}""", "does not say what to do")]
    [InlineData("""{"action":""}""", "buy, sell, close, reverse")]
    [InlineData("""{"action":"hold"}""", "buy, sell, close, reverse")]
    [InlineData("""{"action":"“buy”"}""", "smart quotes")]
    [InlineData("""{"action":["buy"]}""", "single value")]
    [InlineData("""{"action":true}""", "\"action\" is true")]
    [InlineData("""{"action":"buy","quantity":0}""", "not above 0")]
    [InlineData("""{"action":"buy","quantity":-1}""", "not above 0")]
    [InlineData("""{"action":"close","quantity":"0.00"}""", "not above 0")]
    [InlineData("""{"action":"buy","quantity":""}""", "not a number")]
    [InlineData("""{"action":"buy","quantity":{"value":1}}""", "single value")]
    [InlineData("""{"action":"buy","quantity":1,"qty":2}""", "differ")]
    [InlineData("""{"action":"buy","symbol":"ES","ticker":"NQ"}""", "differ")]
    [InlineData("""{"action":"buy","symbol":{"root":"ES"}}""", "single value")]
    [InlineData("""{"action":"buy","symbol":"E\u0000S"}""", "control character")]
    [InlineData("""{"action":"buy","orderType":"limit"}""", "limitPrice")]
    [InlineData("""{"action":"buy","orderType":"stop","price":1}""", "stopPrice")]
    [InlineData("""{"action":"buy","orderType":"stoplimit","price":1}""", "stopPrice")]
    [InlineData("""{"action":"buy","orderType":"trailing_stop"}""", "market, limit, stop, stop_limit")]
    [InlineData("""{"action":"buy","limitPrice":5000}""", "without \"orderType\"")]
    [InlineData("""{"action":"buy","stopPrice":5000}""", "without \"orderType\"")]
    [InlineData("""{"action":"buy","price":0}""", "not a price")]
    [InlineData("""{"action":"buy","stopLoss":0}""", "not a price")]
    [InlineData("""{"action":"sell","sentiment":"bullish"}""", "partial exit")]
    [InlineData("""{"action":"buy","sentiment":"mixed"}""", "long, short, flat")]
    public void A_body_that_does_not_say_one_thing_is_refused_with_a_reason(string body, string reason) =>
        Assert.Contains(reason, Reading.Error(body), StringComparison.Ordinal);

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var error = Reading.Error("""{"action":"hold","quantity":"many","stopLoss":0}""");
        Assert.All(["\"action\"", "\"quantity\"", "\"stopLoss\""], key => Assert.Contains(key, error, StringComparison.Ordinal));
    }

    [Fact]
    public void An_id_or_symbol_without_end_is_refused()
    {
        Assert.Contains("128", Reading.Error($$"""{"action":"buy","id":"{{new string('x', 129)}}"}"""), StringComparison.Ordinal);
        Assert.Contains("64", Reading.Error($$"""{"action":"buy","symbol":"{{new string('x', 65)}}"}"""), StringComparison.Ordinal);
    }
}
