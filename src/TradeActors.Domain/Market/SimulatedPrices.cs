using System.Collections.Frozen;

namespace TradeActors.Domain.Market;

/// <summary>Where the simulated market starts when nobody says: one plausible price per root of the catalog. Nothing else rests on them.</summary>
internal static class SimulatedPrices
{
    public static readonly FrozenDictionary<string, decimal> ByRoot = new (string Root, decimal Price)[]
    {
        // Index, volatility and crypto futures.
        ("ES", 6_800m), ("MES", 6_800m), ("NQ", 25_000m), ("MNQ", 25_000m), ("RTY", 2_500m), ("M2K", 2_500m),
        ("YM", 47_500m), ("MYM", 47_500m), ("NKD", 50_000m), ("VX", 19m),
        ("BTC", 95_000m), ("MBT", 95_000m), ("ETH", 3_200m), ("MET", 3_200m),

        // Energy and metals.
        ("CL", 62m), ("MCL", 62m), ("NG", 3.8m), ("HO", 2.25m), ("RB", 1.9m),
        ("GC", 4_200m), ("MGC", 4_200m), ("SI", 55m), ("SIL", 55m), ("HG", 5.2m), ("PL", 1_600m),

        // Rates and currencies.
        ("ZB", 117m), ("UB", 120m), ("ZN", 113m), ("TN", 115m), ("ZF", 109.5m), ("ZT", 104.25m),
        ("6E", 1.17m), ("M6E", 1.17m), ("6J", 0.0065m), ("6B", 1.33m), ("6A", 0.66m), ("6C", 0.72m), ("6S", 1.26m), ("6M", 0.054m),

        // Grains and livestock.
        ("ZC", 440m), ("ZW", 540m), ("ZS", 1_100m), ("ZL", 50m), ("ZM", 310m), ("LE", 225m), ("HE", 85m), ("GF", 340m),

        // Stocks and funds.
        ("AAPL", 270m), ("ADBE", 340m), ("AMD", 220m), ("AMZN", 230m), ("AVGO", 370m), ("BA", 200m), ("BAC", 53m), ("COIN", 270m),
        ("COST", 900m), ("CSCO", 77m), ("DIA", 475m), ("DIS", 108m), ("GLD", 385m), ("GOOG", 315m), ("GOOGL", 315m), ("INTC", 40m),
        ("IWM", 248m), ("JPM", 310m), ("KO", 71m), ("META", 640m), ("MSFT", 490m), ("MSTR", 180m), ("MU", 240m), ("NFLX", 105m),
        ("NVDA", 180m), ("PLTR", 170m), ("QQQ", 615m), ("SPY", 680m), ("TLT", 89m), ("TSLA", 430m), ("UNH", 330m), ("V", 330m), ("XOM", 117m),

        // Crypto pairs.
        ("BTCUSDT", 95_000m), ("BTCUSD", 95_000m), ("ETHUSDT", 3_200m), ("ETHUSD", 3_200m), ("SOLUSDT", 140m), ("SOLUSD", 140m),
        ("XRPUSDT", 2.1m), ("BNBUSDT", 890m), ("DOGEUSDT", 0.15m), ("ADAUSDT", 0.43m), ("AVAXUSDT", 14m), ("LINKUSDT", 14m), ("LTCUSDT", 84m),
    }.ToFrozenDictionary(row => row.Root, row => row.Price, StringComparer.Ordinal);
}
