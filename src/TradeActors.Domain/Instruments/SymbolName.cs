using System.Text.RegularExpressions;

namespace TradeActors.Domain.Instruments;

/// <summary>A symbol taken apart by its form alone; whether such an instrument or month exists is not asked here.</summary>
/// <param name="Venue">The asset class of the exchange before the colon; null when none was named.</param>
/// <param name="Base">What is left: a root, a pair in one of its spellings, or something unknown.</param>
/// <param name="IsFuture">The form is one that only futures have.</param>
/// <param name="Nth">1 for the front contract, 2 for the one after it. Meaningless beside a month.</param>
/// <param name="Month">1 to 12, when the form names a month.</param>
/// <param name="YearText">1, 2 or 4 digits beside a month, else empty.</param>
internal sealed partial record SymbolName(AssetClass? Venue, string Base, bool IsFuture, int Nth = 1, int? Month = null, string YearText = "")
{
    /// <summary>Longer texts name nothing.</summary>
    public const int MaxLength = 40;

    public static SymbolName Parse(string text)
    {
        var upper = text.Trim().ToUpperInvariant();
        var (venue, name) = upper.Length <= MaxLength && upper.Split(':') is [var exchange, var rest]
            ? (ClassOf(exchange), rest)
            : ((AssetClass?)null, upper);
        return name switch
        {
            { Length: > MaxLength } => new(venue, "", IsFuture: false),
            _ when Continuous().Match(name) is { Success: true } match =>
                new(venue, match.Groups["root"].Value, IsFuture: true, Nth: match.Groups["nth"].ValueSpan[0] - '0'),
            _ when MonthLetter().Match(name) is { Success: true } match => new(
                venue, match.Groups["root"].Value, IsFuture: true,
                Month: Contract.MonthOf(match.Groups["month"].ValueSpan[0]), YearText: match.Groups["year"].Value),
            _ when MonthNumber().Match(name) is { Success: true } match => new(
                venue, match.Groups["root"].Value, IsFuture: true,
                Month: int.Parse(match.Groups["month"].ValueSpan), YearText: match.Groups["year"].Value),
            _ => new(venue, name, IsFuture: false),
        };
    }

    /// <summary>The instrument of that name whose asset class agrees with the exchange and the form; null when there is none.</summary>
    public Instrument? FindInstrument()
    {
        var instrument = InstrumentCatalog.Find(Base) ?? FindPair();
        return instrument is not null
            && (Venue is null || Venue == instrument.AssetClass)
            && (!IsFuture || instrument.AssetClass == AssetClass.Future)
            ? instrument
            : null;
    }

    private Instrument? FindPair() => Pair().Match(Base) is { Success: true } match
        && InstrumentCatalog.Find(match.Groups["base"].Value + match.Groups["quote"].Value) is { AssetClass: AssetClass.Crypto } pair
        ? pair
        : null;

    // Crypto venues are many and change; an exchange that lists neither futures nor stocks here is taken for one of them.
    private static AssetClass ClassOf(string exchange) => DelayedSuffix().Replace(exchange, "") switch
    {
        "CME" or "CME_MINI" or "CBOT" or "CBOT_MINI" or "NYMEX" or "NYMEX_MINI" or "COMEX" or "COMEX_MINI" or "CFE" or "CBOE" => AssetClass.Future,
        "NASDAQ" or "NYSE" or "AMEX" or "ARCA" or "NYSEARCA" or "BATS" => AssetClass.Stock,
        _ => AssetClass.Crypto,
    };

    [GeneratedRegex("_DLY?$", RegexOptions.CultureInvariant)]
    private static partial Regex DelayedSuffix();

    [GeneratedRegex("^(?<root>[A-Z0-9]+)(?<nth>[12])!$", RegexOptions.CultureInvariant)]
    private static partial Regex Continuous();

    [GeneratedRegex("^(?<root>[A-Z0-9]+)(?<month>[FGHJKMNQUVXZ])(?<year>[0-9]{1,2}|[0-9]{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex MonthLetter();

    [GeneratedRegex("^(?<root>[A-Z0-9]+) +(?<month>0[1-9]|1[0-2])-(?<year>[0-9]{2})$", RegexOptions.CultureInvariant)]
    private static partial Regex MonthNumber();

    [GeneratedRegex(@"^(?<base>[A-Z0-9]+)[/-]?(?<quote>USDT?)(\.P)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pair();
}
