using System.Diagnostics;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;

namespace TradeActors.Domain.Market;

/// <summary>One contract of the <see cref="SimulatedMarket"/>. It counts in whole ticks and steps: nothing is rounded on the way.</summary>
internal sealed class SimulatedWalk
{
    private readonly long _anchorTicks;
    private readonly int _largestMoveTicks;
    private readonly int _widestSpreadTicks;
    private readonly int _largestSizeSteps;
    private long _bidTicks;
    private int _spreadTicks;
    private int _lastAboveBidTicks;
    private int _bidSizeSteps;
    private int _askSizeSteps;
    private int _volumeSteps;

    public SimulatedWalk(Contract contract, decimal price, Pcg32 random)
    {
        Contract = contract;
        var instrument = contract.Instrument;
        _anchorTicks = Math.Max(1L, (long)(instrument.RoundToTick(price) / instrument.TickSize));
        _largestMoveTicks = (int)Math.Clamp(_anchorTicks / 50_000, 1L, 1_000L); // 0.002 % a quote, or one tick.
        _widestSpreadTicks = WidestSpreadTicks(instrument);
        _largestSizeSteps = LargestSizeSteps(instrument, Price(_anchorTicks));
        _bidTicks = _anchorTicks;
        DrawBook(random);
    }

    public Contract Contract { get; }

    /// <summary>How often it is drawn: index futures and Bitcoin quote most.</summary>
    public int Weight => Contract.Instrument switch
    {
        { RollClass: RollClass.Index } or { Root: "BTCUSDT" } => 4,
        { AssetClass: AssetClass.Crypto } => 3,
        _ => 2,
    };

    public decimal Last => Price(_bidTicks + _lastAboveBidTicks);

    public void Move(Pcg32 random)
    {
        // Up as often as down at the anchor; nine times in ten toward it at 2 % away and beyond.
        var band = Math.Max(20L, _anchorTicks / 50);
        var pull = Math.Clamp((_bidTicks - _anchorTicks) * 400 / band, -400L, 400L);
        var direction = random.Next(1_000) < 500 - pull ? 1 : -1;
        _bidTicks = Math.Max(1L, _bidTicks + (direction * random.Next(_largestMoveTicks + 1)));
        DrawBook(random);
    }

    public Quote ToQuote(DateTimeOffset at) => new(
        Contract.Symbol, Price(_bidTicks), Price(_bidTicks + _spreadTicks), Last, Size(_bidSizeSteps), Size(_askSizeSteps), Size(_volumeSteps), at);

    private void DrawBook(Pcg32 random)
    {
        _spreadTicks = 1 + random.Next(_widestSpreadTicks);
        _lastAboveBidTicks = random.Next(_spreadTicks + 1);
        _bidSizeSteps = 1 + random.Next(_largestSizeSteps);
        _askSizeSteps = 1 + random.Next(_largestSizeSteps);
        _volumeSteps = random.Next(1 + (_largestSizeSteps / 4));
        Debug.Assert(_bidTicks > 0 && _spreadTicks > 0, "A bid above zero and below the ask.");
    }

    // The deepest books are one tick wide; energy, metals and stocks are one or two; crypto ticks are far smaller than its spreads.
    private static int WidestSpreadTicks(Instrument instrument) => instrument switch
    {
        { RollClass: RollClass.Index or RollClass.Treasury or RollClass.ShortTreasury or RollClass.Currency } => 1,
        { AssetClass: AssetClass.Crypto } => 5,
        _ => 2,
    };

    // About a hundred contracts, two thousand shares, or crypto for 50,000 of its quote currency.
    private static int LargestSizeSteps(Instrument instrument, decimal price) => instrument.AssetClass switch
    {
        AssetClass.Future => 100,
        AssetClass.Stock => 2_000,
        _ => (int)Math.Clamp(50_000m / price / instrument.QuantityStep, 4m, 1_000_000m),
    };

    private decimal Price(long ticks) => ticks * Contract.Instrument.TickSize;

    private decimal Size(int steps) => steps * Contract.Instrument.QuantityStep;
}
