using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Signals;

namespace TradeActors.Domain.Recorders;

/// <summary>How a delivery is judged: repeats first, then what it means, then the filters. Filters stop entries only; a reduction passes them all.</summary>
internal static class SignalRules
{
    /// <summary>How long a key that the source itself gave counts.</summary>
    private static readonly TimeSpan SourceKeyKept = TimeSpan.FromDays(7);

    /// <summary>How long a delivery may be asked again by the door that took it.</summary>
    internal static readonly TimeSpan DeliveryKept = TimeSpan.FromHours(1);

    /// <summary>No instrument trades above this in one signal; a larger number is a mistake in the alert.</summary>
    private const decimal LargestQuantity = 1_000_000m;

    public static Reaction Judge(RecorderState state, ReceiveSignal signal, SignalKey? storedKey, DateTimeOffset now)
    {
        if (FindFirst(state, signal, storedKey) is { } first)
        {
            // The same delivery asked again (its answer was lost) gets the first answer; a delivery of its own is logged as a repeat.
            return first.SignalId == signal.SignalId
                ? Reaction.Answer(new SignalJudged(signal.SignalId, first.State, first.Reason, null))
                : Refuse(state, signal, SignalState.Duplicate, SignalReason.Duplicate, $"Repeats signal {first.Number}.", []);
        }

        if (signal.Parsed is not { } parsed)
        {
            return Refuse(state, signal, SignalState.Invalid, SignalReason.Unreadable, signal.Error ?? "The body could not be read.", []);
        }

        return Resolve(state, parsed, now, out var resolved) is { } error
            ? Refuse(state, signal, error.State, error.Reason, error.Detail, [])
            : Filter(state, signal, parsed, resolved!, now);
    }

    /// <summary>
    /// What recognises a repeat: the source's own key, else the body's hash. The same whatever the settings are, so that a delivery asked again finds
    /// its row after an edit too; whether another delivery of an equal body counts as a repeat is the window's matter.
    /// </summary>
    public static string KeyOf(ReceiveSignal signal) => signal.Parsed?.Id is { } id ? $"id:{id}" : $"body:{signal.BodyHash}";

    internal static string DeliveryKey(string signalId) => $"delivery:{signalId}";

    private static SignalKey? FindFirst(RecorderState state, ReceiveSignal signal, SignalKey? storedKey)
    {
        // A delivery asked again is known by its own id, whatever its key: a later signal may have taken that over, or it was a repeat itself.
        if (state.Keys.Values.FirstOrDefault(known => known.SignalId == signal.SignalId) is { } itself)
        {
            return itself;
        }

        var first = storedKey?.SignalId == signal.SignalId ? storedKey : state.Keys.GetValueOrDefault(KeyOf(signal)) ?? storedKey;
        var isWatched = signal.Parsed?.Id is not null || state.Settings.DedupWindow > TimeSpan.Zero;
        return first?.SignalId == signal.SignalId || (isWatched && signal.ReceivedAt <= first?.Until) ? first : null;
    }

    private sealed record Refusal(SignalState State, string Reason, string Detail);

    private static Refusal? Resolve(RecorderState state, ParsedSignal parsed, DateTimeOffset now, out Resolution? resolved)
    {
        resolved = null;
        if ((parsed.Symbol ?? state.Symbol) is not { } symbol)
        {
            return new Refusal(SignalState.Invalid, SignalReason.NoSymbol, "The body names no symbol and the recorder has none. Add \"symbol\" to the alert.");
        }

        resolved = InstrumentCatalog.Resolve(symbol, now);
        if (!resolved.Succeeded)
        {
            return new Refusal(SignalState.Rejected, SignalReason.UnknownSymbol, resolved.Error);
        }

        var largest = Math.Max(parsed.Quantity ?? 0m, Math.Abs(parsed.TargetPosition ?? 0m));
        return largest > LargestQuantity
            ? new Refusal(SignalState.Rejected, SignalReason.QuantityTooLarge, $"{largest} is above {LargestQuantity}, the most that one signal may ask for.")
            : null;
    }

    private static Reaction Filter(RecorderState state, ReceiveSignal signal, ParsedSignal parsed, Resolution resolved, DateTimeOffset now)
    {
        var isSwapped = state.Settings.Inverse == true;
        var plan = SignalMeaning.Of(state, isSwapped ? SignalMeaning.Swap(parsed) : parsed, resolved, out var reason, out var detail);
        if (plan is null)
        {
            return Refuse(state, signal, SignalState.Rejected, reason!, detail!, []);
        }

        var verdicts = Verdicts(state, signal, parsed, plan, now);
        var failed = verdicts.FirstOrDefault(verdict => !verdict.Verdict.Passed);
        var kept = failed.Verdict is null ? plan : plan.ReductionOnly();
        if (kept is null || (kept.IsReductionOnly && !Reduces(state, kept)))
        {
            var refused = failed.Reason == SignalReason.Late ? SignalState.Expired : SignalState.Rejected;
            return Refuse(state, signal, refused, failed.Reason, failed.Verdict!.Detail, [.. verdicts.Select(verdict => verdict.Verdict)]);
        }

        return Accept(state, signal, parsed, kept, [.. verdicts.Select(verdict => verdict.Verdict)]);
    }

    /// <summary>Whether a target lies nearer to flat than what is held, or beyond it.</summary>
    private static bool Reduces(RecorderState state, SignalPlan plan)
    {
        var held = state.Held.GetValueOrDefault(plan.HeldSymbol ?? plan.Symbol);
        return held != 0m && (Math.Sign(plan.Target!.Value) != Math.Sign(held) || Math.Abs(plan.Target.Value) < Math.Abs(held));
    }

    /// <summary>The filters for the entry part, in order (field/risk.md); a plan that only reduces passes them all.</summary>
    private static ImmutableArray<(Verdict Verdict, string Reason)> Verdicts(
        RecorderState state, ReceiveSignal signal, ParsedSignal parsed, SignalPlan plan, DateTimeOffset now)
    {
        if (SignalMeaning.EntrySide(state, plan) is not { } side)
        {
            return [];
        }

        var settings = state.Settings;
        var age = now - Earlier(signal.ReceivedAt, parsed.SentAt);
        var direction = settings.Direction;
        var isDirectionAllowed = direction == DirectionFilter.Both || (direction == DirectionFilter.LongOnly) == (side == Side.Buy);
        var hasProtection = parsed.TakeProfit is not null || parsed.StopLoss is not null;
        return
        [
            (new Verdict("paused", !state.IsPaused, state.IsPaused ? "the recorder is paused" : "the recorder is active"), SignalReason.Paused),
            (new Verdict("blocked", settings.Blocked != true, settings.Blocked == true ? "signals are blocked" : "signals are not blocked"), SignalReason.Blocked),
            (new Verdict("age", age <= settings.EntryMaxAge, $"{age.TotalSeconds:0.###} s old, {settings.EntryMaxAge.TotalSeconds:0} s allowed"), SignalReason.Late),
            (new Verdict("direction", isDirectionAllowed, $"{side} with direction {direction}"), SignalReason.Direction),
            (new Verdict("protection", !hasProtection, hasProtection
                ? "takeProfit and stopLoss in a signal are not built yet: an entry without the protection it asks for is not made"
                : "none asked for"), SignalReason.NotBuiltYet),
        ];
    }

    internal static DateTimeOffset Earlier(DateTimeOffset receivedAt, DateTimeOffset? sentAt) => sentAt < receivedAt ? sentAt.Value : receivedAt;

    private static Reaction Accept(RecorderState state, ReceiveSignal signal, ParsedSignal parsed, SignalPlan plan, ImmutableArray<Verdict> verdicts)
    {
        var fanOut = state.LastFanOut + 1;
        return new Reaction(
            [
                new SignalAccepted(
                    signal.SignalId, state.LastSignal + 1, fanOut, signal.ReceivedAt, signal.Source, parsed, plan, KeyOf(signal),
                    KeyUntil(state, signal), SignalMeaning.HeldAfter(state, plan), verdicts, Recorder.Members(state, fanOut).Length),
            ],
            [],
            new SignalJudged(signal.SignalId, SignalState.Accepted, null, null))
        {
            Texts = [new KeptText(signal.SignalId, signal.RawText)],
        };
    }

    private static Reaction Refuse(
        RecorderState state, ReceiveSignal signal, SignalState judged, string reason, string detail, ImmutableArray<Verdict> verdicts)
    {
        // A repeat and what could not be read make no later one a repeat, but are themselves asked again like all others.
        var isOwnKey = judged is SignalState.Duplicate or SignalState.Invalid;
        return new Reaction(
            [
                new SignalRefused(
                    signal.SignalId, state.LastSignal + 1, signal.ReceivedAt, signal.Source, judged, reason, detail, signal.Parsed,
                    isOwnKey ? DeliveryKey(signal.SignalId) : KeyOf(signal), isOwnKey ? signal.ReceivedAt + DeliveryKept : KeyUntil(state, signal), verdicts),
            ],
            [],
            new SignalJudged(signal.SignalId, judged, reason, detail))
        {
            Texts = [new KeptText(signal.SignalId, signal.RawText)],
        };
    }

    private static DateTimeOffset KeyUntil(RecorderState state, ReceiveSignal signal) =>
        signal.ReceivedAt + (signal.Parsed?.Id is not null ? SourceKeyKept : state.Settings.DedupWindow);
}
