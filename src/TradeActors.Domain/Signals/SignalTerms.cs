namespace TradeActors.Domain.Signals;

/// <summary>The words and fields that the JSON dialects share.</summary>
internal static class SignalTerms
{
    /// <summary>Names of <c>quantity</c>.</summary>
    private static readonly string[] QuantityNames =
        ["quantity", "qty", "contracts", "size", "ordercontracts", "strategy.ordercontracts", "strategy.order.contracts"];

    /// <summary>Names of the reference price.</summary>
    private static readonly string[] PriceNames = ["price", "orderprice", "strategy.orderprice", "strategy.order.price"];

    private const int LongestSymbol = 64;
    private const int LongestId = 128;

    /// <summary>Everything but what to do: symbol, prices and the order's terms.</summary>
    public static ParsedSignal Read(SignalFields fields, string source)
    {
        var price = fields.Price(PriceNames);
        var (limitPrice, stopPrice) = (fields.Price("limitprice"), fields.Price("stopprice"));
        var orderType = fields.Word(OrderTypeOf, "market, limit, stop, stop_limit", "ordertype");
        if (orderType is SignalOrderType.Limit or SignalOrderType.StopLimit)
        {
            limitPrice ??= price;
        }

        CheckPrices(fields, orderType, limitPrice, stopPrice);
        return new()
        {
            Source = source,
            Symbol = fields.Text(LongestSymbol, "symbol", "ticker"),
            Price = price,
            OrderType = orderType,
            LimitPrice = limitPrice,
            StopPrice = stopPrice,
            TakeProfit = fields.Price("takeprofit"),
            StopLoss = fields.Price("stoploss"),
        };
    }

    public static string? Id(SignalFields fields, params ReadOnlySpan<string> names) => fields.Text(LongestId, names);

    public static SignalAction? Action(SignalFields fields, params ReadOnlySpan<string> names) =>
        fields.Word(ActionOf, "buy, sell, close, reverse, long, short, exit, flat", names);

    public static SignalStance? Stance(SignalFields fields, params ReadOnlySpan<string> names) =>
        fields.Word(StanceOf, "long, short, flat", names);

    /// <summary>A close of everything held. The quantity beside it belongs to the source's own order and is not ours to close by.</summary>
    public static ParsedSignal CloseAll(SignalFields fields, ParsedSignal signal)
    {
        _ = fields.Number(QuantityNames); // Read all the same: a damaged number says that the body is damaged.
        return signal with { Action = SignalAction.Close };
    }

    /// <summary>A move to a signed position. The order's own quantity is only how the source got there.</summary>
    public static ParsedSignal MoveTo(SignalFields fields, ParsedSignal signal, decimal target)
    {
        _ = fields.Number(QuantityNames);
        return signal with { TargetPosition = target };
    }

    /// <summary>An order by its action word, which must not point away from the side that the source says it is on afterwards.</summary>
    /// <remarks>
    /// "sell" with a source that stays long is a partial exit. Neither reading of it alone is right (a sell would turn the position, a long would add
    /// to it), and how much is left is not said.
    /// </remarks>
    public static ParsedSignal Act(SignalFields fields, ParsedSignal signal, SignalAction? action, SignalStance? stance)
    {
        var quantity = fields.Number(QuantityNames);
        if (quantity <= 0m)
        {
            fields.Fail($"{fields.KeyOf(QuantityNames)} is not above 0. Leave it out to trade the recorder's own size.");
        }

        switch (action, stance)
        {
            case (null or SignalAction.Buy or SignalAction.Reverse, SignalStance.Long):
                return signal with { Action = SignalAction.Buy, Quantity = quantity };
            case (null or SignalAction.Sell or SignalAction.Reverse, SignalStance.Short):
                return signal with { Action = SignalAction.Sell, Quantity = quantity };
            case (not null, not null):
                fields.Fail("The action and the side that the position is on afterwards disagree, so this may be a partial exit. "
                    + "Add \"market_position_size\", or send the wanted position as \"position\".");
                return signal;
            default:
                return signal with { Action = action, Quantity = quantity };
        }
    }

    private static void CheckPrices(SignalFields fields, SignalOrderType? orderType, decimal? limitPrice, decimal? stopPrice)
    {
        // A price that could not be read has been reported already; asking for it again would mislead.
        var hasLimit = limitPrice is not null || fields.HasAny("limitprice") || fields.HasAny(PriceNames);
        if (orderType is SignalOrderType.Limit or SignalOrderType.StopLimit && !hasLimit)
        {
            fields.Fail("A limit order needs \"limitPrice\" (or \"price\").");
        }

        if (orderType is SignalOrderType.Stop or SignalOrderType.StopLimit && stopPrice is null && !fields.HasAny("stopprice"))
        {
            fields.Fail("A stop order needs \"stopPrice\".");
        }

        if (!fields.HasAny("ordertype") && (limitPrice ?? stopPrice) is not null)
        {
            fields.Fail($"{fields.KeyOf("limitprice", "stopprice")} is given without \"orderType\". "
                + "Add limit, stop or stop_limit, or leave the price out.");
        }
    }

    private static SignalAction? ActionOf(string word) => word switch
    {
        "buy" or "long" => SignalAction.Buy,
        "sell" or "short" => SignalAction.Sell,
        "close" or "exit" or "flat" => SignalAction.Close,
        "reverse" => SignalAction.Reverse,
        _ => null,
    };

    private static SignalStance? StanceOf(string word) => word switch
    {
        "long" or "bullish" => SignalStance.Long,
        "short" or "bearish" => SignalStance.Short,
        "flat" => SignalStance.Flat,
        _ => null,
    };

    private static SignalOrderType? OrderTypeOf(string word) => word switch
    {
        "market" => SignalOrderType.Market,
        "limit" => SignalOrderType.Limit,
        "stop" => SignalOrderType.Stop,
        "stoplimit" => SignalOrderType.StopLimit,
        _ => null,
    };
}
