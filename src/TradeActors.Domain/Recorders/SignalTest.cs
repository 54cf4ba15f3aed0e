using System.Collections.Immutable;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Recorders;

/// <summary>What would this signal do? Nothing is stored: no number is taken, and neither the recorded position nor any count or key changes.</summary>
public sealed record TestSignal(ReceiveSignal Signal);

/// <param name="Part">What every member would be sent; null when the signal would not be traded.</param>
/// <param name="FanOut">The number that it would have.</param>
/// <param name="Members">Who would take part.</param>
/// <param name="Others">Subscribed, and would get no part of it.</param>
public sealed record SignalTested(
    SignalState State, string? Reason, string? Detail, ImmutableArray<Verdict> Verdicts, RecorderSignal? Part, long FanOut,
    ImmutableArray<FanOutMemberTerms> Members, ImmutableArray<Subscription> Others);

/// <summary>Reads the answer off the very decision that the signal would bring about, so that the two cannot differ.</summary>
internal static class SignalTest
{
    public static SignalTested Judge(RecorderState state, ReceiveSignal signal, in RecorderContext context)
    {
        // Whether it repeats another signal says nothing about a test, and "test" in its body has been heeded.
        state = state with { Keys = state.Keys.Clear() };
        var parsed = signal.Parsed is { } named ? named with { IsTest = false } : null;
        var judged = SignalRules.Judge(state, signal with { Parsed = parsed }, storedKey: null, context).Events.Single();
        var subscribed = state.Subscriptions.Values.Where(subscription => !subscription.IsRemoved);
        if (judged is SignalRefused refused)
        {
            return new SignalTested(refused.State, refused.Reason, refused.Detail, refused.Verdicts, null, 0, [], [.. subscribed]);
        }

        var accepted = (SignalAccepted)judged;
        var members = Recorder.Members(state, accepted.FanOut);
        return new SignalTested(
            SignalState.Accepted, null, null, accepted.Verdicts, Recorder.SignalOf(state, accepted), accepted.FanOut, members,
            [.. subscribed.Where(subscription => !subscription.TakesPartIn(accepted.FanOut))]);
    }
}
