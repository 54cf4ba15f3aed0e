using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Signals;

namespace TradeActors.Domain.Recorders;

public abstract record RecorderEvent;

public sealed record RecorderCreated(string Name, string? Symbol, Settings Settings, string WebhookTokenHash, DateTimeOffset At) : RecorderEvent;

public sealed record RecorderEdited(string Name, string? Symbol, Settings Settings) : RecorderEvent;

public sealed record RecorderPaused(bool IsPaused) : RecorderEvent;

public sealed record WebhookTokenReplaced(string TokenHash, string ReplacedHash) : RecorderEvent;

/// <param name="From">The first fan-out number in which an enabled subscription takes part; null when it is stored disabled.</param>
public sealed record SubscriptionPut(
    string SubscriptionId, EntityId Account, decimal Multiplier, bool IsEnabled, Settings? Overrides, int Version, long? From, DateTimeOffset At) : RecorderEvent;

public sealed record SubscriptionRemoved(string SubscriptionId, int Version) : RecorderEvent;

/// <summary>A signal that will be traded. Fixes what it means, the settings and the members, whatever is edited later (PROTOCOL 5).</summary>
/// <param name="Number">Of all signals of the recorder, from 1.</param>
/// <param name="FanOut">Of the accepted ones, gapless from 1.</param>
/// <param name="Key">What recognises a repeat.</param>
/// <param name="KeyUntil">How long the key counts at least.</param>
/// <param name="Held">The recorder's own positions that this signal changes, as they are afterwards, signed; 0 for flat.</param>
/// <param name="Accounts">How many subscriptions take part.</param>
public sealed record SignalAccepted(
    string SignalId, long Number, long FanOut, DateTimeOffset ReceivedAt, string Source, ParsedSignal Parsed, SignalPlan Plan, string Key,
    DateTimeOffset KeyUntil, ImmutableSortedDictionary<string, decimal> Held, ImmutableArray<Verdict> Verdicts, int Accounts) : RecorderEvent;

/// <summary>A signal that will not be traded, and why. Takes no fan-out number.</summary>
/// <param name="Key">For a repeat and for what could not be read the delivery's own: those do not make later ones repeats. Null in early streams.</param>
public sealed record SignalRefused(
    string SignalId, long Number, DateTimeOffset ReceivedAt, string Source, SignalState State, string Reason, string Detail, ParsedSignal? Parsed,
    string? Key, DateTimeOffset? KeyUntil, ImmutableArray<Verdict> Verdicts) : RecorderEvent;

/// <summary>Every account has stored the fan-out.</summary>
public sealed record FanOutCompleted(long FanOut, DateTimeOffset At) : RecorderEvent;
