using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;

namespace TradeActors.Domain.Accounts;

/// <summary>What would this part of a fan-out do? Nothing is stored and nothing sent.</summary>
/// <param name="Recorder">From which it would come.</param>
public sealed record PreviewSignal(FanOutPart Part, EntityId Recorder);

/// <param name="Outcome">As it would be told at once: what the broker makes of the orders is not known.</param>
/// <param name="Close">The size to which the share would be brought down first; null when nothing would be closed.</param>
/// <param name="Cancels">Orders that would be withdrawn.</param>
/// <param name="Orders">What would be ordered now, or afterwards.</param>
public sealed record SignalPreviewed(
    SignalOutcome Outcome, string? Reason, string? Detail, ImmutableArray<Verdict> Verdicts, PreviewedClose? Close, ImmutableArray<string> Cancels,
    ImmutableArray<PreviewedOrder> Orders);

public sealed record PreviewedClose(string Symbol, decimal DownTo);

/// <param name="IsWaiting">It follows when the share has been closed.</param>
/// <param name="Guard">What its fills would be protected by; null for nothing.</param>
public sealed record PreviewedOrder(OrderPurpose Purpose, OrderTerms Terms, bool IsWaiting, EntryGuard? Guard);

/// <summary>Reads a preview off the very decision that the signal would bring about, so that the two cannot differ.</summary>
internal static class SignalPreview
{
    public static SignalPreviewed Of(AccountState state, PreviewSignal preview, in AccountContext context)
    {
        var events = Account.Decide(state, preview.Part, context with { Sender = preview.Recorder }, storedOrder: false).Events;
        var owner = ((SubscriptionTerms)preview.Part.Terms!).SubscriptionId;
        var after = events.Cast<AccountEvent>().Aggregate(state, Account.Apply);
        var taken = events.OfType<SignalTaken>().Single();
        var settled = events.OfType<SignalSettled>().FirstOrDefault(e => e.SignalId == taken.SignalId && e.SubscriptionId == owner);
        var close = events.OfType<CloseAsked>().FirstOrDefault(e => e.Owner == owner && e.SignalId == taken.SignalId);
        var waiting = after.Shares.Values.Where(share => share.Owner == owner).Select(share => share.Next).FirstOrDefault(next => next?.SignalId == taken.SignalId);
        return new SignalPreviewed(
            settled?.Outcome ?? taken.Outcome, settled?.Reason ?? taken.Reason, taken.Detail, taken.Verdicts,
            close is null ? null : new PreviewedClose(close.Symbol, close.DownTo),
            [.. events.OfType<CancelAsked>().Select(e => e.ClOrdId).Where(id => after.Orders.GetValueOrDefault(id)?.Owner == owner)],
            [
                .. events.OfType<OrderPlanned>().Where(e => e.Owner == owner).Select(e => new PreviewedOrder(e.Purpose, e.Terms, IsWaiting: false, e.Guard)),
                .. waiting is null ? [] : ImmutableArray.Create(
                    new PreviewedOrder(OrderPurpose.Entry, waiting.TermsFor(waiting.Quantity), IsWaiting: true, waiting.Guard)),
            ]);
    }
}
