using TradeActors.Domain.Instruments;
using Xunit;

namespace TradeActors.Domain.Tests.Instruments;

public sealed class SymbolResolutionTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 3, 15, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("ES", "ESU2026")]
    [InlineData(" es ", "ESU2026")]
    [InlineData("ES1!", "ESU2026")]
    [InlineData("CME:ES1!", "ESU2026")]
    [InlineData("CME_MINI:ES1!", "ESU2026")]
    [InlineData("cme_mini:es1!", "ESU2026")]
    [InlineData("CME_MINI_DL:ES1!", "ESU2026")]
    [InlineData("CME_MINI_DLY:ES1!", "ESU2026")]
    [InlineData("CME:ES", "ESU2026")]
    [InlineData("CBOT_MINI:MYM1!", "MYMU2026")]
    [InlineData("M2K1!", "M2KU2026")]
    [InlineData("M2K", "M2KU2026")]
    [InlineData("6E", "6EU2026")]
    [InlineData("BTC", "BTCQ2026")]
    [InlineData("eth", "ETHQ2026")]
    public void Root_and_continuous_forms_name_the_front_contract(string text, string expected) => AssertResolves(text, expected, namedByRoot: true);

    [Theory]
    [InlineData("ESU2026", "ESU2026")]
    [InlineData("ESU26", "ESU2026")]
    [InlineData("ESU6", "ESU2026")]
    [InlineData("esz6", "ESZ2026")]
    [InlineData("ES 09-26", "ESU2026")]
    [InlineData("MNQ 12-26", "MNQZ2026")]
    [InlineData("CME:ESU2026", "ESU2026")]
    [InlineData("CME_MINI_DL:ESU2026", "ESU2026")]
    [InlineData("M2KZ6", "M2KZ2026")]
    [InlineData("6EZ6", "6EZ2026")]
    [InlineData("ESH7", "ESH2027")]
    [InlineData("CLF9", "CLF2029")]
    [InlineData("ESH5", "ESH2035")] // ESH2025 expired long ago.
    [InlineData("ES2!", "ESZ2026")]
    [InlineData("NYMEX:CL2!", "CLV2026")]
    [InlineData("GC2!", "GCG2027")]
    public void Month_forms_name_that_contract(string text, string expected) => AssertResolves(text, expected, namedByRoot: false);

    [Theory]
    [InlineData("AAPL", "AAPL")]
    [InlineData("aapl", "AAPL")]
    [InlineData("NASDAQ:AAPL", "AAPL")]
    [InlineData("AMEX:SPY", "SPY")]
    [InlineData("BATS_DLY:SPY", "SPY")]
    [InlineData("BTCUSDT", "BTCUSDT")]
    [InlineData("BINANCE:BTCUSDT", "BTCUSDT")]
    [InlineData("BTC/USDT", "BTCUSDT")]
    [InlineData("BTC-USDT", "BTCUSDT")]
    [InlineData("BTCUSDT.P", "BTCUSDT")]
    [InlineData("BYBIT:BTCUSDT.P", "BTCUSDT")]
    [InlineData("COINBASE:BTC-USD", "BTCUSD")]
    [InlineData("eth/usd", "ETHUSD")]
    public void Stocks_and_pairs_are_named_by_their_symbol(string text, string expected) => AssertResolves(text, expected, namedByRoot: false);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("XYZ")]
    [InlineData("@ES")]
    [InlineData("ES3!")]
    [InlineData("ES!")]
    [InlineData("ESU202")]
    [InlineData("ES 13-26")]
    [InlineData("ES 09-2026")]
    [InlineData("ESA6")]
    [InlineData("CME:")]
    [InlineData(":ES")]
    [InlineData("CME:ES:1")]
    [InlineData("NYSE:ES")] // A stock of that name; never the future.
    [InlineData("CME:AAPL")]
    [InlineData("BINANCE:BTC")]
    [InlineData("AAPL1!")]
    [InlineData("AAPLU6")]
    [InlineData("BTC//USDT")]
    [InlineData("BTC-USDT-PERP")]
    [InlineData("AAPL.P")]
    [InlineData("ＥＳ")] // Full-width letters.
    [InlineData("{{ticker}}")]
    public void Unknown_symbol_is_refused_with_the_forms_that_work(string text)
    {
        var resolution = InstrumentCatalog.Resolve(text, Now);
        Assert.False(resolution.Succeeded);
        Assert.Null(resolution.Contract);
        Assert.StartsWith($"Unknown symbol '{text.Trim()}'. Use a futures root (ES", resolution.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_text_is_refused_and_shown_cut()
    {
        var error = InstrumentCatalog.Resolve(new string('E', 65_536), Now).Error;
        Assert.NotNull(error);
        Assert.True(error.Length < 250);
    }

    [Fact]
    public void Month_that_is_not_listed_is_refused_with_those_that_are() => Assert.Equal(
        "ES has no contract month X (11). Its months are H, M, U, Z.", InstrumentCatalog.Resolve("ES 11-26", Now).Error);

    [Fact]
    public void Year_out_of_range_is_refused() => Assert.Equal(
        "ES has no Z contract for year '2099' here: 2020 to 2036 are known.", InstrumentCatalog.Resolve("ESZ2099", Now).Error);

    [Theory]
    [InlineData("ESM2026", "ESM2026 last traded on 2026-06-18")]
    [InlineData("ESM6", "ESM2026 last traded on 2026-06-18")]
    [InlineData("ES 06-26", "ESM2026 last traded on 2026-06-18")]
    [InlineData("ESH2021", "ESH2021 last traded on 2021-03-19")]
    public void Expired_contract_is_refused_and_the_front_is_named(string text, string expected)
    {
        var resolution = InstrumentCatalog.Resolve(text, Now);
        Assert.Null(resolution.Contract);
        Assert.Equal($"Expired: {expected}. The front contract is ESU2026; name it, or just ES.", resolution.Error);
    }

    [Fact]
    public void One_digit_year_means_the_contract_of_this_decade_until_six_months_after_expiry()
    {
        Assert.Equal("ESU2026", ResolveAtNoon(2026, 9, 18).Contract?.Symbol);
        Assert.StartsWith("Expired: ESU2026", ResolveAtNoon(2026, 11, 2).Error, StringComparison.Ordinal);
        Assert.StartsWith("Expired: ESU2026", ResolveAtNoon(2027, 3, 18).Error, StringComparison.Ordinal);
        Assert.Equal("ESU2036", ResolveAtNoon(2027, 3, 19).Contract?.Symbol);

        static Resolution ResolveAtNoon(int year, int month, int day) =>
            InstrumentCatalog.Resolve("ESU6", new(year, month, day, 12, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Contract_can_be_named_through_its_last_trade_date_though_the_front_has_rolled()
    {
        var lastDay = new DateTimeOffset(2026, 9, 18, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal("ESU2026", InstrumentCatalog.Resolve("ESU2026", lastDay).Contract?.Symbol);
        Assert.Equal("ESZ2026", InstrumentCatalog.Resolve("ES", lastDay).Contract?.Symbol);
        Assert.False(InstrumentCatalog.FindContract("ESU2026")!.IsExpired(lastDay));
        Assert.True(InstrumentCatalog.FindContract("ESU2026")!.IsExpired(lastDay.AddDays(3)));
    }

    [Fact]
    public void Every_canonical_name_resolves_to_itself_while_it_trades() => Assert.All(
        InstrumentCatalog.All.Select(instrument => InstrumentCatalog.Front(instrument, Now)),
        contract => Assert.Same(contract, InstrumentCatalog.Resolve(contract.Symbol, Now).Contract));

    private static void AssertResolves(string text, string expected, bool namedByRoot)
    {
        var resolution = InstrumentCatalog.Resolve(text, Now);
        Assert.Equal((expected, namedByRoot, null), (resolution.Contract?.Symbol, resolution.NamedByRoot, resolution.Error));
        Assert.True(resolution.Succeeded);
    }
}
