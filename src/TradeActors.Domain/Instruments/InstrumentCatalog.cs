using System.Collections.Frozen;
using System.Collections.Immutable;
using NodaTime;

namespace TradeActors.Domain.Instruments;

/// <summary>Every instrument and contract that the project knows. Immutable and safe for any number of threads.</summary>
public static class InstrumentCatalog
{
    /// <summary>Contract months are listed from January of this year.</summary>
    public const int FirstYear = 2020;

    /// <summary>Contract months are listed to December of this year: one beyond the calendars, so that the last days of 2035 have a front.</summary>
    public const int LastYear = 2036;

    // The dictionaries are looked up only; whatever is enumerated comes from the sorted arrays.
    private static readonly FrozenDictionary<string, Instrument> ByRoot;
    private static readonly FrozenDictionary<string, ImmutableArray<Contract>> ContractsByRoot;
    private static readonly FrozenDictionary<string, Contract> BySymbol;

    static InstrumentCatalog()
    {
        All = [.. InstrumentTable.Rows.OrderBy(instrument => instrument.Root, StringComparer.Ordinal)];
        ByRoot = All.ToFrozenDictionary(instrument => instrument.Root, StringComparer.OrdinalIgnoreCase);
        ContractsByRoot = All.ToFrozenDictionary(instrument => instrument.Root, ListContracts, StringComparer.Ordinal);
        BySymbol = All.SelectMany(instrument => ContractsOf(instrument)).ToFrozenDictionary(contract => contract.Symbol, StringComparer.Ordinal);
    }

    /// <summary>Sorted by root, ordinal.</summary>
    public static ImmutableArray<Instrument> All { get; }

    /// <summary>The instrument of a root, in any case; null when there is none.</summary>
    public static Instrument? Find(string root) => ByRoot.GetValueOrDefault(root);

    /// <summary>The contract of a canonical symbol (ESZ2026, AAPL, BTCUSDT), expired or not; null when there is none.</summary>
    /// <remarks>One look-up in a table made at start: for hot paths.</remarks>
    public static Contract? FindContract(string canonicalSymbol) => BySymbol.GetValueOrDefault(canonicalSymbol);

    /// <summary>All contracts of an instrument, nearest month first; one for a stock or pair.</summary>
    /// <exception cref="ArgumentException">The instrument is not of this catalog.</exception>
    public static ImmutableArray<Contract> ContractsOf(Instrument instrument) => ContractsByRoot.TryGetValue(instrument.Root, out var contracts)
        ? contracts
        : throw new ArgumentException($"'{instrument.Root}' is not in the catalog.", nameof(instrument));

    /// <summary>The contract that the root names at this time: the first whose <see cref="Contract.RollDate"/> is still to come.</summary>
    /// <exception cref="ArgumentException">The instrument is not of this catalog.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="now"/> is past the calendars (2035).</exception>
    public static Contract Front(Instrument instrument, DateTimeOffset now) => FromFront(instrument, now, 1);

    /// <summary>Reads a symbol in any of the documented forms, in any case, with spaces around it.</summary>
    /// <remarks>
    /// Futures: <c>ES</c>, <c>ES1!</c> (front), <c>ES2!</c> (the one after), <c>ESU2026</c>, <c>ESU26</c>, <c>ESU6</c>, <c>ES 09-26</c>. Stocks:
    /// <c>AAPL</c>. Pairs: <c>BTCUSDT</c>, <c>BTC/USDT</c>, <c>BTC-USDT</c>, <c>BTCUSDT.P</c>. Any of them after an exchange and a colon
    /// (<c>CME_MINI:ES1!</c>, also with the suffixes _DL and _DLY of delayed data), which must be one of the asset class: NYSE:ES is not the future.
    /// BTC and ETH alone are the CME futures. A one-digit year is the first such year whose contract expired at most 6 months ago.
    /// </remarks>
    public static Resolution Resolve(string text, DateTimeOffset now)
    {
        var name = SymbolName.Parse(text);
        return name.FindInstrument() switch
        {
            null => Refuse(text),
            { AssetClass: not AssetClass.Future } instrument => Resolution.Of(Front(instrument, now)),
            var instrument when name.Month is { } month => ResolveMonth(instrument, month, name.YearText, now),
            var instrument => Resolution.Of(FromFront(instrument, now, name.Nth), namedByRoot: name.Nth == 1),
        };
    }

    private static Resolution ResolveMonth(Instrument instrument, int month, string yearText, DateTimeOffset now)
    {
        var letter = Contract.LetterOf(month);
        if (!instrument.Months.Contains(letter, StringComparison.Ordinal))
        {
            return Resolution.Refused(
                $"{instrument.Root} has no contract month {letter} ({month:00}). "
                + $"Its months are {string.Join(", ", instrument.Months.AsEnumerable())}.");
        }

        var today = instrument.TradingDate(now);
        var contract = ContractsOf(instrument).FirstOrDefault(c => c.Month is { } m && m.Month == month && IsYear(c, m.Year));
        return contract switch
        {
            null => Resolution.Refused(
                $"{instrument.Root} has no {letter} contract for year '{yearText}' here: {FirstYear} to {LastYear} are known."),
            { LastTradeDate: { } last } when last < today => Resolution.Refused(
                $"Expired: {contract.Symbol} last traded on {last:uuuu-MM-dd}. "
                + $"The front contract is {Front(instrument, now).Symbol}; name it, or just {instrument.Root}."),
            _ => Resolution.Of(contract),
        };

        bool IsYear(Contract candidate, int year) => yearText.Length == 1
            ? year % 10 == yearText[0] - '0' && candidate.LastTradeDate >= today.PlusMonths(-6)
            : year == (yearText.Length == 2 ? 2000 : 0) + int.Parse(yearText);
    }

    private static Resolution Refuse(string text)
    {
        var shown = text.Trim() is { Length: <= SymbolName.MaxLength } trimmed ? trimmed : $"{text.Trim()[..SymbolName.MaxLength]}…";
        return Resolution.Refused(
            $"Unknown symbol '{shown}'. "
            + "Use a futures root (ES, ES1!), a contract (ESZ2026, ESZ6, ES 12-26), a US stock (AAPL) or a crypto pair (BTCUSDT).");
    }

    private static Contract FromFront(Instrument instrument, DateTimeOffset now, int nth)
    {
        var contracts = ContractsOf(instrument);
        if (contracts is [{ RollDate: null } only])
        {
            return only;
        }

        var today = instrument.TradingDate(now);
        var index = nth - 1;
        while (index < contracts.Length && contracts[index - nth + 1].RollDate <= today)
        {
            index++;
        }

        return index < contracts.Length
            ? contracts[index]
            : throw new ArgumentOutOfRangeException(nameof(now), now, $"The calendars end with 2035: no {instrument.Root} contract is known.");
    }

    private static ImmutableArray<Contract> ListContracts(Instrument instrument) => instrument.AssetClass != AssetClass.Future
        ? [Contract.Spot(instrument)]
        :
        [
            .. from year in Enumerable.Range(FirstYear, LastYear - FirstYear + 1)
               from letter in instrument.Months
               select Contract.Future(instrument, new YearMonth(year, Contract.MonthOf(letter))),
        ];
}
