using TradeActors.Domain.Instruments;

namespace TradeActors.Api.Market;

/// <summary>The contract that a request for history names.</summary>
internal static class ContractName
{
    /// <summary>As <see cref="InstrumentCatalog.Resolve"/>, and a canonical name also of a contract that has expired: its history stays.</summary>
    public static (Contract? Contract, string? Error) Find(string text, DateTimeOffset now)
    {
        var name = text.Trim()[(text.Trim().IndexOf(':', StringComparison.Ordinal) + 1)..];
        var resolution = InstrumentCatalog.Resolve(text, now);
        return resolution.Succeeded ? (resolution.Contract, null)
            : InstrumentCatalog.FindContract(name.ToUpperInvariant()) is { LastTradeDate: not null } expired && expired.IsExpired(now) ? (expired, null)
            : (null, resolution.Error);
    }
}
