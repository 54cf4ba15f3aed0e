using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>
/// How large an entry is (field/risk.md, "Sizing"). The first that is given applies: a risk named by the signal, a risk set for the recorder or the
/// subscription, a quantity or other size named by the signal, the set size. Then times the multiplier, rounded down; at least one whole unit only when
/// the unscaled size was at least one.
/// </summary>
/// <remarks>
/// Risk is divided by what one unit loses from the entry to the stop; a value by what one unit is worth. An equity or price that is not known is a
/// refusal, never a guess. Money is that of the account, and dollar stablecoins count as dollars.
/// </remarks>
internal static class EntrySize
{
    /// <param name="Quantity">0 with a refusal.</param>
    public readonly record struct Result(decimal Quantity, Ruling Ruling);

    public readonly record struct Request(
        SignalPlan Plan, Settings Settings, Instrument Instrument, EntryGuard? Guard, decimal? EntryPrice, Func<decimal?> Equity, string Currency, decimal Multiplier);

    public static Result Of(Request request)
    {
        var (unit, value, origin) = Chosen(request.Plan, request.Settings.Sizing);
        var sized = unit == SizingUnit.Contracts ? new Raw(value) : ByMoney(request, unit, value);
        if (sized.Reason is not null)
        {
            return new Result(0m, new Ruling("size", false, sized.Reason, sized.Detail!));
        }

        var quantity = Scale(request.Instrument, sized.Quantity, request.Multiplier);
        return new Result(quantity, new Ruling(
            "size", true, "", $"{FilterRules.Number(value)} {unit} {origin}: {FilterRules.Number(quantity)} after the multiplier {FilterRules.Number(request.Multiplier)}"));
    }

    public static decimal Scale(Instrument instrument, decimal quantity, decimal multiplier)
    {
        var step = instrument.QuantityStep;
        var scaled = instrument.RoundQuantityDown(quantity * multiplier);
        return scaled < step && quantity >= 1m && step == 1m ? 1m : scaled;
    }

    private readonly record struct Raw(decimal Quantity, string? Reason = null, string? Detail = null);

    private static (SizingUnit Unit, decimal Value, string Origin) Chosen(SignalPlan plan, SizingSettings? settings)
    {
        var set = plan.IsAdd ? settings?.Add ?? 0m : settings?.Initial ?? 1m;
        var unit = settings?.Unit ?? SizingUnit.Contracts;
        return plan.Size is { Unit: SizingUnit.RiskAmount or SizingUnit.RiskPercent } risk ? (risk.Unit, risk.Value, "named by the signal")
            : unit is SizingUnit.RiskAmount or SizingUnit.RiskPercent && set > 0m ? (unit, set, "set")
            : plan.EnterQuantity is { } quantity ? (SizingUnit.Contracts, quantity, "named by the signal")
            : plan.Size is { } size ? (size.Unit, size.Value, "named by the signal")
            : (unit, set, "set");
    }

    private static Raw ByMoney(Request request, SizingUnit unit, decimal value)
    {
        var instrument = request.Instrument;
        if (!IsSameMoney(instrument.Currency, request.Currency))
        {
            return Refused(SignalReason.OtherCurrency, $"{instrument.Root} is priced in {instrument.Currency} and the account is kept in {request.Currency}: use a size in contracts");
        }

        var equity = unit is SizingUnit.PercentOfEquity or SizingUnit.RiskPercent ? request.Equity() : 0m;
        if (equity is null)
        {
            return Refused(SignalReason.NoPrice, "the account's equity is not known: no price has come for something that it holds");
        }

        if (request.EntryPrice is not { } price)
        {
            return Refused(SignalReason.NoPrice, "no price is known for the entry: neither a quote nor one in the signal");
        }

        var money = unit is SizingUnit.PercentOfEquity or SizingUnit.RiskPercent ? Math.Max(0m, equity.Value) * value / 100m : value;
        var perUnit = unit is SizingUnit.RiskAmount or SizingUnit.RiskPercent
            ? request.Guard?.StopPoints(instrument, price) * instrument.PointValue
            : Math.Abs(price) * instrument.PointValue;
        return perUnit is null ? Refused(SignalReason.NoStop, "a size by risk needs a stop: set stopLoss, or name one in the signal")
            : perUnit == 0m ? Refused(SignalReason.NoPrice, "the price of the entry is 0")
            : money / perUnit.Value is var quantity && quantity > MostUnits ? Refused(SignalReason.QuantityTooLarge, $"{FilterRules.Number(quantity)} units")
            : new Raw(quantity);
    }

    private const decimal MostUnits = 1_000_000m;

    private static Raw Refused(string reason, string detail) => new(0m, reason, detail);

    private static bool IsSameMoney(string one, string other) => Dollar(one) == Dollar(other);

    private static string Dollar(string currency) => currency is "USDT" or "USDC" ? "USD" : currency;
}
