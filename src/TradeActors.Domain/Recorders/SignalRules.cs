using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
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

    /// <summary>In any other unit.</summary>
    private const decimal LargestSize = 1_000_000_000m;

    public static Reaction Judge(RecorderState state, ReceiveSignal signal, SignalKey? storedKey, in RecorderContext context)
    {
        var first = FindFirst(state, signal, storedKey);
        if (first?.SignalId == signal.SignalId)
        {
            // The same delivery asked again, because its answer was lost, gets the first answer.
            return Reaction.Answer(new SignalJudged(signal.SignalId, first.State, first.Reason, null));
        }

        // Asked here too: the token may have been replaced since the door looked it up.
        if (signal.TokenHash is { } token && !state.Knows(token, signal.ReceivedAt))
        {
            return Reaction.Answer(new RecorderRefused(RecorderRefused.UnknownToken, "The webhook token has been replaced."));
        }

        if (first is not null)
        {
            return Refuse(state, signal, SignalState.Duplicate, SignalReason.Duplicate, $"Repeats signal {first.Number}.", []);
        }

        if (signal.Parsed is not { } parsed)
        {
            return Refuse(state, signal, SignalState.Invalid, SignalReason.Unreadable, signal.Error ?? "The body could not be read.", []);
        }

        return Resolve(state, parsed, context.Now, out var resolved) is { } error
            ? Refuse(state, signal, error.State, error.Reason, error.Detail, [])
            : Filter(state, signal, parsed, resolved!, context);
    }

    /// <summary>
    /// What recognises a repeat: the source's own key, else the body's hash. The same whatever the settings are, so that a delivery asked again finds
    /// its row after an edit too; whether another delivery of an equal body counts as a repeat is the window's matter.
    /// </summary>
    public static string KeyOf(ReceiveSignal signal) => signal.Parsed?.Id is { } id ? $"id:{id}" : $"body:{signal.BodyHash}";

    internal static string DeliveryKey(string signalId) => $"delivery:{signalId}";

    /// <summary>How far the time in a signature may lie from the time of receipt, either way.</summary>
    public static readonly TimeSpan SignatureTolerance = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A captured request can be sent again as long as its signature is not too old, which is longer than an equal body counts as a repeat. A key of the
    /// source outlives the signature, so nothing more is needed there.
    /// </summary>
    public static ReplayKey? ReplayKeyOf(ReceiveSignal signal) => signal.SignedAt is { } signedAt && signal.Parsed?.Id is null
        ? new ReplayKey($"signed:{signedAt.ToUnixTimeSeconds()}:{signal.BodyHash}", signedAt + SignatureTolerance)
        : null;

    private static SignalKey? FindFirst(RecorderState state, ReceiveSignal signal, SignalKey? storedKey)
    {
        // A delivery asked again is known by its own id, whatever its key: a later signal may have taken that over, or it was a repeat itself.
        if (state.Keys.Values.FirstOrDefault(known => known.SignalId == signal.SignalId) is { } itself)
        {
            return itself;
        }

        if (storedKey?.SignalId == signal.SignalId)
        {
            return storedKey;
        }

        var isWatched = signal.Parsed?.Id is not null || state.Settings.DedupWindow > TimeSpan.Zero;
        var replay = ReplayKeyOf(signal);
        return Counting(replay is null ? null : state.Keys.GetValueOrDefault(replay.Key))
            ?? (isWatched ? Counting(state.Keys.GetValueOrDefault(KeyOf(signal))) : null)
            ?? (isWatched || replay is not null ? Counting(storedKey) : null);

        SignalKey? Counting(SignalKey? known) => signal.ReceivedAt <= known?.Until ? known : null;
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
            : parsed.Size is { } size && size.Value > LargestSize
                ? new Refusal(SignalState.Rejected, SignalReason.QuantityTooLarge, $"A size of {size.Value} ({size.Unit}) is above {LargestSize}, the most that one signal may ask for.")
                : null;
    }

    private static Reaction Filter(RecorderState state, ReceiveSignal signal, ParsedSignal parsed, Resolution resolved, in RecorderContext context)
    {
        var isSwapped = state.Settings.Inverse == true;
        var plan = SignalMeaning.Of(state, isSwapped ? SignalMeaning.Swap(parsed) : parsed, resolved, out var reason, out var detail);
        if (plan is null)
        {
            return Refuse(state, signal, SignalState.Rejected, reason!, detail!, []);
        }

        var rulings = Rulings(state, signal, parsed, plan, context);
        ImmutableArray<Verdict> verdicts = [.. rulings.Select(ruling => ruling.Verdict)];
        var failed = rulings.FirstOrDefault(ruling => !ruling.Verdict.Passed);
        if (parsed.IsTest)
        {
            return Refuse(
                state, signal, SignalState.Rejected, SignalReason.Test,
                failed.Verdict is null ? "A test: it would have been traded." : $"A test: refused by {failed.Verdict.Filter} ({failed.Verdict.Detail}).", verdicts);
        }

        var tradingDate = FilterRules.TradingDateOf(resolved.Contract!.Instrument, signal.ReceivedAt);
        // It comes last and is only asked when all others passed.
        var isOffered = !rulings.IsEmpty && (failed.Verdict is null || failed.Reason == SignalReason.NotNth);
        var kept = failed.Verdict is null ? plan : plan.ReductionOnly();
        if (kept is null || (kept.IsReductionOnly && !Reduces(state, kept)))
        {
            var refused = failed.Reason == SignalReason.Late ? SignalState.Expired : SignalState.Rejected;
            return Refuse(state, signal, refused, failed.Reason, failed.Verdict!.Detail, verdicts, isOffered ? tradingDate : null);
        }

        var held = SignalMeaning.HeldAfter(state, kept);
        var isEntry = !rulings.IsEmpty && failed.Verdict is null;
        return Accept(state, signal, parsed, kept, verdicts, held, RecordedBook.Record(
            state, kept, held, context.Quotes, tradingDate, isEntry, isOffered, isEntry ? FilterRules.FlattenAt(state.Settings, context.Now) : null));
    }

    /// <summary>Whether a target lies nearer to flat than what is held, or beyond it.</summary>
    private static bool Reduces(RecorderState state, SignalPlan plan)
    {
        var held = state.Held.GetValueOrDefault(plan.HeldSymbol ?? plan.Symbol);
        return held != 0m && (Math.Sign(plan.Target!.Value) != Math.Sign(held) || Math.Abs(plan.Target.Value) < Math.Abs(held));
    }

    /// <summary>Every rule for the entry part, in order; none when the plan only reduces.</summary>
    private static ImmutableArray<Ruling> Rulings(
        RecorderState state, ReceiveSignal signal, ParsedSignal parsed, SignalPlan plan, RecorderContext context)
    {
        if (SignalMeaning.EntrySide(state, plan) is not { } side)
        {
            return [];
        }

        var settings = state.Settings;
        var age = context.Now - Earlier(signal.ReceivedAt, parsed.SentAt);
        var entry = new FilteredEntry(
            InstrumentCatalog.FindContract(plan.Symbol)!, side, signal.ReceivedAt, context.Now, state.Tally,
            () => RecordedBook.Unrealized(state, context.Quotes));
        var price = plan.Price ?? plan.StopPx ?? context.Quotes.PriceToTrade(plan.Symbol, side) ?? plan.ReferencePrice;
        var wrongSide = price is { } known ? plan.Protection?.WrongSide(side, known) : null;
        ImmutableArray<Ruling> rulings =
        [
            new("paused", !state.IsPaused, SignalReason.Paused, state.IsPaused ? "the recorder is paused" : "the recorder is active"),
            new("blocked", settings.Blocked != true, SignalReason.Blocked, settings.Blocked == true ? "signals are blocked" : "signals are not blocked"),
            new("age", age <= settings.EntryMaxAge, SignalReason.Late, $"{age.TotalSeconds:0.###} s old, {settings.EntryMaxAge.TotalSeconds:0} s allowed"),
            new("built", parsed.NotBuilt is null, SignalReason.NotBuiltYet, parsed.NotBuilt ?? "everything that the signal asks for is carried out"),
            .. FilterRules.Judge(settings, entry),
            new(FilterRules.CapVerdict(settings, plan.EnterQuantity ?? Math.Abs(plan.Target ?? 1m)), ""),
            new("protection", wrongSide is null, SignalReason.ProtectionInvalid, wrongSide ?? "stop and target enclose the entry, or none is named"),
        ];
        return rulings.All(ruling => ruling.Verdict.Passed)
            ? rulings.Add(FilterRules.Nth(settings.Filters?.EveryNthSignal, entry))
            : rulings;
    }

    /// <summary>The end of a window closes all that is held of a contract: a signal of the recorder's own, which nobody sent.</summary>
    public static SignalAccepted CloseAtWindowEnd(RecorderState state, string symbol, in RecorderContext context)
    {
        var (id, fanOut) = ($"window-{context.Self.Key}-{state.LastSignal + 1}", state.LastFanOut + 1);
        var plan = new SignalPlan(symbol, null, null, Reduction.All, Held: state.Held[symbol]);
        var held = SignalMeaning.HeldAfter(state, plan);
        var tradingDate = FilterRules.TradingDateOf(InstrumentCatalog.FindContract(symbol)!.Instrument, context.Now);
        return new SignalAccepted(
            id, state.LastSignal + 1, fanOut, context.Now, Recorder.WindowSource,
            new ParsedSignal { Source = Recorder.WindowSource, Action = SignalAction.Close, Symbol = symbol }, plan, DeliveryKey(id), context.Now + DeliveryKept, held,
            [], Recorder.Members(state, fanOut).Length,
            RecordedBook.Record(state, plan, held, context.Quotes, tradingDate, isEntry: false, isOffered: false, flattenAt: null));
    }

    internal static DateTimeOffset Earlier(DateTimeOffset receivedAt, DateTimeOffset? sentAt) => sentAt < receivedAt ? sentAt.Value : receivedAt;

    private static Reaction Accept(
        RecorderState state, ReceiveSignal signal, ParsedSignal parsed, SignalPlan plan, ImmutableArray<Verdict> verdicts,
        ImmutableSortedDictionary<string, decimal> held, Recording recording)
    {
        var fanOut = state.LastFanOut + 1;
        return new Reaction(
            [
                new SignalAccepted(
                    signal.SignalId, state.LastSignal + 1, fanOut, signal.ReceivedAt, signal.Source, parsed, plan, KeyOf(signal),
                    KeyUntil(state, signal), held, verdicts, Recorder.Members(state, fanOut).Length, recording, ReplayKeyOf(signal)),
            ],
            [],
            new SignalJudged(signal.SignalId, SignalState.Accepted, null, null))
        {
            Texts = [new KeptText(signal.SignalId, signal.RawText)],
        };
    }

    private static Reaction Refuse(
        RecorderState state, ReceiveSignal signal, SignalState judged, string reason, string detail, ImmutableArray<Verdict> verdicts,
        string? offeredOn = null)
    {
        // A repeat and what could not be read make no later one a repeat, but are themselves asked again like all others.
        var isOwnKey = judged is SignalState.Duplicate or SignalState.Invalid;
        return new Reaction(
            [
                new SignalRefused(
                    signal.SignalId, state.LastSignal + 1, signal.ReceivedAt, signal.Source, judged, reason, detail, signal.Parsed,
                    isOwnKey ? DeliveryKey(signal.SignalId) : KeyOf(signal), isOwnKey ? signal.ReceivedAt + DeliveryKept : KeyUntil(state, signal), verdicts, offeredOn,
                    ReplayKeyOf(signal)),
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
