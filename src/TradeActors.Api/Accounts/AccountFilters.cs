using System.Collections.Immutable;
using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Orders;

namespace TradeActors.Api.Accounts;

/// <summary>What a list of accounts can be narrowed to.</summary>
public sealed record AccountFilter(
    [FromQuery(Name = "state")][property: Description("active, halting, halted; several parted by commas.")] string? State,
    [FromQuery(Name = "name")][property: Description("A part of the name, in any case.")] string? Name,
    [FromQuery(Name = "broker")][property: Description("The broker's name.")] string? Broker,
    [FromQuery(Name = "symbol")][property: Description(FilterTexts.Symbol + " Accounts that hold a position in it.")] string? Symbol,
    [FromQuery(Name = "sort")][property: Description("createdAt (default) or -createdAt.")] string? Sort)
{
    internal ListFilter<AccountRow> Read(DateTimeOffset now)
    {
        var errors = new FieldErrors();
        var states = errors.Words("state", State, ["active", "halting", "halted"]);
        var (name, broker, isSymbol) = (errors.Text("name", Name), errors.Text("broker", Broker), errors.Symbol(Symbol, now));
        var newestFirst = errors.NewestFirst(Sort, "createdAt", byDefault: false);
        errors.ThrowIfAny();
        return (states, name, broker, isSymbol) is ({ IsEmpty: true }, null, null, null)
            ? new ListFilter<AccountRow>(newestFirst)
            : new ListFilter<AccountRow>(newestFirst, row =>
                (states.IsEmpty || states.Contains(row.State))
                && (name is null || row.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
                && (broker is null || row.Broker.Equals(broker, StringComparison.OrdinalIgnoreCase))
                && (isSymbol is null || row.Positions.Any(position => isSymbol(position.Symbol))));
    }
}

/// <summary>What a list of orders can be narrowed to.</summary>
public sealed record OrderFilter(
    [FromQuery(Name = "state")][property: Description(
        "all (default), working (everything that may still fill: planned, pendingNew, working, partiallyFilled, unknown), or single states parted by commas: "
        + "planned, pendingNew, partiallyFilled, unknown, filled, canceled, rejected, expired.")] string? State,
    [FromQuery(Name = "symbol")][property: Description(FilterTexts.Symbol)] string? Symbol,
    [FromQuery(Name = "side")][property: Description("buy or sell.")] string? Side,
    [FromQuery(Name = "type")][property: Description("market, limit, stop, stopLimit, oneCancelsOther; several parted by commas.")] string? Type,
    [FromQuery(Name = "recorderId")][property: Description("Orders of this recorder's signals.")] string? RecorderId,
    [FromQuery(Name = "signalId")][property: Description("Orders of this signal.")] string? SignalId,
    [FromQuery(Name = "from")][property: Description("Created " + FilterTexts.From)] string? From,
    [FromQuery(Name = "to")][property: Description("Created " + FilterTexts.To)] string? To,
    [FromQuery(Name = "sort")][property: Description("-createdAt (default) or createdAt.")] string? Sort)
{
    private static readonly ImmutableArray<string> Finished = ["filled", "canceled", "rejected", "expired"];

    internal ListFilter<OrderRow> Read(DateTimeOffset now)
    {
        var errors = new FieldErrors();
        var words = errors.Words("state", State, ["all", .. OrderReply.WorkingStates, .. Finished]);
        var isSymbol = errors.Symbol(Symbol, now);
        var (sides, types) = (errors.Values<Side>("side", Side), errors.Values<OrdType>("type", Type));
        var (recorderId, signalId) = (errors.Text("recorderId", RecorderId), errors.Text("signalId", SignalId));
        var (from, to) = errors.Stretch(From, To);
        var newestFirst = errors.NewestFirst(Sort, "createdAt", byDefault: true);
        errors.ThrowIfAny();
        return new ListFilter<OrderRow>(
            newestFirst,
            (isSymbol, sides, types, recorderId, signalId) is (null, null, null, null, null) ? null : row =>
                (isSymbol is null || isSymbol(row.Symbol))
                && (sides is null || sides.Contains(row.Side))
                && (types is null || types.Contains(row.Type))
                && (recorderId is null || row.RecorderId == recorderId)
                && (signalId is null || row.SignalId == signalId))
        {
            States = StatesOf(words),
            From = from,
            To = to,
        };
    }

    private static ImmutableArray<string> StatesOf(ImmutableArray<string> words) =>
        words.Contains("all") ? []
        : words.Contains("working") ? [.. OrderReply.WorkingStates.Union(words)]
        : words;
}

/// <summary>What a list of fills can be narrowed to.</summary>
public sealed record FillFilter(
    [FromQuery(Name = "symbol")][property: Description(FilterTexts.Symbol)] string? Symbol,
    [FromQuery(Name = "side")][property: Description("buy or sell.")] string? Side,
    [FromQuery(Name = "recorderId")][property: Description("Fills of this recorder's signals.")] string? RecorderId,
    [FromQuery(Name = "from")][property: Description("Filled, by the market's time, " + FilterTexts.From)] string? From,
    [FromQuery(Name = "to")][property: Description("Filled " + FilterTexts.To)] string? To,
    [FromQuery(Name = "sort")][property: Description("-at (default) or at.")] string? Sort)
{
    internal ListFilter<FillRow> Read(DateTimeOffset now)
    {
        var errors = new FieldErrors();
        var (isSymbol, sides, recorderId) = (errors.Symbol(Symbol, now), errors.Values<Side>("side", Side), errors.Text("recorderId", RecorderId));
        var (from, to) = errors.Stretch(From, To);
        var newestFirst = errors.NewestFirst(Sort, "at", byDefault: true);
        errors.ThrowIfAny();
        return new ListFilter<FillRow>(
            newestFirst,
            (isSymbol, sides, recorderId) is (null, null, null) ? null : row =>
                (isSymbol is null || isSymbol(row.Symbol))
                && (sides is null || sides.Contains(row.Side))
                && (recorderId is null || row.RecorderId == recorderId))
        {
            From = from,
            To = to,
        };
    }
}
