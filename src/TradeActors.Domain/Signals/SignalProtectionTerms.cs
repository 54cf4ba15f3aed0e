using TradeActors.Domain.Orders;

namespace TradeActors.Domain.Signals;

/// <summary>The names under which one dialect gives stop and target. Several names of one kind are synonyms.</summary>
/// <param name="Price">An absolute price.</param>
/// <param name="Dollars">An amount of money: of what quantity is not settled anywhere, so it is not carried out.</param>
/// <param name="ZeroIsNothing">The format's template fills what is not used with 0.</param>
internal sealed record ProtectionNames(
    string[] Price, string[] Percent, string[] Points, string[] Ticks, string[] Dollars, bool ZeroIsNothing = false)
{
    public static readonly ProtectionNames Target = new(
        ["takeprofit", "takeprofit.limitprice", "takeprofit.price", "takeprofitprice"],
        ["takeprofit.percent", "percentagetp", "takeprofitpercent"], ["takeprofit.amount"], ["tpticks", "takeprofitticks"], ["dollartp"]);

    public static readonly ProtectionNames Stop = new(
        ["stoploss", "stoploss.stopprice", "stoploss.price", "stoplossprice"],
        ["stoploss.percent", "percentagesl", "stoplosspercent"], ["stoploss.amount"], ["slticks", "stoplossticks"], ["dollarsl"]);
}

/// <summary>Reads stop and target: a price, or a distance from the entry, or nothing. A 0 stands for nothing where a template must fill it.</summary>
internal static class SignalProtectionTerms
{
    public static ParsedSignal Read(SignalFields fields, ParsedSignal signal, ProtectionNames target, ProtectionNames stop)
    {
        var (takeProfit, takeProfitDistance) = Read(fields, target);
        var (stopLoss, stopLossDistance) = Read(fields, stop);
        return signal with { TakeProfit = takeProfit, TakeProfitDistance = takeProfitDistance, StopLoss = stopLoss, StopLossDistance = stopLossDistance };
    }

    private static (decimal? Price, Distance? Distance) Read(SignalFields fields, ProtectionNames names)
    {
        foreach (var name in names.Dollars)
        {
            fields.NoteUnbuilt(name);
        }

        var price = names.ZeroIsNothing ? fields.Positive(names.Price) : PriceOf(fields, names);
        (DistanceUnit Unit, decimal? Value)[] distances =
        [
            (DistanceUnit.Percent, fields.Positive(names.Percent)), (DistanceUnit.Points, fields.Positive(names.Points)),
            (DistanceUnit.Ticks, fields.Positive(names.Ticks)),
        ];
        var given = Array.FindAll(distances, distance => distance.Value is not null);
        if (given.Length + (price is null ? 0 : 1) > 1)
        {
            fields.Fail($"{fields.KeyOf([.. names.Price, .. names.Percent, .. names.Points, .. names.Ticks])} is given in two ways. "
                + "Give a price, a percent, an amount or ticks.");
            return (null, null);
        }

        return (price, given is [var only] ? new Distance(only.Unit, only.Value!.Value) : null);
    }

    /// <summary>The plain name may hold an object instead, whose members have names of their own.</summary>
    private static decimal? PriceOf(SignalFields fields, ProtectionNames names)
    {
        if (fields.Find(names.Price[0]) is not { Kind: SignalFieldKind.Composite } field)
        {
            return fields.Price(names.Price);
        }

        string[] members = [.. names.Price, .. names.Percent, .. names.Points];
        if (!Array.Exists(members, name => name.Contains('.', StringComparison.Ordinal) && fields.IsNamed(name)))
        {
            fields.NoteNotBuilt($"{SignalText.Quote(field.Key)} holds no price, percent or amount that is understood.");
        }

        return fields.Price(names.Price.AsSpan(1));
    }
}
