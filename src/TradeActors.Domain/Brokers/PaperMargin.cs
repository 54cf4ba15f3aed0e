using System.Collections.Immutable;

namespace TradeActors.Domain.Brokers;

/// <summary>The margin that one contract, share or coin needs: a fixed amount, a part of its value, or both.</summary>
/// <param name="PerUnit">Account currency, 0 or above.</param>
/// <param name="OfNotional">A fraction of the value (0.01 is 1 %), 0 or above.</param>
public sealed record PaperMargin(decimal PerUnit = 0m, decimal OfNotional = 0m)
{
    /// <param name="pointValue">Account currency per 1.00 of price and unit.</param>
    public decimal Of(decimal price, decimal pointValue) => PerUnit + (OfNotional * Math.Abs(price) * pointValue);
}

/// <summary>Margins in place of the paper exchange's own. Two with the same entries are equal.</summary>
/// <param name="PerRoot">By root: ES, AAPL, BTCUSDT.</param>
public sealed record PaperMargins(ImmutableSortedDictionary<string, PaperMargin> PerRoot)
{
    public ImmutableSortedDictionary<string, PaperMargin> PerRoot { get; init => field = value.WithComparers(StringComparer.Ordinal); } =
        PerRoot.WithComparers(StringComparer.Ordinal);

    public bool Equals(PaperMargins? other) => other is not null && PerRoot.SequenceEqual(other.PerRoot);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var (root, margin) in PerRoot)
        {
            hash.Add(root, StringComparer.Ordinal);
            hash.Add(margin);
        }

        return hash.ToHashCode();
    }
}
