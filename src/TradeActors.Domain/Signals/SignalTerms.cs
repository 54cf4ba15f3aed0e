using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>What an action word asks for, and on which position alone.</summary>
internal readonly record struct SignalCommand(SignalAction Action, SignalStance? Only = null);

/// <summary>The words and fields that the JSON dialects share.</summary>
internal static class SignalTerms
{
    /// <summary>Names of <c>quantity</c>.</summary>
    private static readonly string[] QuantityNames =
        ["quantity", "qty", "contracts", "size", "ordercontracts", "strategy.ordercontracts", "strategy.order.contracts"];

    /// <summary>Names of the reference price.</summary>
    private static readonly string[] PriceNames = ["price", "orderprice", "strategy.orderprice", "strategy.order.price"];

    /// <summary>Names of the symbol.</summary>
    private static readonly string[] SymbolNames = ["symbol", "ticker", "instrument"];

    /// <summary>What changes an entry and is carried out by no rule yet.</summary>
    private static readonly string[] UnbuiltNames =
    [
        "trail", "trailingstop", "trailstop", "trailtrigger", "trailfreq", "trailamount", "trailpercent", "breakeven", "breakevenoffset", "delay",
        "rejectafter", "cancelafter", "optiontype", "strikeprice", "expiration", "extendedhours", "stoploss.trailamount", "stoploss.trailpercent",
        "stoploss.limitprice",
    ];

    private const int LongestSymbol = 64;
    private const int LongestId = 128;

    /// <summary>Everything but what to do: symbol, prices, the order's terms, its protection and a size that is no quantity.</summary>
    /// <param name="readsOrderType">False where the order's type has been found to be one that is not built yet.</param>
    public static ParsedSignal Read(SignalFields fields, string source, bool readsOrderType = true)
    {
        foreach (var name in UnbuiltNames)
        {
            fields.NoteUnbuilt(name);
        }

        NoteAmbiguous(fields, "sl", "stopLoss or sl_ticks");
        NoteAmbiguous(fields, "tp", "takeProfit or tp_ticks");
        var price = fields.Price(PriceNames);
        var (limitPrice, stopPrice) = (fields.Price("limitprice"), fields.Price("stopprice"));
        var orderType = readsOrderType ? fields.Word(OrderTypeOf, "market, limit, stop, stop_limit", "ordertype") : null;
        if (orderType is SignalOrderType.Limit or SignalOrderType.StopLimit)
        {
            limitPrice ??= price;
        }

        if (readsOrderType)
        {
            CheckPrices(fields, orderType, limitPrice, stopPrice);
        }
        else
        {
            (limitPrice, stopPrice) = (null, null);
        }

        CheckTimeInForce(fields, orderType);
        var signal = new ParsedSignal
        {
            Source = source,
            Symbol = Symbol(fields),
            // The bar's close or last price is looked at only where no price of the order is given: many alerts carry both, and they differ.
            Price = price ?? fields.FirstNumber("close", "last"),
            OrderType = orderType,
            LimitPrice = limitPrice,
            StopPrice = stopPrice,
            Size = Size(fields),
            IgnoreSameDirection = fields.Flag("samedirectionignore") ?? fields.Flag("noduplicate") ?? false,
            IsTest = fields.Flag("test") ?? false,
        };
        return SignalProtectionTerms.Read(fields, signal, ProtectionNames.Target, ProtectionNames.Stop);
    }

    public static string? Symbol(SignalFields fields, params ReadOnlySpan<string> names)
    {
        var symbol = fields.Text(LongestSymbol, names.IsEmpty ? SymbolNames : names);
        if (SignalText.HasSmartQuotes(symbol))
        {
            fields.Fail($"The symbol {SignalText.Quote(symbol!)} contains smart quotes. Use straight ones (\").");
        }

        return symbol;
    }

    /// <summary>A risk that the signal names itself; the first that is above 0.</summary>
    public static SignalSize? Size(SignalFields fields)
    {
        var (amount, percent) = (fields.Positive("riskdollars", "riskamount"), fields.Positive("riskpercentage", "riskpercent"));
        return amount is { } money ? new SignalSize(SizingUnit.RiskAmount, money) : percent is { } share ? new SignalSize(SizingUnit.RiskPercent, share) : null;
    }

    /// <summary>A quantity above 0, or nothing. 0 and less is a fault: nobody sends an order for nothing on purpose.</summary>
    public static decimal? Quantity(SignalFields fields, params ReadOnlySpan<string> names)
    {
        var quantity = fields.Number(names);
        if (quantity <= 0m)
        {
            fields.Fail($"{fields.KeyOf(names)} is not above 0. Leave it out to trade the recorder's own size.");
            return null;
        }

        return quantity;
    }

    public static string? Id(SignalFields fields, params ReadOnlySpan<string> names) => fields.Text(LongestId, names);

    public static SignalCommand? Command(SignalFields fields, params ReadOnlySpan<string> names) =>
        fields.Word(CommandOf, "buy, sell, close, reverse, long, short, exit, flat, add, cancel, enter_long, exit_long, enter_short, exit_short", names);

    /// <summary>Whether the field holds an action word: some names serve for other things too.</summary>
    public static bool IsCommand(SignalFields fields, string name) => fields.Find(name) is { } field && CommandOf(SignalFields.Fold(field.Text)) is not null;

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
    public static ParsedSignal Act(SignalFields fields, ParsedSignal signal, SignalCommand? command, SignalStance? stance)
    {
        var quantity = Quantity(fields, QuantityNames);
        var action = command?.Action;
        switch (action, stance)
        {
            case (null or SignalAction.Buy or SignalAction.Reverse, SignalStance.Long):
                return signal with { Action = SignalAction.Buy, Quantity = quantity };
            case (null or SignalAction.Sell or SignalAction.Reverse, SignalStance.Short):
                return signal with { Action = SignalAction.Sell, Quantity = quantity };
            case (SignalAction.Add or SignalAction.Cancel, _):
                return signal with { Action = action, Quantity = quantity };
            case (not null, not null):
                fields.Fail("The action and the side that the position is on afterwards disagree, so this may be a partial exit. "
                    + "Add \"market_position_size\", or send the wanted position as \"position\".");
                return signal;
            default:
                return signal with { Action = action, Only = command?.Only, Quantity = quantity };
        }
    }

    // Ticks to some senders and prices to others.
    private static void NoteAmbiguous(SignalFields fields, string name, string instead)
    {
        if (fields.AsksFor(name))
        {
            _ = fields.Number(name);
            fields.NoteNotBuilt($"{fields.KeyOf(name)} may be a price or ticks. Send {instead} instead.");
        }
    }

    // A market order is over before it could expire; what rests does so for the day.
    private static void CheckTimeInForce(SignalFields fields, SignalOrderType? orderType)
    {
        if (orderType is null or SignalOrderType.Market)
        {
            fields.NoteUnbuilt("timeinforce", "day", "gtc", "ioc", "fok");
        }
        else
        {
            fields.NoteUnbuilt("timeinforce", "day");
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

    private static SignalCommand? CommandOf(string word) => word switch
    {
        "buy" or "long" or "enterlong" => new SignalCommand(SignalAction.Buy),
        "sell" or "short" or "entershort" => new SignalCommand(SignalAction.Sell),
        "close" or "exit" or "flat" or "flatten" => new SignalCommand(SignalAction.Close),
        "exitlong" or "closelong" => new SignalCommand(SignalAction.Close, SignalStance.Long),
        "exitshort" or "closeshort" => new SignalCommand(SignalAction.Close, SignalStance.Short),
        "reverse" => new SignalCommand(SignalAction.Reverse),
        "add" => new SignalCommand(SignalAction.Add),
        "cancel" => new SignalCommand(SignalAction.Cancel),
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
