using System.Globalization;
using NodaTime;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Udf;

/// <summary>Contracts as the protocol describes symbols. Source: TradingView's charting library documentation, "Symbology" and "Trading sessions", read 2026-11.</summary>
internal static class UdfSymbols
{
    private const int MostFound = 100;

    // Months offered in a search: the front and those after it.
    private const int MonthsShown = 4;

    // Adapters of the protocol read some names of a symbol as its /symbol_info table writes them.
    private static readonly string[] AlsoWithHyphens =
    [
        "session_regular", "session_holidays", "supported_resolutions", "has_intraday", "has_daily", "has_no_volume", "has_weekly_and_monthly",
        "has_empty_bars", "intraday_multipliers", "volume_precision", "currency_code", "visible_plots_set",
    ];

    public static string TypeOf(Instrument instrument) => instrument.AssetClass switch
    {
        AssetClass.Future => "futures",
        AssetClass.Stock => "stock",
        _ => "crypto",
    };

    /// <summary>The answer to <c>/symbols</c>.</summary>
    public static Dictionary<string, object> Describe(Contract contract, DateTimeOffset now)
    {
        var instrument = contract.Instrument;
        var today = instrument.TradingDate(now);
        var session = SessionOf(instrument.Calendar.UsualHours(today), instrument.Calendar.TradesEveryDay);
        var symbol = new Dictionary<string, object>
        {
            ["name"] = contract.Symbol,
            ["ticker"] = contract.Symbol,
            ["full_name"] = $"{instrument.Exchange}:{contract.Symbol}",
            ["description"] = Description(contract),
            ["type"] = TypeOf(instrument),
            ["exchange"] = instrument.Exchange,
            ["listed_exchange"] = instrument.Exchange,
            ["exchange-traded"] = instrument.Exchange,
            ["exchange-listed"] = instrument.Exchange,
            ["timezone"] = instrument.TimeZone,
            ["session"] = session,
            ["session_regular"] = session,
            ["session_holidays"] = Holidays(instrument.Calendar, today),
            ["corrections"] = Corrections(instrument.Calendar, today),
            ["pointvalue"] = instrument.PointValue,
            ["currency_code"] = instrument.Currency,
            ["has_intraday"] = true,
            ["has_seconds"] = true,
            ["has_daily"] = true,
            ["has_weekly_and_monthly"] = false,
            ["has_empty_bars"] = false,
            ["has_no_volume"] = false,
            ["visible_plots_set"] = "ohlcv",
            ["supported_resolutions"] = CandleResolutions.All.Select(UdfResolutions.NameOf).ToArray(),
            ["seconds_multipliers"] = Multipliers(1, CandleResolution.OneMinute),
            ["intraday_multipliers"] = Multipliers(60, CandleResolution.OneDay),
            ["daily_multipliers"] = (string[])["1"],
            ["volume_precision"] = Scale(instrument.QuantityStep),
            ["data_status"] = "streaming",
            ["format"] = "price",
        };
        AddPriceFormat(symbol, instrument);
        if (contract.LastTradeDate is { } last)
        {
            symbol["expired"] = contract.IsExpired(now);
            symbol["expiration_date"] = Instant.FromUtc(last.Year, last.Month, last.Day, 0, 0).ToUnixTimeSeconds();
        }

        foreach (var name in AlsoWithHyphens)
        {
            symbol[name.Replace('_', '-')] = symbol[name];
        }

        return symbol;
    }

    /// <summary>The answer to <c>/search</c>: what the text names first, then roots that begin with it, then what holds it in its name.</summary>
    public static IReadOnlyList<Dictionary<string, string>> Search(string? query, string? type, string? exchange, int limit, DateTimeOffset now)
    {
        var text = (query ?? "").Trim();
        var named = text.Length > 0 && InstrumentCatalog.Resolve(text, now) is { Contract: { } contract } ? [contract] : Array.Empty<Contract>();
        var found = InstrumentCatalog.All
            .Where(instrument => Holds(instrument.Root) || Holds(instrument.Description))
            .OrderBy(instrument => !instrument.Root.StartsWith(text, StringComparison.OrdinalIgnoreCase))
            .ThenBy(instrument => instrument.Root.Length)
            .SelectMany(instrument => Traded(instrument, now));
        return
        [
            .. named.Concat(found).Distinct()
                .Where(item => IsOrAny(type, TypeOf(item.Instrument)) && IsOrAny(exchange, item.Instrument.Exchange))
                .Take(Math.Clamp(limit, 0, MostFound))
                .Select(Item),
        ];

        bool Holds(string name) => name.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<Contract> Traded(Instrument instrument, DateTimeOffset now) => InstrumentCatalog.ContractsOf(instrument)
        .SkipWhile(contract => contract.RollDate <= instrument.TradingDate(now))
        .Take(MonthsShown);

    private static bool IsOrAny(string? wanted, string value) => string.IsNullOrEmpty(wanted) || string.Equals(wanted, value, StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, string> Item(Contract contract) => new()
    {
        ["symbol"] = contract.Symbol,
        ["full_name"] = $"{contract.Instrument.Exchange}:{contract.Symbol}",
        ["description"] = Description(contract),
        ["exchange"] = contract.Instrument.Exchange,
        ["ticker"] = contract.Symbol,
        ["type"] = TypeOf(contract.Instrument),
    };

    private static string Description(Contract contract) => contract.Month is { } month
        ? $"{contract.Instrument.Description}, {month.ToString("MMM uuuu", CultureInfo.InvariantCulture)}"
        : contract.Instrument.Description;

    private static string[] Multipliers(int unit, CandleResolution below) =>
    [
        .. CandleResolutions.All
            .Where(resolution => (int)resolution >= unit && resolution < below)
            .Select(resolution => ((int)resolution / unit).ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Opening and closing of each session in the exchange's time; one that closes before it opens has opened on the day before.</summary>
    internal static string SessionOf(IEnumerable<SessionSegment> hours, bool tradesEveryDay) => tradesEveryDay ? "24x7"
        : string.Join(',', hours.Select(segment => $"{segment.Opens.ToString("HHmm", CultureInfo.InvariantCulture)}-{segment.Closes.ToString("HHmm", CultureInfo.InvariantCulture)}"));

    /// <summary>Weekdays without any session, a year back and ahead: yyyymmdd,yyyymmdd.</summary>
    private static string Holidays(TradingCalendar calendar, LocalDate today) => string.Join(
        ',', Weekdays(calendar, today).Where(day => calendar.SegmentsOn(day).IsEmpty).Select(Compact));

    /// <summary>Trading dates with other hours than usual: sessions:yyyymmdd;sessions:yyyymmdd.</summary>
    private static string Corrections(TradingCalendar calendar, LocalDate today) => string.Join(
        ';',
        Weekdays(calendar, today)
            .Where(day => calendar.IsTradingDate(day) && !calendar.SegmentsOn(day).SequenceEqual(calendar.UsualHours(today)))
            .Select(day => $"{SessionOf(calendar.SegmentsOn(day), tradesEveryDay: false)}:{Compact(day)}"));

    private static IEnumerable<LocalDate> Weekdays(TradingCalendar calendar, LocalDate today) => calendar.TradesEveryDay ? []
        : Enumerable.Range(-366, 2 * 366).Select(days => today.PlusDays(days)).Where(day => day.DayOfWeek < IsoDayOfWeek.Saturday);

    private static string Compact(LocalDate day) => day.ToString("uuuuMMdd", CultureInfo.InvariantCulture);

    /// <summary>
    /// The tick is minmov / pricescale. Treasuries are shown in 32nds and their parts: minmove2 says how many ticks a 32nd has, when more than one.
    /// </summary>
    private static void AddPriceFormat(Dictionary<string, object> symbol, Instrument instrument)
    {
        var isFractional = instrument.RollClass is RollClass.Treasury or RollClass.ShortTreasury;
        var scale = isFractional ? (int)(1m / instrument.TickSize) : (int)Math.Pow(10, Scale(instrument.TickSize));
        symbol["pricescale"] = scale;
        symbol["minmov"] = symbol["minmovement"] = (int)(instrument.TickSize * scale);
        symbol["minmove2"] = symbol["minmovement2"] = isFractional && scale > 32 ? scale / 32 : 0;
        symbol["fractional"] = isFractional;
    }

    /// <summary>Decimal places, without zeros at the end.</summary>
    private static int Scale(decimal value)
    {
        var places = 0;
        for (; value != decimal.Truncate(value); value *= 10m)
        {
            places++;
        }

        return places;
    }
}
