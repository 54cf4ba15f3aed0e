using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Accounts;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Recorders;

/// <summary>One subscription to add, change or remove.</summary>
/// <param name="Id">The subscription; or name its account.</param>
/// <param name="AccountId">The account's subscription, added where it has none.</param>
/// <param name="Multiplier">Null leaves it; 1 for a new one.</param>
/// <param name="Enabled">Null leaves it; true for a new one.</param>
/// <param name="Overrides">Null leaves them.</param>
/// <param name="Remove">True ends the subscription; what it holds stays open.</param>
public sealed record SubscriptionEdit(string? Id, string? AccountId, decimal? Multiplier, bool? Enabled, Settings? Overrides, bool? Remove);

/// <param name="Items">1 to 1,000.</param>
/// <param name="DryRun">True tells what would come of it and changes nothing.</param>
public sealed record SubscriptionEdits(IReadOnlyList<SubscriptionEdit>? Items, bool? DryRun);

/// <param name="Failed">How many of the items have a problem.</param>
/// <param name="Items">In the order of the request.</param>
public sealed record SubscriptionEditsReply(bool DryRun, int Failed, IReadOnlyList<SubscriptionEditResult> Items);

/// <param name="Id">Null for one that is not there: failed, or not made by a dry run.</param>
/// <param name="Result">created, changed, unchanged, removed or failed.</param>
/// <param name="Problem">Why it failed, as the answer to a single request would have been.</param>
public sealed record SubscriptionEditResult(string? Id, string? AccountId, string Result, ItemProblem? Problem);

/// <summary>
/// Many subscriptions of a recorder in one request. Each item is carried out by itself; sent again it changes nothing more, so that a request whose
/// answer was lost is simply repeated.
/// </summary>
internal static class SubscriptionBulk
{
    private const int Most = 1_000;

    /// <summary>Items under way at once: enough that they share the journal's commits, few enough that others get their turn.</summary>
    private const int AtOnce = 64;

    public static void Map(RouteGroupBuilder subscriptions) =>
        subscriptions.MapPost("/bulk", EditAsync).RequireAuthorization(Policies.Trade).WithSummary("Adds, changes and removes up to 1,000 subscriptions")
            .WithDescription(
                "Each item names a subscription by its id, or an account: its subscription is changed, or added where it has none. Items are independent: 200 answers "
                + "each with its result, and a problem where it failed. Repeating a request changes nothing more. dryRun tells what would be done. An item is "
                + "answered when its account has stored it, as for a single change.");

    private static async Task<SubscriptionEditsReply> EditAsync(
        string id, SubscriptionEdits request, Caller caller, IEntityGateway gateway, IIdSource ids, IReadStore store, CancellationToken ct)
    {
        var items = request.Items ?? [];
        new FieldErrors().Require(items.Count is >= 1 and <= Most, "items", $"Must have 1 to {Most} items.").ThrowIfAny();
        await RecorderRoutes.FindAsync(caller, id, store, ct).ConfigureAwait(false);
        var all = new ListFilter<SubscriptionRow>(NewestFirst: false);
        var known = await store.EachAsync(ReadTable.Subscriptions, caller.Tenant, id, all, ct).ToListAsync(ct).ConfigureAwait(false);
        var edits = new Edits(known);
        var planned = items.Select(edits.Plan).ToArray();
        var work = new Work(id, request.DryRun ?? false, caller, gateway, ids, store);
        var results = new SubscriptionEditResult[planned.Length];
        await Parallel.ForAsync(
            0, planned.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (i, token) => results[i] = await work.ResultOfAsync(planned[i], token).ConfigureAwait(false)).ConfigureAwait(false);
        return new SubscriptionEditsReply(work.IsDry, results.Count(result => result.Problem is not null), results);
    }

    /// <param name="Known">The subscription that it means; null where there is none.</param>
    private sealed record Planned(SubscriptionEdit Item, SubscriptionRow? Known, ApiProblemException? Problem = null);

    /// <summary>Finds what each item means, in the order of the request.</summary>
    private sealed class Edits(IReadOnlyList<SubscriptionRow> known)
    {
        private readonly Dictionary<string, SubscriptionRow> _byId = known.ToDictionary(row => row.Id, StringComparer.Ordinal);
        private readonly ILookup<string, SubscriptionRow> _byAccount = known.ToLookup(row => row.AccountId, StringComparer.Ordinal);
        private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

        public Planned Plan(SubscriptionEdit item)
        {
            try
            {
                new SubscriptionRequest(item.AccountId, item.Multiplier, item.Enabled, item.Overrides).Check(needsAccount: item.Id is null);
                var row = item.Id is null ? OfAccount(item.AccountId!) : OfId(item);
                new FieldErrors().Require(_taken.Add(row?.Id ?? item.Id ?? item.AccountId!), Field(item), "Is named by an earlier item already.").ThrowIfAny();
                return new Planned(item, row);
            }
            catch (ApiProblemException problem)
            {
                return new Planned(item, null, problem);
            }
        }

        private SubscriptionRow? OfId(SubscriptionEdit item)
        {
            var row = _byId.GetValueOrDefault(item.Id!);
            new FieldErrors()
                .Require(row is null || item.AccountId is null || item.AccountId == row.AccountId, "accountId", SubscriptionRoutes.AccountIsFixed)
                .ThrowIfAny();
            return row is not null || item.Remove == true ? row : throw ApiProblemException.NotFound("subscription");
        }

        private SubscriptionRow? OfAccount(string account)
        {
            var rows = _byAccount[account].Take(2).ToArray();
            new FieldErrors().Require(
                rows.Length < 2, "accountId", "The account has several subscriptions to this recorder: name the one that is meant by its id.").ThrowIfAny();
            return rows.FirstOrDefault();
        }

        private static string Field(SubscriptionEdit item) => item.Id is null ? "accountId" : "id";
    }

    /// <summary>Carries items out.</summary>
    private sealed record Work(string RecorderId, bool IsDry, Caller Caller, IEntityGateway Gateway, IIdSource Ids, IReadStore Store)
    {
        public async Task<SubscriptionEditResult> ResultOfAsync(Planned planned, CancellationToken ct)
        {
            var (id, account) = (planned.Known?.Id ?? planned.Item.Id, planned.Known?.AccountId ?? planned.Item.AccountId);
            try
            {
                return planned.Problem is not null ? throw planned.Problem : planned switch
                {
                    { Item.Remove: true, Known: null } => new(id, account, "unchanged", null),
                    { Item.Remove: true, Known: { } known } => await RemoveAsync(known, ct).ConfigureAwait(false),
                    { Known: { } known } => await ChangeAsync(known, planned.Item, ct).ConfigureAwait(false),
                    _ => await AddAsync(planned.Item, ct).ConfigureAwait(false),
                };
            }
            catch (Exception error) when (ProblemExceptionHandler.Foreseen(error) is { } problem)
            {
                return new(id, account, "failed", problem.ToItem());
            }
        }

        private async Task<SubscriptionEditResult> RemoveAsync(SubscriptionRow known, CancellationToken ct)
        {
            if (!IsDry)
            {
                await SubscriptionRoutes.EndAsync(known, Caller, Gateway, Store, ct).ConfigureAwait(false);
            }

            return new(known.Id, known.AccountId, "removed", null);
        }

        private async Task<SubscriptionEditResult> ChangeAsync(SubscriptionRow known, SubscriptionEdit item, CancellationToken ct)
        {
            var (multiplier, enabled, overrides) = (item.Multiplier ?? known.Multiplier, item.Enabled ?? known.Enabled, item.Overrides ?? known.Overrides);
            var isSame = (multiplier, enabled, overrides) == (known.Multiplier, known.Enabled, known.Overrides);
            if (!IsDry)
            {
                // Also when nothing changes: the answer says that the account has stored it, which an earlier request may not have lived to see.
                await PutAsync(new PutSubscription(known.Id, AccountOf(known.AccountId), multiplier, enabled, overrides), ct).ConfigureAwait(false);
            }

            return new(known.Id, known.AccountId, isSame ? "unchanged" : "changed", null);
        }

        private async Task<SubscriptionEditResult> AddAsync(SubscriptionEdit item, CancellationToken ct)
        {
            await AccountRoutes.RequireAsync(Caller, item.AccountId!, Store, ct).ConfigureAwait(false);
            if (IsDry)
            {
                return new(null, item.AccountId, "created", null);
            }

            var put = new PutSubscription(
                Ids.NewId(), AccountOf(item.AccountId!), item.Multiplier ?? 1m, item.Enabled ?? true, item.Overrides, OnlyOne: true);
            await PutAsync(put, ct).ConfigureAwait(false);
            return new(put.SubscriptionId, item.AccountId, "created", null);
        }

        private Task<SubscriptionRow> PutAsync(PutSubscription put, CancellationToken ct) =>
            SubscriptionRoutes.PutAsync(RecorderId, Caller, put, Gateway, Store, ct);

        private EntityId AccountOf(string account) => Caller.Entity(EntityKind.Account, account);
    }
}
