using NodaTime.Text;
using TradeActors.Domain.Instruments;
using Xunit;

namespace TradeActors.Domain.Tests.Instruments;

public sealed class InstrumentCatalogTests
{
    public static TheoryData<string, string, double, double, double, string> Specifications => new()
    {
        { "ES", "CME", 0.25, 12.50, 50, "HMUZ" },
        { "MES", "CME", 0.25, 1.25, 5, "HMUZ" },
        { "NQ", "CME", 0.25, 5, 20, "HMUZ" },
        { "MNQ", "CME", 0.25, 0.50, 2, "HMUZ" },
        { "RTY", "CME", 0.10, 5, 50, "HMUZ" },
        { "M2K", "CME", 0.10, 0.50, 5, "HMUZ" },
        { "YM", "CBOT", 1, 5, 5, "HMUZ" },
        { "MYM", "CBOT", 1, 0.50, 0.5, "HMUZ" },
        { "NKD", "CME", 5, 25, 5, "HMUZ" },
        { "CL", "NYMEX", 0.01, 10, 1_000, "FGHJKMNQUVXZ" },
        { "MCL", "NYMEX", 0.01, 1, 100, "FGHJKMNQUVXZ" },
        { "NG", "NYMEX", 0.001, 10, 10_000, "FGHJKMNQUVXZ" },
        { "HO", "NYMEX", 0.0001, 4.20, 42_000, "FGHJKMNQUVXZ" },
        { "RB", "NYMEX", 0.0001, 4.20, 42_000, "FGHJKMNQUVXZ" },
        { "GC", "COMEX", 0.10, 10, 100, "GJMQZ" },
        { "MGC", "COMEX", 0.10, 1, 10, "GJMQZ" },
        { "SI", "COMEX", 0.005, 25, 5_000, "HKNUZ" },
        { "SIL", "COMEX", 0.005, 5, 1_000, "HKNUZ" },
        { "HG", "COMEX", 0.0005, 12.50, 25_000, "HKNUZ" },
        { "PL", "NYMEX", 0.1, 5, 50, "FJNV" },
        { "ZB", "CBOT", 0.03125, 31.25, 1_000, "HMUZ" },
        { "UB", "CBOT", 0.03125, 31.25, 1_000, "HMUZ" },
        { "ZN", "CBOT", 0.015625, 15.625, 1_000, "HMUZ" },
        { "TN", "CBOT", 0.015625, 15.625, 1_000, "HMUZ" },
        { "ZF", "CBOT", 0.0078125, 7.8125, 1_000, "HMUZ" },
        { "ZT", "CBOT", 0.00390625, 7.8125, 2_000, "HMUZ" },
        { "6E", "CME", 0.00005, 6.25, 125_000, "HMUZ" },
        { "M6E", "CME", 0.0001, 1.25, 12_500, "HMUZ" },
        { "6J", "CME", 0.0000005, 6.25, 12_500_000, "HMUZ" },
        { "6B", "CME", 0.0001, 6.25, 62_500, "HMUZ" },
        { "6A", "CME", 0.00005, 5, 100_000, "HMUZ" },
        { "6C", "CME", 0.00005, 5, 100_000, "HMUZ" },
        { "6S", "CME", 0.00005, 6.25, 125_000, "HMUZ" },
        { "6M", "CME", 0.00001, 5, 500_000, "HMUZ" },
        { "BTC", "CME", 5, 25, 5, "FGHJKMNQUVXZ" },
        { "MBT", "CME", 5, 0.50, 0.1, "FGHJKMNQUVXZ" },
        { "ETH", "CME", 0.50, 25, 50, "FGHJKMNQUVXZ" },
        { "MET", "CME", 0.50, 0.05, 0.1, "FGHJKMNQUVXZ" },
        { "VX", "CFE", 0.05, 50, 1_000, "FGHJKMNQUVXZ" },
        { "ZC", "CBOT", 0.25, 12.50, 50, "HKNUZ" },
        { "ZW", "CBOT", 0.25, 12.50, 50, "HKNUZ" },
        { "ZS", "CBOT", 0.25, 12.50, 50, "FHKNQUX" },
        { "ZL", "CBOT", 0.01, 6, 600, "FHKNQUVZ" },
        { "ZM", "CBOT", 0.1, 10, 100, "FHKNQUVZ" },
        { "LE", "CME", 0.025, 10, 400, "GJMQVZ" },
        { "HE", "CME", 0.025, 10, 400, "GJKMNQVZ" },
        { "GF", "CME", 0.025, 12.50, 500, "FHJKQUVX" },
    };

    [Theory]
    [MemberData(nameof(Specifications))]
    public void Future_has_the_numbers_of_the_specification(string root, string exchange, double tick, double tickValue, double point, string months)
    {
        var future = InstrumentCatalog.Find(root);
        Assert.NotNull(future);
        Assert.Equal((exchange, (decimal)tick), (future.Exchange, future.TickSize));
        Assert.Equal(((decimal)tickValue, (decimal)point), (future.TickValue, future.PointValue));
        Assert.Equal((AssetClass.Future, "USD", 1m, months), (future.AssetClass, future.Currency, future.QuantityStep, future.Months));
        Assert.Equal("America/Chicago", future.TimeZone);
    }

    [Fact]
    public void Specification_covers_every_future_of_the_catalog() => Assert.Equal(
        Specifications.Select(row => ((object[])row)[0]).Cast<string>().Order(StringComparer.Ordinal),
        InstrumentCatalog.All.Where(instrument => instrument.AssetClass == AssetClass.Future).Select(instrument => instrument.Root));

    [Fact]
    public void All_is_sorted_by_root_and_complete()
    {
        Assert.Equal(InstrumentCatalog.All.Select(i => i.Root).Order(StringComparer.Ordinal), InstrumentCatalog.All.Select(i => i.Root));
        Assert.All(InstrumentCatalog.All, i => Assert.True(i is { TickSize: > 0m, PointValue: > 0m, QuantityStep: > 0m } && i.Description.Length > 0));
        Assert.All(InstrumentCatalog.All, i => Assert.Same(i, InstrumentCatalog.Find(i.Root)));
        Assert.True(InstrumentCatalog.All.Count(i => i.AssetClass == AssetClass.Stock) >= 30);
        Assert.True(InstrumentCatalog.All.Count(i => i.AssetClass == AssetClass.Crypto) >= 12);
    }

    [Fact]
    public void Contracts_follow_one_another_and_none_is_front_after_its_last_trade_date() => Assert.All(
        InstrumentCatalog.All.Where(i => i.AssetClass == AssetClass.Future),
        instrument =>
        {
            var contracts = InstrumentCatalog.ContractsOf(instrument);
            Assert.All(contracts, c => Assert.True(c.RollDate <= c.LastTradeDate, c.Symbol));
            Assert.All(contracts, c => Assert.True(instrument.Calendar.IsTradingDate(c.RollDate!.Value), c.Symbol));
            Assert.All(contracts, c => Assert.True(instrument.Calendar.IsTradingDate(c.LastTradeDate!.Value), c.Symbol));
            Assert.All(contracts.Zip(contracts.Skip(1)), pair => Assert.True(pair.First.RollDate < pair.Second.RollDate, pair.First.Symbol));
        });

    [Theory]
    // A: third Friday. In June 2026 that is Juneteenth, a holiday: the exchange ends trading on the business day before, Thursday.
    [InlineData("ESH2026", "2026-03-20", "2026-03-16")]
    [InlineData("ESM2026", "2026-06-18", "2026-06-15")]
    [InlineData("ESU2026", "2026-09-18", "2026-09-14")]
    [InlineData("MESZ2026", "2026-12-18", "2026-12-14")]
    [InlineData("NKDZ2024", "2024-12-12", "2024-12-09")]
    [InlineData("NKDU2026", "2026-09-10", "2026-09-08")] // Monday is Labor Day.
    // B: the 25th of November 2026 is a Wednesday; of July 2026 a Saturday; of December 2024 Christmas.
    [InlineData("CLZ2026", "2026-11-20", "2026-11-20")]
    [InlineData("MCLZ2026", "2026-11-19", "2026-11-19")]
    [InlineData("CLQ2026", "2026-07-21", "2026-07-21")]
    [InlineData("CLF2025", "2024-12-19", "2024-12-19")]
    [InlineData("CLK2020", "2020-04-21", "2020-04-21")]
    // C and D, around Thanksgiving.
    [InlineData("NGZ2024", "2024-11-26", "2024-11-26")]
    [InlineData("HOZ2024", "2024-11-29", "2024-11-29")]
    [InlineData("RBF2026", "2025-12-31", "2025-12-31")]
    // E: first notice of December gold is the last business day of November.
    [InlineData("GCZ2024", "2024-12-27", "2024-11-29")]
    [InlineData("MGCG2026", "2026-02-25", "2026-01-30")]
    [InlineData("SIH2025", "2025-03-27", "2025-02-28")]
    // F and F2.
    [InlineData("ZNZ2024", "2024-12-19", "2024-11-29")]
    [InlineData("UBH2025", "2025-03-20", "2025-02-28")]
    [InlineData("ZTZ2024", "2024-12-31", "2024-11-29")]
    [InlineData("ZFH2025", "2025-03-31", "2025-02-28")]
    // G: the third Wednesday of June 2024 was Juneteenth. The Canadian dollar trades a day longer.
    [InlineData("6EH2025", "2025-03-17", "2025-03-17")]
    [InlineData("6EM2024", "2024-06-17", "2024-06-17")]
    [InlineData("6CM2024", "2024-06-18", "2024-06-18")]
    [InlineData("6CH2025", "2025-03-18", "2025-03-18")]
    // H: the last Friday of March 2024 was Good Friday, of December 2025 Boxing Day in London, of December 2026 Christmas.
    [InlineData("BTCF2025", "2025-01-31", "2025-01-31")]
    [InlineData("MBTH2024", "2024-03-28", "2024-03-28")]
    [InlineData("ETHZ2025", "2025-12-24", "2025-12-24")]
    [InlineData("BTCZ2026", "2026-12-24", "2026-12-24")]
    // VX: the Friday a month later may be a holiday (April 2025, June 2026), or the day found itself (June 2024).
    [InlineData("VXF2025", "2025-01-22", "2025-01-22")]
    [InlineData("VXH2025", "2025-03-18", "2025-03-18")]
    [InlineData("VXM2024", "2024-06-18", "2024-06-18")]
    [InlineData("VXK2026", "2026-05-19", "2026-05-19")]
    // Grains and livestock.
    [InlineData("ZCZ2024", "2024-12-13", "2024-11-29")]
    [InlineData("ZSX2025", "2025-11-14", "2025-10-31")]
    [InlineData("LEZ2024", "2024-12-31", "2024-12-02")]
    [InlineData("HEZ2024", "2024-12-13", "2024-12-13")]
    [InlineData("GFX2023", "2023-11-16", "2023-11-16")]
    [InlineData("GFK2024", "2024-05-23", "2024-05-23")]
    public void Contract_has_the_dates_of_its_roll_class(string symbol, string lastTradeDate, string rollDate)
    {
        var contract = InstrumentCatalog.FindContract(symbol);
        Assert.NotNull(contract);
        Assert.Equal(
            (lastTradeDate, rollDate),
            (LocalDatePattern.Iso.Format(contract.LastTradeDate!.Value), LocalDatePattern.Iso.Format(contract.RollDate!.Value)));
    }

    [Fact]
    public void Front_contract_rolls_on_the_monday_before_expiry()
    {
        // Monday's trading date begins when Friday's is over: an order sent at the weekend waits for Sunday evening.
        Assert.Equal("ESU2026", FrontOf("ES", "2026-09-11T16:59:59-05:00"));
        Assert.Equal("ESZ2026", FrontOf("ES", "2026-09-12T12:00:00-05:00"));
        Assert.Equal("ESZ2026", FrontOf("ES", "2026-09-14T08:30:00-05:00"));
    }

    [Theory]
    [InlineData("CL", "2026-11-19T10:00:00-06:00", "CLZ2026")]
    [InlineData("CL", "2026-11-19T17:00:00-06:00", "CLF2027")] // The evening before the last trade date.
    [InlineData("GC", "2026-07-30T10:00:00-05:00", "GCQ2026")]
    [InlineData("GC", "2026-07-31T10:00:00-05:00", "GCZ2026")] // October is skipped.
    [InlineData("ZN", "2026-05-28T10:00:00-05:00", "ZNM2026")]
    [InlineData("ZN", "2026-05-29T10:00:00-05:00", "ZNU2026")]
    [InlineData("VX", "2026-05-18T10:00:00-05:00", "VXK2026")]
    [InlineData("VX", "2026-05-19T10:00:00-05:00", "VXM2026")]
    [InlineData("ES", "2035-12-31T10:00:00-06:00", "ESH2036")]
    [InlineData("VX", "2035-12-31T10:00:00-06:00", "VXF2036")]
    [InlineData("AAPL", "2026-05-19T10:00:00-05:00", "AAPL")]
    [InlineData("BTCUSDT", "2050-01-01T00:00:00Z", "BTCUSDT")]
    public void Front_contract_is_the_first_that_has_not_rolled(string root, string now, string expected) => Assert.Equal(expected, FrontOf(root, now));

    [Fact]
    public void Front_contract_beyond_the_calendars_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FrontOf("ES", "2037-01-01T00:00:00Z"));

    [Fact]
    public void Contract_is_found_by_its_canonical_name_only()
    {
        Assert.Equal("ES", InstrumentCatalog.FindContract("ESZ2026")?.Instrument.Root);
        Assert.Equal("AAPL", InstrumentCatalog.FindContract("AAPL")?.Instrument.Root);
        Assert.Null(InstrumentCatalog.FindContract("ES"));
        Assert.Null(InstrumentCatalog.FindContract("ESZ6"));
        Assert.Null(InstrumentCatalog.FindContract("ESX2026"));
    }

    private static string FrontOf(string root, string now) =>
        InstrumentCatalog.Front(InstrumentCatalog.Find(root)!, DateTimeOffset.Parse(now)).Symbol;
}
