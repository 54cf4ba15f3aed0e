using System.Collections.Immutable;
using System.Text.Json;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;

namespace TradeActors.Abstractions.ReadModel;

// The documents of read-model rows. Names are those of the API, which mostly answers with them as they are.

/// <param name="RealizedToday">Of the trading day <paramref name="TradingDay"/>; a reader on a later day takes 0.</param>
public sealed record AccountRow(
    string Id, string Name, string Broker, string Currency, decimal Balance, decimal RealizedToday, string TradingDay, string State, string? StateReason,
    ImmutableArray<PositionDoc> Positions, AccountLimits Limits, DateTimeOffset CreatedAt)
{
    /// <summary>Balance and what the positions would bring now, as the rules value them; null while one of them has no price.</summary>
    public decimal? EquityAt(ILastQuotes quotes) =>
        Balance + Valuation.Unrealized(Positions.Select(position => (position.Symbol, position.Quantity, position.AveragePrice)), quotes);
}

public sealed record PositionDoc(string Symbol, decimal Quantity, decimal AveragePrice);

public sealed record OrderRow(
    string Id, string ClOrdId, string Symbol, Side Side, OrdType Type, decimal Quantity, decimal Filled, decimal? LimitPrice, decimal? StopPrice,
    decimal? AveragePrice, TimeInForce TimeInForce, string State, string? Reason, OrderPurpose Purpose, string? RecorderId, string? SubscriptionId,
    string? SignalId, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <param name="Id">FIX ExecID (17).</param>
/// <param name="Realized">Profit of the closed part before commission, account currency.</param>
/// <param name="At">The market's time of the fill.</param>
public sealed record FillRow(
    string Id, string OrderId, string Symbol, Side Side, decimal Quantity, decimal Price, decimal Commission, decimal Realized, string? RecorderId,
    string? SignalId, DateTimeOffset At);

/// <param name="Held">The recorded (virtual) positions.</param>
/// <param name="PreviousTokenUntil">How long the replaced webhook token still counts; null when it has ended.</param>
/// <param name="SigningSecretId">Of the secret that webhooks are signed with; null for none.</param>
/// <param name="PreviousSecretUntil">How long the replaced signing secret still counts; null when it has ended.</param>
/// <param name="SilentSince">Set while the silence alarm is raised: the last receipt, or when the alarm was set.</param>
public sealed record RecorderRow(
    string Id, string Name, string? Symbol, Settings Settings, int SettingsVersion, string State, ImmutableArray<HeldDoc> Held, long Signals,
    DateTimeOffset? LastReceivedAt, DateTimeOffset CreatedAt, DateTimeOffset? PreviousTokenUntil = null,
    string? SigningSecretId = null, DateTimeOffset? PreviousSecretUntil = null, DateTimeOffset? SilentSince = null);

public sealed record HeldDoc(string Symbol, decimal Quantity);

public sealed record SubscriptionRow(
    string Id, string RecorderId, string AccountId, decimal Multiplier, bool Enabled, Settings? Overrides, int Version, DateTimeOffset CreatedAt);

/// <param name="Accounts">How many subscriptions take part; 0 for a signal that is not traded.</param>
/// <param name="CompletedAt">Set at once where no subscription takes part; else see <see cref="FanOutRow"/>.</param>
public sealed record SignalRow(
    string Id, long Number, DateTimeOffset ReceivedAt, string Source, ParsedSignal? Parsed, SignalPlan? Plan, string State, string? Reason,
    string? Detail, long? FanOut, int Accounts, DateTimeOffset? CompletedAt, ImmutableArray<Verdict> Verdicts);

/// <param name="CompletedAt">When every account had stored the signal.</param>
public sealed record FanOutRow(long FanOut, int Accounts, DateTimeOffset CompletedAt);

public sealed record OutcomeRow(
    string AccountId, string SubscriptionId, string Outcome, string? Reason, string? Detail, ImmutableArray<string> Orders,
    ImmutableArray<Verdict> Verdicts);

/// <param name="Reason">What accounts halted by it show; null for a flatten.</param>
public sealed record OperationRow(
    string Id, string Kind, string Scope, string State, string? Reason, DateTimeOffset StartedAt, DateTimeOffset? CompletedAt, int Accounts);

/// <param name="Outcome">pending, done or failed.</param>
/// <param name="At">When the outcome came true on the account; null while it is pending.</param>
public sealed record OperationResultRow(string Tenant, string AccountId, string Outcome, string? Reason, DateTimeOffset? At);

/// <summary>One event of a live topic.</summary>
/// <param name="Type">The event's stored name.</param>
public sealed record LiveRow(long Seq, string Type, DateTimeOffset At, JsonElement Data);

/// <summary>Where a webhook token leads, and what a delivery must have to be let in.</summary>
/// <param name="Secrets">What it may be signed with; null for none.</param>
/// <param name="AllowedAddresses">As in the settings; null for all.</param>
public sealed record WebhookTokenRow(
    string Tenant, string RecorderId, bool RequiresSignature = false, ImmutableArray<SigningSecretDoc>? Secrets = null,
    ImmutableArray<string>? AllowedAddresses = null);

/// <param name="Sealed">By the front door's secret box.</param>
/// <param name="Until">How long it counts; null for the present one.</param>
public sealed record SigningSecretDoc(string Id, string Sealed, DateTimeOffset? Until);

/// <summary>An execution that a connection has booked.</summary>
public sealed record ExecutionRow(string ClOrdId, string Account);
