using TradeActors.Abstractions.Brokers;
using TradeActors.Api.Common;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;

namespace TradeActors.Api.Accounts;

/// <param name="Broker">"paper".</param>
/// <param name="StartingBalance">Account currency, above 0.</param>
/// <param name="Paper">How the paper exchange treats this account; for the paper broker only.</param>
public sealed record OpenAccountRequest(
    string? Name, string? Broker, decimal? StartingBalance, string? Currency, AccountLimits? Limits, PaperRequest? Paper)
{
    /// <exception cref="ApiProblemException">422 with every field that is wrong.</exception>
    internal OpenAccount ToMessage(EntityId account, IEnumerable<IBrokerAdapter> brokers)
    {
        var adapter = brokers.FirstOrDefault(broker => broker.Name == Broker);
        var errors = new FieldErrors()
            .Require(Name?.Trim() is { Length: >= 1 and <= 100 }, "name", "Must be a name of 1 to 100 characters.")
            .Require(adapter is not null, "broker", $"'{Broker}' is not a broker of this installation. Use \"paper\".")
            .Require(StartingBalance is > 0m and <= 1_000_000_000m, "startingBalance", "Must be above 0 and at most 1,000,000,000.")
            .Require(Currency is null || (Currency.Length == 3 && Currency.All(char.IsAsciiLetter)), "currency", "Must be a three-letter code such as USD.");
        LimitsRules.Check(Limits ?? AccountLimits.None, "limits.", errors);
        Paper?.Check(errors);
        errors.ThrowIfAny();
        var currency = Currency?.ToUpperInvariant() ?? "USD";
        var paper = (Paper ?? new PaperRequest()).ToSettings(StartingBalance!.Value, currency, account.Key);
        return new OpenAccount(
            Name!.Trim(), currency, StartingBalance.Value, Limits ?? AccountLimits.None, account with { Kind = EntityKind.Connection },
            new BrokerSettings(adapter!.Name, paper), adapter.Traits with { RefusesDuplicates = paper.RefusesDuplicates });
    }
}

/// <param name="Seed">All random draws of the account's exchange come from it; made from the account's id when absent.</param>
/// <param name="LatencyMs">From the acceptance of an order until it can fill; default 0.</param>
/// <param name="LatencyJitterMs">Up to this much more, drawn per order; default 0.</param>
/// <param name="ChecksMargin">Default true: an order that opens more than the equity carries is rejected.</param>
public sealed record PaperRequest(
    decimal? CommissionPerUnit = null, decimal? CommissionRate = null, int? SlippageTicks = null, bool? UsesDisplayedSize = null,
    bool? RefusesDuplicates = null, ulong? Seed = null, PaperFaultsRequest? Faults = null,
    int? LatencyMs = null, int? LatencyJitterMs = null, bool? ChecksMargin = null)
{
    internal void Check(FieldErrors errors)
    {
        errors.Require(CommissionPerUnit is null or (>= 0m and <= 1_000m), "paper.commissionPerUnit", "Must be 0 to 1,000.");
        errors.Require(CommissionRate is null or (>= 0m and <= 0.1m), "paper.commissionRate", "Must be 0 to 0.1 (a fraction: 0.0006 is 6 bps).");
        errors.Require(SlippageTicks is null or (>= 0 and <= 100), "paper.slippageTicks", "Must be 0 to 100.");
        errors.Require(LatencyMs is null or (>= 0 and <= 10_000), "paper.latencyMs", "Must be 0 to 10,000 ms.");
        errors.Require(LatencyJitterMs is null or (>= 0 and <= 10_000), "paper.latencyJitterMs", "Must be 0 to 10,000 ms.");
        Faults?.Check(errors);
    }

    internal PaperSettings ToSettings(decimal startingBalance, string currency, string accountKey) => new(
        startingBalance, currency, Seed ?? StableHash.Fnv1a64(accountKey), CommissionPerUnit ?? 0m, CommissionRate ?? 0m, SlippageTicks ?? 0,
        RefusesDuplicates ?? true, UsesDisplayedSize ?? true, Faults?.ToFaults(), ChecksMargin ?? true,
        Latency: TimeSpan.FromMilliseconds(LatencyMs ?? 0), LatencyJitter: TimeSpan.FromMilliseconds(LatencyJitterMs ?? 0));
}

/// <summary>Misbehaviour to test against: probabilities from 0 to 1 per call.</summary>
public sealed record PaperFaultsRequest(
    double? TimeOutAfterAccept = null, double? LoseRequest = null, double? LateAnswer = null, int? LateByMs = null, double? LoseCancelAnswer = null)
{
    internal void Check(FieldErrors errors)
    {
        (string Name, double? Value)[] rates =
        [
            ("timeOutAfterAccept", TimeOutAfterAccept), ("loseRequest", LoseRequest), ("lateAnswer", LateAnswer), ("loseCancelAnswer", LoseCancelAnswer),
        ];
        foreach (var (name, value) in rates)
        {
            errors.Require(value is null or (>= 0 and <= 1), $"paper.faults.{name}", "Must be a probability, 0 to 1.");
        }

        errors.Require(LateByMs is null or (>= 0 and <= 60_000), "paper.faults.lateByMs", "Must be 0 to 60,000 ms.");
    }

    internal PaperFaults ToFaults() => new(
        TimeOutAfterAccept ?? 0, LoseRequest ?? 0, LateAnswer ?? 0, TimeSpan.FromMilliseconds(LateByMs ?? 0), LoseCancelAnswer ?? 0);
}

/// <summary>Checks an account's limits before they are stored.</summary>
internal static class LimitsRules
{
    /// <param name="path">Where the limits stand in the request: "limits.", or empty when they are the request.</param>
    public static void Check(AccountLimits limits, string path, FieldErrors errors)
    {
        errors.Require(limits.MaxDailyLoss is null or > 0m, $"{path}maxDailyLoss", "Must be above 0: the loss as an amount.");
        errors.Require(limits.MaxOrderQuantity is null or > 0m, $"{path}maxOrderQuantity", "Must be above 0.");
        errors.Require(limits.MaxOpenOrders is null or > 0, $"{path}maxOpenOrders", "Must be above 0.");
        errors.Require(
            limits.MaxPosition is null || ((limits.MaxPosition.Default ?? 0m) >= 0m && (limits.MaxPosition.PerSymbol?.Values.All(limit => limit >= 0m) ?? true)),
            $"{path}maxPosition", "Must not be negative.");
        CheckSymbols(limits.MaxPosition?.PerSymbol?.Keys, $"{path}maxPosition.perSymbol", errors);
        CheckSymbols(limits.AllowedSymbols, $"{path}allowedSymbols", errors);
        errors.Require(
            limits.TradingDayResets is null || TradingDay.IsValid(limits.TradingDayResets), $"{path}tradingDayResets",
            "Must be a local time and an IANA zone, such as \"17:00 America/Chicago\".");
    }

    /// <summary>Orders are looked up by root and by contract: a limit under any other name would never hold anything back.</summary>
    private static void CheckSymbols(IEnumerable<string?>? symbols, string field, FieldErrors errors)
    {
        foreach (var symbol in symbols ?? [])
        {
            errors.Require(
                symbol is not null && (InstrumentCatalog.All.Any(known => known.Root == symbol) || InstrumentCatalog.FindContract(symbol)?.Symbol == symbol), field,
                $"'{symbol}' is no instrument. Name a root (ES) or a contract (ESZ2026).");
        }
    }
}
