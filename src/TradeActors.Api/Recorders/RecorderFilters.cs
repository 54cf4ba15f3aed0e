using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Recorders;

/// <summary>What a list of recorders can be narrowed to.</summary>
public sealed record RecorderFilter(
    [FromQuery(Name = "state"), Description("active, paused.")] string? State,
    [FromQuery(Name = "name"), Description("A part of the name, in any case.")] string? Name,
    [FromQuery(Name = "symbol"), Description(FilterTexts.Symbol + " Recorders whose own symbol it is, or that hold a position in it.")] string? Symbol,
    [FromQuery(Name = "sort"), Description("createdAt (default) or -createdAt.")] string? Sort)
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
    [FromQuery(Name = "accountId"), Description("Subscriptions of this account.")] string? AccountId,
    [FromQuery(Name = "enabled"), Description("true or false.")] string? Enabled,
    [FromQuery(Name = "sort"), Description("createdAt (default) or -createdAt.")] string? Sort)
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
    [FromQuery(Name = "state"), Description("accepted, rejected, duplicate, expired, invalid; several parted by commas.")] string? State,
    [FromQuery(Name = "reason"), Description("Reason codes of the recorder (Cooldown, Late, …), several parted by commas.")] string? Reason,
    [FromQuery(Name = "source"), Description("How it came (webhook, window) or the format that was read (json, tradingview, …).")] string? Source,
    [FromQuery(Name = "symbol"), Description(FilterTexts.Symbol)] string? Symbol,
    [FromQuery(Name = "from"), Description("Received " + FilterTexts.From)] string? From,
    [FromQuery(Name = "to"), Description("Received " + FilterTexts.To)] string? To,
    [FromQuery(Name = "sort"), Description("-receivedAt (default) or receivedAt.")] string? Sort)
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
                && (source is null || Is(source, row.Source) || Is(source, row.Parsed?.Source))
                && (isSymbol is null || IsOf(row, recorderSymbol, isSymbol)))
        {
            States = states,
            From = from,
            To = to,
        };
    }

    private static bool Is(string asked, string? source) => asked.Equals(source, StringComparison.OrdinalIgnoreCase);

    private static bool IsOf(SignalRow row, string? recorderSymbol, Func<string, bool> isSymbol) => row.Plan is { } plan
        ? isSymbol(plan.Symbol)
        : RecorderFilter.IsNamed(row.Parsed?.Symbol ?? recorderSymbol, row.ReceivedAt, isSymbol);
}
