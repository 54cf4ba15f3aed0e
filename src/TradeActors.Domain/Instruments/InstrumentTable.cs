using static TradeActors.Domain.Instruments.AssetClass;
using static TradeActors.Domain.Instruments.RollClass;

namespace TradeActors.Domain.Instruments;

/// <summary>The rows behind <see cref="InstrumentCatalog"/>.</summary>
/// <remarks>
/// Futures: the project's futures specification; "(g)" marks what is general knowledge there. All of stocks and crypto is.
/// </remarks>
internal static class InstrumentTable
{
    private const string Quarterly = "HMUZ";
    private const string Monthly = "FGHJKMNQUVXZ";

    public static IEnumerable<Instrument> Rows => [.. IndexFutures, .. Commodities, .. RatesAndCurrencies, .. Agricultural, .. Stocks, .. Pairs];

    private static Instrument[] IndexFutures =>
    [
        Index("ES", "E-mini S&P 500", "CME", 0.25m, 50m),
        Index("MES", "Micro E-mini S&P 500", "CME", 0.25m, 5m),
        Index("NQ", "E-mini Nasdaq-100", "CME", 0.25m, 20m),
        Index("MNQ", "Micro E-mini Nasdaq-100", "CME", 0.25m, 2m),
        Index("RTY", "E-mini Russell 2000", "CME", 0.10m, 50m),
        Index("M2K", "Micro E-mini Russell 2000", "CME", 0.10m, 5m),
        Index("YM", "E-mini Dow", "CBOT", 1m, 5m),
        Index("MYM", "Micro E-mini Dow", "CBOT", 1m, 0.5m),
        Index("NKD", "Nikkei 225 (USD)", "CME", 5m, 5m) with { RollClass = Nikkei },
        Globex("VX", "Cboe Volatility Index", "CFE", 0.05m, 1_000m, Monthly, Volatility), // Hours as on Globex (g).
        Globex("BTC", "Bitcoin", "CME", 5m, 5m, Monthly, RollClass.Crypto),
        Globex("MBT", "Micro Bitcoin", "CME", 5m, 0.1m, Monthly, RollClass.Crypto),
        Globex("ETH", "Ether", "CME", 0.50m, 50m, Monthly, RollClass.Crypto),
        Globex("MET", "Micro Ether", "CME", 0.50m, 0.1m, Monthly, RollClass.Crypto),
    ];

    private static Instrument[] Commodities =>
    [
        Globex("CL", "Crude Oil WTI", "NYMEX", 0.01m, 1_000m, Monthly, CrudeOil),
        Globex("MCL", "Micro Crude Oil WTI", "NYMEX", 0.01m, 100m, Monthly, MicroCrudeOil),
        Globex("NG", "Henry Hub Natural Gas", "NYMEX", 0.001m, 10_000m, Monthly, NaturalGas),
        Globex("HO", "NY Harbor ULSD", "NYMEX", 0.0001m, 42_000m, Monthly, RefinedProduct),
        Globex("RB", "RBOB Gasoline", "NYMEX", 0.0001m, 42_000m, Monthly, RefinedProduct),
        Globex("GC", "Gold", "COMEX", 0.10m, 100m, "GJMQZ", Metal),
        Globex("MGC", "Micro Gold", "COMEX", 0.10m, 10m, "GJMQZ", Metal),
        Globex("SI", "Silver", "COMEX", 0.005m, 5_000m, "HKNUZ", Metal),
        Globex("SIL", "Micro Silver", "COMEX", 0.005m, 1_000m, "HKNUZ", Metal),
        Globex("HG", "Copper", "COMEX", 0.0005m, 25_000m, "HKNUZ", Metal),
        Globex("PL", "Platinum", "NYMEX", 0.1m, 50m, "FJNV", Metal), // Months (g).
    ];

    private static Instrument[] RatesAndCurrencies =>
    [
        Globex("ZB", "US Treasury Bond", "CBOT", 1m / 32, 1_000m, Quarterly, Treasury),
        Globex("UB", "Ultra US Treasury Bond", "CBOT", 1m / 32, 1_000m, Quarterly, Treasury),
        Globex("ZN", "10-Year US Treasury Note", "CBOT", 1m / 64, 1_000m, Quarterly, Treasury),
        Globex("TN", "Ultra 10-Year US Treasury Note", "CBOT", 1m / 64, 1_000m, Quarterly, Treasury),
        Globex("ZF", "5-Year US Treasury Note", "CBOT", 1m / 128, 1_000m, Quarterly, ShortTreasury),
        Globex("ZT", "2-Year US Treasury Note", "CBOT", 1m / 256, 2_000m, Quarterly, ShortTreasury),
        Globex("6E", "Euro FX", "CME", 0.00005m, 125_000m, Quarterly, Currency),
        Globex("M6E", "Micro EUR/USD", "CME", 0.0001m, 12_500m, Quarterly, Currency),
        Globex("6J", "Japanese Yen", "CME", 0.0000005m, 12_500_000m, Quarterly, Currency),
        Globex("6B", "British Pound", "CME", 0.0001m, 62_500m, Quarterly, Currency),
        Globex("6A", "Australian Dollar", "CME", 0.00005m, 100_000m, Quarterly, Currency),
        Globex("6C", "Canadian Dollar", "CME", 0.00005m, 100_000m, Quarterly, CanadianDollar),
        Globex("6S", "Swiss Franc", "CME", 0.00005m, 125_000m, Quarterly, Currency),
        Globex("6M", "Mexican Peso", "CME", 0.00001m, 500_000m, Quarterly, Currency), // Months (g).
    ];

    // Months of ZS, ZL, ZM and livestock: (g). Cents per bushel or pound, except ZM: dollars per short ton.
    private static Instrument[] Agricultural =>
    [
        Future("ZC", "Corn", "CBOT", 0.25m, 50m, TradingCalendar.Grains, "HKNUZ", Grain),
        Future("ZW", "Chicago SRW Wheat", "CBOT", 0.25m, 50m, TradingCalendar.Grains, "HKNUZ", Grain),
        Future("ZS", "Soybeans", "CBOT", 0.25m, 50m, TradingCalendar.Grains, "FHKNQUX", Grain),
        Future("ZL", "Soybean Oil", "CBOT", 0.01m, 600m, TradingCalendar.Grains, "FHKNQUVZ", Grain),
        Future("ZM", "Soybean Meal", "CBOT", 0.1m, 100m, TradingCalendar.Grains, "FHKNQUVZ", Grain),
        Future("LE", "Live Cattle", "CME", 0.025m, 400m, TradingCalendar.Livestock, "GJMQVZ", LiveCattle),
        Future("HE", "Lean Hogs", "CME", 0.025m, 400m, TradingCalendar.Livestock, "GJKMNQVZ", LeanHogs),
        Future("GF", "Feeder Cattle", "CME", 0.025m, 500m, TradingCalendar.Livestock, "FHJKQUVX", FeederCattle),
    ];

    private static Instrument[] Stocks =>
    [
        Share("AAPL", "Apple", "NASDAQ"),
        Share("ADBE", "Adobe", "NASDAQ"),
        Share("AMD", "Advanced Micro Devices", "NASDAQ"),
        Share("AMZN", "Amazon", "NASDAQ"),
        Share("AVGO", "Broadcom", "NASDAQ"),
        Share("COIN", "Coinbase", "NASDAQ"),
        Share("COST", "Costco", "NASDAQ"),
        Share("CSCO", "Cisco", "NASDAQ"),
        Share("GOOG", "Alphabet, class C", "NASDAQ"),
        Share("GOOGL", "Alphabet, class A", "NASDAQ"),
        Share("INTC", "Intel", "NASDAQ"),
        Share("META", "Meta Platforms", "NASDAQ"),
        Share("MSFT", "Microsoft", "NASDAQ"),
        Share("MSTR", "Strategy", "NASDAQ"),
        Share("MU", "Micron", "NASDAQ"),
        Share("NFLX", "Netflix", "NASDAQ"),
        Share("NVDA", "NVIDIA", "NASDAQ"),
        Share("PLTR", "Palantir", "NASDAQ"),
        Share("TSLA", "Tesla", "NASDAQ"),
        Share("BA", "Boeing", "NYSE"),
        Share("BAC", "Bank of America", "NYSE"),
        Share("DIS", "Walt Disney", "NYSE"),
        Share("JPM", "JPMorgan Chase", "NYSE"),
        Share("KO", "Coca-Cola", "NYSE"),
        Share("UNH", "UnitedHealth", "NYSE"),
        Share("V", "Visa", "NYSE"),
        Share("XOM", "Exxon Mobil", "NYSE"),
        Share("DIA", "SPDR Dow Jones Industrial Average ETF", "ARCA"),
        Share("GLD", "SPDR Gold Shares", "ARCA"),
        Share("IWM", "iShares Russell 2000 ETF", "ARCA"),
        Share("QQQ", "Invesco QQQ", "NASDAQ"),
        Share("SPY", "SPDR S&P 500 ETF", "ARCA"),
        Share("TLT", "iShares 20+ Year Treasury Bond ETF", "NASDAQ"),
    ];

    private static Instrument[] Pairs =>
    [
        Pair("BTCUSDT", "Bitcoin / Tether", "BYBIT", 0.1m, 0.001m),
        Pair("ETHUSDT", "Ether / Tether", "BYBIT", 0.01m, 0.01m),
        Pair("SOLUSDT", "Solana / Tether", "BYBIT", 0.01m, 0.1m),
        Pair("XRPUSDT", "XRP / Tether", "BYBIT", 0.0001m, 0.1m),
        Pair("BNBUSDT", "BNB / Tether", "BYBIT", 0.1m, 0.01m),
        Pair("DOGEUSDT", "Dogecoin / Tether", "BYBIT", 0.00001m, 1m),
        Pair("ADAUSDT", "Cardano / Tether", "BYBIT", 0.0001m, 1m),
        Pair("AVAXUSDT", "Avalanche / Tether", "BYBIT", 0.001m, 0.1m),
        Pair("LINKUSDT", "Chainlink / Tether", "BYBIT", 0.001m, 0.1m),
        Pair("LTCUSDT", "Litecoin / Tether", "BYBIT", 0.01m, 0.1m),
        Pair("BTCUSD", "Bitcoin / US Dollar", "COINBASE", 0.01m, 0.00001m),
        Pair("ETHUSD", "Ether / US Dollar", "COINBASE", 0.01m, 0.0001m),
        Pair("SOLUSD", "Solana / US Dollar", "COINBASE", 0.01m, 0.001m),
    ];

    private static Instrument Index(string root, string description, string exchange, decimal tick, decimal point) =>
        Future(root, description, exchange, tick, point, TradingCalendar.GlobexIndex, Quarterly, RollClass.Index);

    private static Instrument Globex(
        string root, string description, string exchange, decimal tick, decimal point, string months, RollClass rollClass) =>
        Future(root, description, exchange, tick, point, TradingCalendar.Globex, months, rollClass);

    private static Instrument Future(
        string root, string description, string exchange, decimal tick, decimal point, TradingCalendar hours, string months, RollClass rollClass) =>
        new(root, description, AssetClass.Future, exchange, tick, point, "USD", QuantityStep: 1m, hours, months, rollClass);

    private static Instrument Share(string root, string description, string exchange) =>
        new(root, description, Stock, exchange, TickSize: 0.01m, PointValue: 1m, "USD", QuantityStep: 1m, TradingCalendar.UsStocks);

    private static Instrument Pair(string root, string description, string venue, decimal tick, decimal step) =>
        new(root, description, AssetClass.Crypto, venue, tick, PointValue: 1m, QuoteCurrency(root), step, TradingCalendar.Continuous);

    private static string QuoteCurrency(string pair) => pair.EndsWith("USDT", StringComparison.Ordinal) ? "USDT" : "USD";
}
