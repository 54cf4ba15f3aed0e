using System.Diagnostics.CodeAnalysis;

namespace TradeActors.Domain.Instruments;

/// <summary>What a symbol in a signal or request names: a contract, or an error.</summary>
/// <param name="NamedByRoot">
/// A future named without a month (ES, ES1!): exits act on whichever month is held, entries on <paramref name="Contract"/>.
/// </param>
/// <param name="Error">A sentence for the person who sent the symbol; set exactly when there is no contract.</param>
public sealed record Resolution(Contract? Contract, bool NamedByRoot, string? Error)
{
    [MemberNotNullWhen(true, nameof(Contract))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Contract is not null;

    internal static Resolution Of(Contract contract, bool namedByRoot = false) => new(contract, namedByRoot, Error: null);

    internal static Resolution Refused(string error) => new(Contract: null, NamedByRoot: false, error);
}
