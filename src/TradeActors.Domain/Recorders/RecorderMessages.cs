using System.Collections.Immutable;
using TradeActors.Domain.Common;
using TradeActors.Domain.Signals;

namespace TradeActors.Domain.Recorders;

// Asked by the front door. Every one is safe to send again: ids are made by the asker.

public sealed record CreateRecorder(string Name, string? Symbol, Settings Settings, string WebhookTokenHash);

public sealed record ChangeRecorder(string Name, string? Symbol, Settings Settings);

/// <summary>Entries are refused while paused; exits pass.</summary>
public sealed record PauseRecorder(bool IsPaused);

/// <param name="Grace">How long the replaced token still counts. Nothing ends it at once, and with it whatever token it had replaced.</param>
public sealed record ReplaceWebhookToken(string TokenHash, TimeSpan Grace = default);

/// <summary>Ends the grace of a replaced token now.</summary>
public sealed record EndPreviousToken;

/// <param name="Grace">How long the replaced secret still counts; nothing ends it at once.</param>
public sealed record ReplaceSigningSecret(SealedSecret Secret, TimeSpan Grace);

/// <summary>Ends the grace of a replaced signing secret now.</summary>
public sealed record EndPreviousSecret;

/// <summary>Refused while the settings require a signature.</summary>
public sealed record RemoveSigningSecret;

/// <param name="OnlyOne">A new one is refused (AlreadySubscribed) where its account has another: two askers at once make one.</param>
public sealed record PutSubscription(
    string SubscriptionId, EntityId Account, decimal Multiplier, bool IsEnabled, Settings? Overrides, bool OnlyOne = false);

public sealed record RemoveSubscription(string SubscriptionId);

/// <summary>One delivery of a signal.</summary>
/// <param name="SignalId">Made at the door; the same delivery asked twice has the same one.</param>
/// <param name="ReceivedAt">The door's clock.</param>
/// <param name="Source">webhook, telegram, …</param>
/// <param name="Parsed">Null when the body could not be understood; <paramref name="Error"/> then says why.</param>
/// <param name="BodyHash">SHA-256 of the body, hex: recognises a repeat within the window where the source gives no key.</param>
/// <param name="RawText">The redacted body, kept beside the events for a limited time.</param>
/// <param name="TokenHash">Of the webhook token that it came by; null where it came by none.</param>
/// <param name="SignedAt">The time in a verified signature that names no message id: the same bytes signed for the same second are a replay.</param>
public sealed record ReceiveSignal(
    string SignalId, DateTimeOffset ReceivedAt, string Source, ParsedSignal? Parsed, string? Error, string BodyHash, string RawText,
    string? TokenHash = null, DateTimeOffset? SignedAt = null);

/// <summary>Who takes part in a signal's fan-out, as long as not every account is known to have stored it.</summary>
public sealed record GetOpenFanOut(string SignalId);

// Replies.

/// <param name="Members">Empty when the fan-out is complete.</param>
public sealed record OpenFanOutView(ImmutableArray<FanOutMemberTerms> Members);

public sealed record RecorderChanged(int SettingsVersion);

public sealed record RecorderRefused(string Code, string Message)
{
    /// <summary>The token of a delivery has been replaced, and its grace is over.</summary>
    public const string UnknownToken = nameof(UnknownToken);

    public const string NoSigningSecret = nameof(NoSigningSecret);

    public const string SignatureRequired = nameof(SignatureRequired);
}

/// <param name="Version">Counts the changes of this subscription; its account is told the same number.</param>
public sealed record SubscriptionStored(string SubscriptionId, int Version, bool IsEnabled);

public sealed record SignalJudged(string SignalId, SignalState State, string? Reason, string? Detail);

/// <summary>States of a signal, as the API lists them.</summary>
public enum SignalState { Accepted, Rejected, Duplicate, Expired, Invalid }

// Fan-out to accounts.

/// <summary>An accepted signal, the same for every subscribed account.</summary>
/// <param name="AgedFrom">From when its age counts: the door's receipt, or the source's own time of sending where that is earlier.</param>
/// <param name="Settings">The recorder's settings at acceptance.</param>
/// <param name="ReceivedAt">The door's clock. Null in early streams.</param>
public sealed record RecorderSignal(string SignalId, DateTimeOffset AgedFrom, SignalPlan Plan, Settings Settings, DateTimeOffset? ReceivedAt = null)
{
    /// <summary>From when cooldowns count, and what names the trading day.</summary>
    public DateTimeOffset CountedAt => ReceivedAt ?? AgedFrom;
}

/// <summary>What acceptance fixed for one subscription.</summary>
public sealed record SubscriptionTerms(string SubscriptionId, decimal Multiplier, Settings? Overrides);

/// <summary>Numbered, to the account: whether entries of this subscription may still be carried out. Repeated by the front door as an ask.</summary>
public sealed record SetSubscription(string SubscriptionId, string RecorderId, int Version, bool IsEnabled);

/// <summary>A filter's verdict on one signal.</summary>
/// <param name="Filter">camelCase name, as the API shows it.</param>
public sealed record Verdict(string Filter, bool Passed, string Detail);

/// <summary>Reasons why a signal, or its entry, was not traded. PascalCase codes of the API.</summary>
public static class SignalReason
{
    public const string Duplicate = nameof(Duplicate);
    public const string Unreadable = nameof(Unreadable);
    public const string NoSymbol = nameof(NoSymbol);
    public const string UnknownSymbol = nameof(UnknownSymbol);
    public const string Paused = nameof(Paused);
    public const string Blocked = nameof(Blocked);
    public const string Direction = nameof(Direction);
    public const string Late = nameof(Late);
    public const string SameDirection = nameof(SameDirection);
    public const string NothingToClose = nameof(NothingToClose);
    public const string AlreadyAtTarget = nameof(AlreadyAtTarget);
    public const string QuantityTooSmall = nameof(QuantityTooSmall);
    public const string QuantityTooLarge = nameof(QuantityTooLarge);
    public const string PriceInvalid = nameof(PriceInvalid);
    public const string NotBuiltYet = nameof(NotBuiltYet);
    public const string OutsideWindow = nameof(OutsideWindow);
    public const string Cooldown = nameof(Cooldown);
    public const string MaxSignals = nameof(MaxSignals);
    public const string MaxDailyLoss = nameof(MaxDailyLoss);
    public const string NotNth = nameof(NotNth);
    public const string SymbolNotAllowed = nameof(SymbolNotAllowed);
    public const string ProtectionInvalid = nameof(ProtectionInvalid);
    public const string NoPrice = nameof(NoPrice);
    public const string NoStop = nameof(NoStop);
    public const string PositionMismatch = nameof(PositionMismatch);
    public const string Test = nameof(Test);

    // Of accounts.
    public const string NotInTrade = nameof(NotInTrade);
    public const string AlreadyInTrade = nameof(AlreadyInTrade);
    public const string Halted = nameof(Halted);
    public const string SubscriptionPaused = nameof(SubscriptionPaused);
    public const string AccountGone = nameof(AccountGone);
    public const string OtherCurrency = nameof(OtherCurrency);
    public const string MaxOrderQuantity = nameof(MaxOrderQuantity);
    public const string MaxPosition = nameof(MaxPosition);
    public const string MaxOpenOrders = nameof(MaxOpenOrders);
    public const string OrderRejected = nameof(OrderRejected);
    public const string Canceled = nameof(Canceled);
    public const string Superseded = nameof(Superseded);

    public static readonly ImmutableArray<string> All =
    [
        Duplicate, Unreadable, NoSymbol, UnknownSymbol, Paused, Blocked, Direction, Late, SameDirection, NothingToClose, AlreadyAtTarget,
        QuantityTooSmall, QuantityTooLarge, PriceInvalid, NotBuiltYet, OutsideWindow, Cooldown, MaxSignals, MaxDailyLoss, NotNth, SymbolNotAllowed,
        ProtectionInvalid, NoPrice, NoStop, PositionMismatch, Test, NotInTrade, AlreadyInTrade, Halted, SubscriptionPaused, AccountGone, OtherCurrency,
        MaxOrderQuantity, MaxPosition, MaxOpenOrders, OrderRejected, Canceled, Superseded,
    ];
}
