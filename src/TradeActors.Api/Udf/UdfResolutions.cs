using System.Globalization;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Udf;

/// <summary>Resolutions as the protocol writes them: 1S, 1 (minute), 60, 1D.</summary>
internal static class UdfResolutions
{
    public static string NameOf(CandleResolution resolution) => resolution switch
    {
        CandleResolution.OneDay => "1D",
        _ when resolution.IsBelowMinute => string.Create(CultureInfo.InvariantCulture, $"{(int)resolution}S"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)resolution / 60}"),
    };

    /// <summary>Also S for 1S and D for 1D, in any case.</summary>
    public static CandleResolution? Parse(string? text)
    {
        var name = text?.ToUpperInvariant() is "S" or "D" ? $"1{text}" : text;
        return CandleResolutions.All
            .Where(resolution => string.Equals(NameOf(resolution), name, StringComparison.OrdinalIgnoreCase))
            .Select(resolution => (CandleResolution?)resolution)
            .FirstOrDefault();
    }
}
