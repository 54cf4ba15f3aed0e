using NodaTime;

namespace TradeActors.Domain.Instruments;

/// <summary>What an order names: one month of a future, or the stock or pair itself.</summary>
/// <param name="Symbol">The canonical name, upper case: ESZ2026, AAPL, BTCUSDT. Unique in the catalog.</param>
/// <param name="Month">Year and month of delivery; null unless a future, like the dates.</param>
/// <param name="LastTradeDate">The last trading date; trading stops some time during it.</param>
/// <param name="RollDate">The first trading date on which it is no longer the front contract; not after <paramref name="LastTradeDate"/>.</param>
public sealed record Contract(
    string Symbol, Instrument Instrument, YearMonth? Month = null, LocalDate? LastTradeDate = null, LocalDate? RollDate = null)
{
    private const string MonthLetters = "FGHJKMNQUVXZ";

    /// <summary>Its last trading date is over. Stocks and pairs never expire.</summary>
    public bool IsExpired(DateTimeOffset now) => LastTradeDate is { } last && last < Instrument.TradingDate(now);

    internal static int MonthOf(char letter) => MonthLetters.IndexOf(letter, StringComparison.Ordinal) + 1;

    internal static char LetterOf(int month) => MonthLetters[month - 1];

    internal static Contract Spot(Instrument instrument) => new(instrument.Root, instrument);

    internal static Contract Future(Instrument instrument, YearMonth month) => new(
        $"{instrument.Root}{LetterOf(month.Month)}{month.Year}",
        instrument,
        month,
        RollRules.LastTradeDate(instrument.RollClass, month),
        RollRules.RollDate(instrument.RollClass, month));
}
