using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Tracing;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;

namespace TradeActors.Api.Recorders;

/// <param name="Raw">The body as received, secrets removed; null when its time of keeping is over.</param>
/// <param name="State">accepted, rejected, duplicate, expired or invalid.</param>
public record SignalView(
    string Id, long Number, DateTimeOffset ReceivedAt, string Source, string? Raw, ParsedSignal? Parsed, string State, string? Reason, string? Detail,
    FanOutView FanOut);

/// <param name="Accounts">How many subscriptions take part.</param>
/// <param name="Ordered">Of these, with orders (filled ones too).</param>
/// <param name="Skipped">With a reason not to trade, expired ones too.</param>
/// <param name="CompletedAt">When every account had stored the signal; null while one has not.</param>
public sealed record FanOutView(
    int Accounts, long Ordered, long Skipped, long Failed, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? CompletedAt);

/// <param name="Accounts">What became of the signal on each account, and why where it was not traded there.</param>
/// <param name="Verdicts">What each filter of the recorder said.</param>
/// <param name="TraceId">Of the signal's trace, where traces are collected: the first 16 bytes of the SHA-256 of its id, in hex.</param>
public sealed record SignalDetail(
    string Id, long Number, DateTimeOffset ReceivedAt, string Source, string? Raw, ParsedSignal? Parsed, string State, string? Reason, string? Detail,
    FanOutView FanOut, SignalPlan? Plan, IReadOnlyList<AccountOutcome> Accounts, ImmutableArray<Verdict> Verdicts, string TraceId)
    : SignalView(Id, Number, ReceivedAt, Source, Raw, Parsed, State, Reason, Detail, FanOut);

/// <param name="Outcome">pending, ordered, filled, skipped, expired or failed.</param>
public sealed record AccountOutcome(
    string AccountId, string SubscriptionId, string Outcome, string? Reason, string? Detail, ImmutableArray<string> Orders, ImmutableArray<Verdict> Verdicts);

/// <summary>The signal log of a recorder.</summary>
internal static class SignalRoutes
{
    /// <summary>The most accounts without a part of the signal that are listed beside those with one.</summary>
    private const int MostOthers = 1_000;

    /// <summary>Signals of an export whose raw texts and counts are read at once.</summary>
    private const int ExportStretch = 100;

    private static readonly CsvColumn<SignalView>[] Columns =
    [
        new("id", signal => signal.Id), new("number", signal => signal.Number), new("receivedAt", signal => signal.ReceivedAt),
        new("source", signal => signal.Source), new("state", signal => signal.State), new("reason", signal => signal.Reason),
        new("detail", signal => signal.Detail), new("action", signal => signal.Parsed?.Action), new("targetPosition", signal => signal.Parsed?.TargetPosition),
        new("symbol", signal => signal.Parsed?.Symbol), new("quantity", signal => signal.Parsed?.Quantity), new("price", signal => signal.Parsed?.Price),
        new("accounts", signal => signal.FanOut.Accounts), new("ordered", signal => signal.FanOut.Ordered), new("skipped", signal => signal.FanOut.Skipped),
        new("failed", signal => signal.FanOut.Failed), new("completedAt", signal => signal.FanOut.CompletedAt), new("raw", signal => signal.Raw),
    ];

    public static void Map(RouteGroupBuilder recorders)
    {
        recorders.MapGet("/{id}/signals.csv", ExportAsync).RefuseUnknownQuery().WithTags("Signals").WithSummary("Signals as a CSV file").WithDescription(Csv.Description)
            .Produces<string>(StatusCodes.Status200OK, Csv.MediaType);
        var group = recorders.MapGroup("/{id}/signals").WithTags("Signals");
        group.MapGet("/", ListAsync).RefuseUnknownQuery().WithSummary("Signals, newest first").WithDescription(FilterTexts.Pages);
        group.MapGet("/{signalId}", GetAsync).WithSummary("One signal: what each filter said, and what became of it on each account");
    }

    private static async Task<Page<SignalView>> ListAsync(
        string id, [AsParameters] SignalFilter wanted, [AsParameters] Paging paging, Caller caller, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var recorder = await RecorderRoutes.FindAsync(caller, id, store, ct).ConfigureAwait(false);
        var filter = wanted.Read(recorder.Symbol, time.GetUtcNow());
        var page = await store.PageAsync(paging.Query(ReadTable.Signals, caller.Tenant, id, filter), filter, row => row, ct).ConfigureAwait(false);
        return new Page<SignalView>(await ViewsAsync(id, page.Items, caller, store, ct).ConfigureAwait(false), page.Next);
    }

    private static async Task<IResult> ExportAsync(
        string id, [AsParameters] SignalFilter wanted, Caller caller, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var recorder = await RecorderRoutes.FindAsync(caller, id, store, ct).ConfigureAwait(false);
        var signals = store.EachAsync(ReadTable.Signals, caller.Tenant, id, wanted.Read(recorder.Symbol, time.GetUtcNow()), ct);
        var views = signals.Chunk(ExportStretch).Select(async (rows, token) => await ViewsAsync(id, rows, caller, store, token).ConfigureAwait(false));
        return Csv.Download($"signals-{id}.csv", Columns, views.SelectMany(all => all), ct);
    }

    /// <summary>Some signals with what is kept apart from them: raw texts and what came of their fan-outs.</summary>
    private static async Task<IReadOnlyList<SignalView>> ViewsAsync(
        string id, IReadOnlyList<SignalRow> signals, Caller caller, IReadStore store, CancellationToken ct)
    {
        var counts = await store.CountAsync(ReadTable.SignalOutcomes, caller.Tenant, [.. signals.Select(signal => signal.Id)], ct).ConfigureAwait(false);
        var bySignal = counts.ToLookup(count => count.Parent);
        var views = new List<SignalView>(signals.Count);
        foreach (var signal in signals)
        {
            views.Add(ViewOf(
                signal, await RawAsync(id, signal.Id, caller, store, ct).ConfigureAwait(false), [.. bySignal[signal.Id]],
                await CompletedAtAsync(id, signal, caller, store, ct).ConfigureAwait(false)));
        }

        return views;
    }

    private static async Task<SignalDetail> GetAsync(
        string id, string signalId, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        var signal = await store.FindAsync<SignalRow>(ReadTable.Signals, caller.Tenant, id, signalId, "signal", ct).ConfigureAwait(false);
        var completedAt = await CompletedAtAsync(id, signal, caller, store, ct).ConfigureAwait(false);
        var open = completedAt is null && signal.State == "accepted"
            ? (OpenFanOutView)await RecorderRoutes.AskAsync(caller, id, new GetOpenFanOut(signalId), gateway, store, ct).ConfigureAwait(false)
            : new OpenFanOutView([]);
        var outcomes = await OutcomesAsync(signal, open, caller, store, ct).ConfigureAwait(false);
        var others = await OthersAsync(id, signal, outcomes, caller, store, ct).ConfigureAwait(false);
        var counts = outcomes.GroupBy(outcome => outcome.Outcome).Select(group => new StateCount(signalId, group.Key, group.LongCount())).ToArray();
        var view = ViewOf(signal, await RawAsync(id, signalId, caller, store, ct).ConfigureAwait(false), counts, completedAt);
        return new SignalDetail(
            view.Id, view.Number, view.ReceivedAt, view.Source, view.Raw, view.Parsed, view.State, view.Reason, view.Detail, view.FanOut, signal.Plan, [.. outcomes, .. others],
            signal.Verdicts, TraceIds.OfSignal(signalId).ToHexString());
    }

    /// <summary>What is stored, and "pending" for the members that are not known to have stored the signal.</summary>
    private static async Task<IReadOnlyList<AccountOutcome>> OutcomesAsync(
        SignalRow signal, OpenFanOutView open, Caller caller, IReadStore store, CancellationToken ct)
    {
        var rows = await store.ListAsync(
            new RowQuery(ReadTable.SignalOutcomes, caller.Tenant, signal.Id, Math.Max(1, signal.Accounts), States: []), ct).ConfigureAwait(false);
        var stored = rows.Select(row => RowJson.Deserialize<OutcomeRow>(row.Doc))
            .Select(row => new AccountOutcome(row.AccountId, row.SubscriptionId, row.Outcome, row.Reason, row.Detail, row.Orders, row.Verdicts))
            .ToArray();
        var known = stored.Select(outcome => outcome.SubscriptionId).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. stored.OrderBy(outcome => outcome.AccountId, StringComparer.Ordinal),
            .. open.Members.Where(member => !known.Contains(member.Terms.SubscriptionId))
                .Select(member => new AccountOutcome(member.Account.Key, member.Terms.SubscriptionId, "pending", null, null, [], [])),
        ];
    }

    /// <summary>Accounts that are subscribed and got no part: because the recorder refused the signal, or their subscription was paused.</summary>
    private static async Task<IReadOnlyList<AccountOutcome>> OthersAsync(
        string id, SignalRow signal, IReadOnlyList<AccountOutcome> outcomes, Caller caller, IReadStore store, CancellationToken ct)
    {
        var rows = await store.ListAsync(
            new RowQuery(ReadTable.Subscriptions, caller.Tenant, id, MostOthers, States: []), ct).ConfigureAwait(false);
        var known = outcomes.Select(outcome => outcome.SubscriptionId).ToHashSet(StringComparer.Ordinal);
        var (reason, detail) = signal.State == "accepted"
            ? (SignalReason.SubscriptionPaused, "The subscription was paused when the signal came.")
            : (signal.Reason, signal.Detail);
        return
        [
            .. rows.Select(row => RowJson.Deserialize<SubscriptionRow>(row.Doc))
                .Where(subscription => !known.Contains(subscription.Id) && subscription.CreatedAt <= signal.ReceivedAt)
                .Select(subscription => new AccountOutcome(subscription.AccountId, subscription.Id, "skipped", reason, detail, [], [])),
        ];
    }

    private static SignalView ViewOf(SignalRow signal, string? raw, IReadOnlyList<StateCount> counts, DateTimeOffset? completedAt)
    {
        long Count(params string[] states) => counts.Where(count => states.Contains(count.State)).Sum(count => count.Count);
        return new SignalView(
            signal.Id, signal.Number, signal.ReceivedAt, signal.Source, raw, signal.Parsed, signal.State, signal.Reason, signal.Detail,
            new FanOutView(signal.Accounts, Count("ordered", "filled"), Count("skipped", "expired"), Count("failed"), completedAt));
    }

    private static async Task<string?> RawAsync(string id, string signalId, Caller caller, IReadStore store, CancellationToken ct)
    {
        var row = await store.GetAsync(new RowKey(ReadTable.Texts, caller.Tenant, id, signalId), ct).ConfigureAwait(false);
        return row is null ? null : RowJson.Deserialize<TextRow>(row.Doc).Text;
    }

    private static async Task<DateTimeOffset?> CompletedAtAsync(string id, SignalRow signal, Caller caller, IReadStore store, CancellationToken ct)
    {
        if (signal.CompletedAt is not null || signal.State != "accepted")
        {
            return signal.CompletedAt;
        }

        var row = await store.GetAsync(new RowKey(ReadTable.FanOuts, caller.Tenant, id, signal.Id), ct).ConfigureAwait(false);
        return row is null ? null : RowJson.Deserialize<FanOutRow>(row.Doc).CompletedAt;
    }
}
