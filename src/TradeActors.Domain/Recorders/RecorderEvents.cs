using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Signals;

namespace TradeActors.Domain.Recorders;

public abstract record RecorderEvent;

public sealed record RecorderCreated(string Name, string? Symbol, Settings Settings, string WebhookTokenHash, DateTimeOffset At) : RecorderEvent;

/// <param name="At">Null in early streams.</param>
public sealed record RecorderEdited(string Name, string? Symbol, Settings Settings, DateTimeOffset? At = null) : RecorderEvent;

public sealed record RecorderPaused(bool IsPaused) : RecorderEvent;

/// <param name="ReplacedUntil">How long the replaced token still counts, by the receipt of what comes with it; null when it has ended.</param>
public sealed record WebhookTokenReplaced(string TokenHash, string ReplacedHash, DateTimeOffset? ReplacedUntil = null) : RecorderEvent;

/// <summary>The grace of a replaced token is over.</summary>
public sealed record WebhookTokenEnded(string TokenHash) : RecorderEvent;

/// <param name="ReplacedUntil">How long the replaced secret still counts; null when it has ended, or there was none.</param>
public sealed record SigningSecretReplaced(SealedSecret Secret, DateTimeOffset? ReplacedUntil) : RecorderEvent;

/// <summary>The grace of a replaced signing secret is over.</summary>
public sealed record PreviousSecretEnded(string SecretId) : RecorderEvent;

public sealed record SigningSecretRemoved(string SecretId) : RecorderEvent;

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
/// <param name="Recording">Null in early streams.</param>
/// <param name="Replay">What recognises the same signed bytes sent again; null where nothing was signed, or the signal has a key of its source.</param>
public sealed record SignalAccepted(
    string SignalId, long Number, long FanOut, DateTimeOffset ReceivedAt, string Source, ParsedSignal Parsed, SignalPlan Plan, string Key,
    DateTimeOffset KeyUntil, ImmutableSortedDictionary<string, decimal> Held, ImmutableArray<Verdict> Verdicts, int Accounts,
    Recording? Recording = null, ReplayKey? Replay = null) : RecorderEvent;

/// <param name="Until">Later than this the signature itself is too old.</param>
public sealed record ReplayKey(string Key, DateTimeOffset Until);

/// <summary>What an accepted signal adds to the recorder's own book.</summary>
/// <param name="TradingDate">The instrument's, yyyy-MM-dd.</param>
/// <param name="IsEntry">It enters, whatever else it does.</param>
/// <param name="IsOffered">An entry that passed every filter, or that only "every Nth" refused.</param>
/// <param name="Prices">Average prices of the positions in <see cref="SignalAccepted.Held"/> that are not flat; null where none is known.</param>
/// <param name="Realized">Profit of what it closes, as if it filled at the last quote; 0 where a price is missing.</param>
/// <param name="FlattenAt">When a window ends that closes what it enters; null for never.</param>
public sealed record Recording(
    string TradingDate, bool IsEntry, bool IsOffered, ImmutableSortedDictionary<string, decimal?> Prices, decimal Realized, DateTimeOffset? FlattenAt)
{
    public static readonly Recording None = new("", false, false, ImmutableSortedDictionary<string, decimal?>.Empty, 0m, null);
}

/// <summary>A signal that will not be traded, and why. Takes no fan-out number.</summary>
/// <param name="Key">For a repeat and for what could not be read the delivery's own: those do not make later ones repeats. Null in early streams.</param>
/// <param name="OfferedOn">For an entry that only "every Nth" refused, the trading date on which it counts.</param>
public sealed record SignalRefused(
    string SignalId, long Number, DateTimeOffset ReceivedAt, string Source, SignalState State, string Reason, string Detail, ParsedSignal? Parsed,
    string? Key, DateTimeOffset? KeyUntil, ImmutableArray<Verdict> Verdicts, string? OfferedOn = null,
    ReplayKey? Replay = null) : RecorderEvent;

/// <summary>No signal has come for the set time. The next signal ends it without an event of its own.</summary>
/// <param name="Since">The last receipt, or when the alarm was set.</param>
public sealed record SilenceRaised(DateTimeOffset Since) : RecorderEvent;

/// <summary>Every account has stored the fan-out.</summary>
public sealed record FanOutCompleted(long FanOut, DateTimeOffset At) : RecorderEvent;
