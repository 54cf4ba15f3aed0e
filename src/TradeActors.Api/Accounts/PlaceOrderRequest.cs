using TradeActors.Api.Common;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;

namespace TradeActors.Api.Accounts;

/// <param name="ClOrdId">1 to 32 letters, digits, '-' or '_'. The same id with the same terms answers the same order. Made for you when absent.</param>
/// <param name="Symbol">ES, ES1!, ESZ2026, AAPL, BTCUSDT, …</param>
/// <param name="TimeInForce">Default: day.</param>
public sealed record PlaceOrderRequest(
    string? ClOrdId, string? Symbol, Side? Side, OrdType? Type, decimal? Quantity, decimal? LimitPrice, decimal? StopPrice, TimeInForce? TimeInForce)
{
    /// <summary>No instrument trades near it, and money computed from it stays within a decimal; quotes have the same bound.</summary>
    private const decimal MaxPrice = 1_000_000_000m;

    /// <exception cref="ApiProblemException">422 with every field that is wrong.</exception>
    internal PlaceManualOrder ToMessage(DateTimeOffset now)
    {
        var errors = new FieldErrors();
        var instrument = Resolve(now, errors, out var symbol);
        errors.Require(ClOrdId is null || Domain.Orders.ClOrdId.IsValid(ClOrdId), "clOrdId", "Must be 1 to 32 letters, digits, '-' or '_'.");
        errors.Require(Side is not null, "side", "Must be buy or sell.");
        errors.Require(Type is not null, "type", "Must be market, limit, stop, stopLimit or oneCancelsOther.");
        errors.Require(Quantity is > 0m and <= 1_000_000m, "quantity", "Must be above 0 and at most 1,000,000.");
        RequirePrice(LimitPrice, Type is OrdType.Limit or OrdType.StopLimit or OrdType.OneCancelsOther, instrument, "limitPrice", errors);
        RequirePrice(StopPrice, Type is OrdType.Stop or OrdType.StopLimit or OrdType.OneCancelsOther, instrument, "stopPrice", errors);
        var quantity = instrument?.RoundQuantityDown(Quantity ?? 0m) ?? 0m;
        errors.Require(
            instrument is null || Quantity is not > 0m || quantity > 0m, "quantity", $"Is below the smallest quantity of {symbol}, {instrument?.QuantityStep}.");
        errors.ThrowIfAny();
        return new PlaceManualOrder(ClOrdId, new OrderTerms(
            symbol!, Side!.Value, Type!.Value, quantity, Rounded(instrument!, LimitPrice), Rounded(instrument!, StopPrice),
            TimeInForce ?? Domain.Orders.TimeInForce.Day));
    }

    private Instrument? Resolve(DateTimeOffset now, FieldErrors errors, out string? symbol)
    {
        symbol = null;
        if (string.IsNullOrWhiteSpace(Symbol))
        {
            errors.Add("symbol", "Must name an instrument.");
            return null;
        }

        var resolved = InstrumentCatalog.Resolve(Symbol, now);
        if (!resolved.Succeeded)
        {
            errors.Add("symbol", resolved.Error);
            return null;
        }

        symbol = resolved.Contract.Symbol;
        return resolved.Contract.Instrument;
    }

    private static void RequirePrice(decimal? price, bool isWanted, Instrument? instrument, string field, FieldErrors errors) => errors
        .Require(!isWanted || price is not null, field, "Is needed for this order type.")
        .Require(isWanted || price is null, field, "Has no meaning for this order type; leave it out.")
        .Require(price is null or (>= -MaxPrice and <= MaxPrice), field, $"A price beyond {MaxPrice:N0} is no price.")
        .Require(
            instrument is null or { AssetClass: AssetClass.Future } || price is not (> -MaxPrice and < MaxPrice) || instrument.RoundToTick(price.Value) > 0m,
            field, "Must be above 0, rounded to the tick.");

    private static decimal? Rounded(Instrument instrument, decimal? price) => price is { } value ? instrument.RoundToTick(value) : null;
}
