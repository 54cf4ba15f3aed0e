using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Recorders;

/// <summary>What a list of recorders can be narrowed to.</summary>
public sealed record RecorderFilter(
    [FromQuery(Name = "state")][property: Description("active, paused.")] string? State,
    [FromQuery(Name = "name")][property: Description("A part of the name, in any case.")] string? Name,
    [FromQuery(Name = "symbol")][property: Description(FilterTexts.Symbol + " Recorders whose own symbol it is, or that hold a position in it.")] string? Symbol,
    [FromQuery(Name = "sort")][property: Description("createdAt (default) or -createdAt.")] string? Sort)
{
    internal ListFilter<RecorderRow> Read(DateTimeOffset now)
    {
        var errors = new FieldErrors();
        var states = errors.Words("state", State, ["active", "paused"]);
        var (name, isSymbol) = (errors.Text("name", Name), errors.Symbol(Symbol, now));
        var newestFirst = errors.NewestFirst(Sort, "createdAt", byDefault: false);
        errors.ThrowIfAny();
        return (states, name, isSymbol) is ({ IsEmpty: true }, null, null)
            ? new ListFilter<RecorderRow>(newestFirst)
            : new ListFilter<RecorderRow>(newestFirst, row =>
                (states.IsEmpty || states.Contains(row.State))
                && (name is null || row.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
                && (isSymbol is null || IsNamed(row.Symbol, now, isSymbol) || row.Held.Any(held => isSymbol(held.Symbol))));
    }

    /// <summary>Whether a symbol as somebody wrote it names, at this time, a contract that is asked for.</summary>
    internal static bool IsNamed(string? written, DateTimeOffset at, Func<string, bool> isSymbol) =>
        written is not null && InstrumentCatalog.Resolve(written, at).Contract is { } contract && isSymbol(contract.Symbol);
}

/// <summary>What a list of subscriptions can be narrowed to.</summary>
public sealed record SubscriptionFilter(
    [FromQuery(Name = "accountId")][property: Description("Subscriptions of this account.")] string? AccountId,
    [FromQuery(Name = "enabled")][property: Description("true or false.")] string? Enabled,
    [FromQuery(Name = "sort")][property: Description("createdAt (default) or -createdAt.")] string? Sort)
{
    internal ListFilter<SubscriptionRow> Read()
    {
        var errors = new FieldErrors();
        var (accountId, enabled) = (errors.Text("accountId", AccountId), errors.Words("enabled", Enabled, ["true", "false"]));
        var newestFirst = errors.NewestFirst(Sort, "createdAt", byDefault: false);
        errors.ThrowIfAny();
        return (accountId, enabled.Length) is (null, 0)
            ? new ListFilter<SubscriptionRow>(newestFirst)
            : new ListFilter<SubscriptionRow>(newestFirst, row =>
                (accountId is null || row.AccountId == accountId) && (enabled.IsEmpty || enabled.Contains(row.Enabled ? "true" : "false")));
    }
}

/// <summary>What a list of signals can be narrowed to. Not by a part of the raw text: texts are kept apart, for a limited time, and have no index.</summary>
public sealed record SignalFilter(
    [FromQuery(Name = "state")][property: Description("accepted, rejected, duplicate, expired, invalid; several parted by commas.")] string? State,
    [FromQuery(Name = "reason")][property: Description("Reason codes of the recorder (Cooldown, Late, …), several parted by commas.")] string? Reason,
    [FromQuery(Name = "source")][property: Description(
        "The format that was read (json, tradingview, …), webhook for what could not be read, window for the close at a window's end.")] string? Source,
    [FromQuery(Name = "symbol")][property: Description(FilterTexts.Symbol)] string? Symbol,
    [FromQuery(Name = "from")][property: Description("Received " + FilterTexts.From)] string? From,
    [FromQuery(Name = "to")][property: Description("Received " + FilterTexts.To)] string? To,
    [FromQuery(Name = "sort")][property: Description("-receivedAt (default) or receivedAt.")] string? Sort)
{
    /// <param name="recorderSymbol">Of signals that name no symbol.</param>
    internal ListFilter<SignalRow> Read(string? recorderSymbol, DateTimeOffset now)
    {
        var errors = new FieldErrors();
        var states = errors.Words("state", State, ["accepted", "rejected", "duplicate", "expired", "invalid"]);
        var reasons = errors.Words("reason", Reason, SignalReason.All);
        var (source, isSymbol) = (errors.Text("source", Source), errors.Symbol(Symbol, now));
        var (from, to) = errors.Stretch(From, To);
        var newestFirst = errors.NewestFirst(Sort, "receivedAt", byDefault: true);
        errors.ThrowIfAny();
        return new ListFilter<SignalRow>(
            newestFirst,
            (reasons, source, isSymbol) is ({ IsEmpty: true }, null, null) ? null : row =>
                (reasons.IsEmpty || (row.Reason is not null && reasons.Contains(row.Reason)))
                && (source is null || row.Source.Equals(source, StringComparison.OrdinalIgnoreCase))
                && (isSymbol is null || IsOf(row, recorderSymbol, isSymbol)))
        {
            States = states,
            From = from,
            To = to,
        };
    }

    private static bool IsOf(SignalRow row, string? recorderSymbol, Func<string, bool> isSymbol) => row.Plan is { } plan
        ? isSymbol(plan.Symbol)
        : RecorderFilter.IsNamed(row.Parsed?.Symbol ?? recorderSymbol, row.ReceivedAt, isSymbol);
}
