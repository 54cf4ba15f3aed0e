using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Api.Webhooks;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;

namespace TradeActors.Api.Recorders;

/// <param name="Body">What the webhook would be sent: a JSON object as it is, or a string for a body that is no JSON.</param>
public sealed record TestSignalRequest(JsonElement? Body);

/// <summary>What the signal would do now.</summary>
/// <param name="State">accepted, rejected, expired or invalid.</param>
/// <param name="Reason">Why it would not be traded.</param>
/// <param name="Verdicts">What each filter of the recorder says.</param>
public sealed record TestSignalReply(
    string Source, ParsedSignal? Parsed, SignalState State, string? Reason, string? Detail, SignalPlan? Plan, ImmutableArray<Verdict> Verdicts,
    IReadOnlyList<TestedAccount> Accounts);

/// <param name="Outcome">ordered, skipped, expired or failed.</param>
/// <param name="Closes">The size to which the subscription's share would be brought down first; null when nothing would be closed.</param>
/// <param name="Cancels">Orders that would be withdrawn.</param>
/// <param name="Orders">What would be ordered; nothing is.</param>
public sealed record TestedAccount(
    string AccountId, string SubscriptionId, SignalOutcome Outcome, string? Reason, string? Detail, ImmutableArray<Verdict> Verdicts, PreviewedClose? Closes,
    ImmutableArray<string> Cancels, ImmutableArray<TestedOrder> Orders);

/// <param name="Waits">It follows when the share has been closed.</param>
/// <param name="Protection">What its fills would be protected by: prices, or distances from the fill.</param>
public sealed record TestedOrder(
    OrderPurpose Purpose, string Symbol, Side Side, OrdType Type, decimal Quantity, decimal? LimitPrice, decimal? StopPrice, TimeInForce TimeInForce, bool Waits,
    EntryGuard? Protection);

/// <summary>
/// A signal that goes through everything up to the order and stops there. It is a question: nothing is stored, not even in the signal log, and
/// deduplication, signature and address list are not asked.
/// </summary>
internal static class TestSignalRoutes
{
    /// <summary>Accounts that are asked at the same time.</summary>
    private const int AtOnce = 100;

    public static void Map(RouteGroupBuilder recorders) => recorders
        .MapPost("/{id}/test-signal", TestAsync).RequireAuthorization(Policies.Trade).WithSummary("What a signal would do now, account by account; nothing is done");

    private static async Task<TestSignalReply> TestAsync(
        string id, TestSignalRequest request, Caller caller, IEntityGateway gateway, IIdSource ids, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var signal = WebhookRoutes.Read(BodyOf(request), ids.NewId(), time.GetUtcNow());
        var tested = (SignalTested)await RecorderRoutes.AskAsync(caller, id, new TestSignal(signal), gateway, store, ct).ConfigureAwait(false);
        var accounts = new List<TestedAccount>();
        foreach (var some in tested.Members.Chunk(AtOnce))
        {
            accounts.AddRange(await Task.WhenAll(some.Select(member => AskAsync(id, caller, member, tested, gateway, ct))).ConfigureAwait(false));
        }

        accounts.AddRange(tested.Others.Select(other => OtherOf(other, tested)));
        return new TestSignalReply(
            signal.Source, signal.Parsed, tested.State, tested.Reason, tested.Detail, tested.Part?.Plan, tested.Verdicts,
            [.. accounts.OrderBy(account => account.AccountId, StringComparer.Ordinal).ThenBy(account => account.SubscriptionId, StringComparer.Ordinal)]);
    }

    /// <exception cref="ApiProblemException">422, or 413 as at the webhook.</exception>
    private static byte[] BodyOf(TestSignalRequest request)
    {
        var text = request.Body is not { } body ? null : body.ValueKind == JsonValueKind.String ? body.GetString() : body.GetRawText();
        new FieldErrors()
            .Require(text is not null, "body", "Must be what the webhook would be sent: a JSON object, or a string for a body that is no JSON.")
            .ThrowIfAny();
        var bytes = Encoding.UTF8.GetBytes(text!);
        return bytes.Length <= WebhookRoutes.LargestBody ? bytes : throw WebhookRoutes.TooLarge();
    }

    private static async Task<TestedAccount> AskAsync(
        string id, Caller caller, FanOutMemberTerms member, SignalTested tested, IEntityGateway gateway, CancellationToken ct)
    {
        var preview = new PreviewSignal(new FanOutPart(tested.FanOut, tested.Part!, member.Terms), caller.Entity(EntityKind.Recorder, id));
        var reply = await gateway.AskAsync(member.Account, preview, ct).ConfigureAwait(false);
        var (account, subscription) = (member.Account.Key, member.Terms.SubscriptionId);
        return reply switch
        {
            SignalPreviewed previewed => new TestedAccount(
                account, subscription, previewed.Outcome, previewed.Reason, previewed.Detail, previewed.Verdicts, previewed.Close,
                previewed.Cancels, [.. previewed.Orders.Select(OrderOf)]),
            AccountRefused refused => new TestedAccount(account, subscription, SignalOutcome.Failed, refused.Code, refused.Message, [], null, [], []),
            _ => throw new System.Diagnostics.UnreachableException($"No answer for {reply.GetType().Name}."),
        };
    }

    private static TestedAccount OtherOf(Subscription other, SignalTested tested)
    {
        var (reason, detail) = tested.State == SignalState.Accepted
            ? (SignalReason.SubscriptionPaused, "The subscription is paused.")
            : (tested.Reason, tested.Detail);
        return new TestedAccount(other.Account.Key, other.Id, SignalOutcome.Skipped, reason, detail, [], null, [], []);
    }

    private static TestedOrder OrderOf(PreviewedOrder order) => new(
        order.Purpose, order.Terms.Symbol, order.Terms.Side, order.Terms.OrdType, order.Terms.OrderQty, order.Terms.Price, order.Terms.StopPx,
        order.Terms.TimeInForce, order.IsWaiting, order.Guard);
}
