using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using TradeActors.Domain.Tests.Common;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>One recorder under test: every reaction's events are folded at once, as the runtime would.</summary>
internal sealed class RecorderRun
{
    public static readonly EntityId Self = new("acme", EntityKind.Recorder, "rec1");

    private int _signals;

    public RecorderRun(Settings? settings = null, string? symbol = "ESU2026")
    {
        Ask(new CreateRecorder("Opening range", symbol, settings ?? Settings.None, "hash"));
        Events.Clear();
    }

    public RecorderState State { get; private set; } = RecorderState.Empty;

    /// <summary>ESU2026 is the front contract until 2026-09-14.</summary>
    public DateTimeOffset Now { get; set; } = new(2026, 8, 20, 14, 0, 0, TimeSpan.Zero);

    public QuoteTable Quotes { get; } = new();

    public List<RecorderEvent> Events { get; } = [];

    public decimal Held(string symbol = "ESU2026") => State.Held.GetValueOrDefault(symbol);

    public SignalAccepted LastAccepted => Events.OfType<SignalAccepted>().Last();

    public SignalPlan Plan => LastAccepted.Plan;

    public ImmutableArray<FanOut> FanOuts => Recorder.Pending(State).FanOuts;

    public Reaction Ask(object message, SignalKey? storedKey = null)
    {
        var reaction = Recorder.Decide(State, message, new RecorderContext(Self, Now, Quotes), storedKey);
        foreach (var @event in reaction.Events.Cast<RecorderEvent>())
        {
            State = Recorder.Apply(State, @event);
            Events.Add(@event);
        }

        return reaction;
    }

    /// <summary>A delivery with a signal id and body of its own, received now.</summary>
    public SignalJudged Signal(ParsedSignal parsed) => Receive(Delivery(parsed));

    public SignalJudged Signal(string text) => Signal(Given.Parsed(text));

    public SignalJudged Receive(ReceiveSignal delivery) => (SignalJudged)Ask(delivery).Reply!;

    public ReceiveSignal Delivery(ParsedSignal? parsed, string? id = null, string? bodyHash = null)
    {
        id ??= $"sig-{++_signals}";
        return new ReceiveSignal(id, Now, "webhook", parsed, parsed is null ? "Not JSON." : null, bodyHash ?? $"hash of {id}", "raw text");
    }

    /// <summary>Brings the recorded position to a signed size.</summary>
    public RecorderRun Holding(decimal held, string? symbol = null)
    {
        if (held != 0m)
        {
            Signal(Given.Parsed($"position {held}") with { Symbol = symbol });
            Events.Clear();
        }

        return this;
    }

    public RecorderRun Subscribed(params string[] ids)
    {
        foreach (var id in ids)
        {
            Put(id);
        }

        return this;
    }

    public Reaction Put(string id, decimal multiplier = 1m, bool isEnabled = true, Settings? overrides = null) =>
        Ask(new PutSubscription(id, Given.Account(id), multiplier, isEnabled, overrides));
}

internal static class Given
{
    public static EntityId Account(string subscription) => new("acme", EntityKind.Account, $"account-of-{subscription}");

    /// <summary>A signal from a line such as <c>buy</c>, <c>sell 3</c>, <c>close 1</c>, <c>reverse</c> or <c>position -2</c>.</summary>
    public static ParsedSignal Parsed(string text)
    {
        var words = text.Split(' ');
        var number = words.Length > 1 ? decimal.Parse(words[1]) : (decimal?)null;
        var signal = new ParsedSignal { Source = SignalSource.Json };
        return words[0] == "position"
            ? signal with { TargetPosition = number }
            : signal with { Action = Enum.Parse<SignalAction>(words[0], ignoreCase: true), Quantity = number };
    }

    public static Settings Sized(decimal? initial = null, decimal? add = null, DirectionFilter? direction = null, bool? ignoreSameDirection = null) => new(
        Sizing: new SizingSettings(initial, add),
        Filters: new FilterSettings(Direction: direction, IgnoreSameDirection: ignoreSameDirection));
}
