using FsCheck;
using FsCheck.Fluent;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
using Xunit;

namespace TradeActors.Domain.Tests.Market;

public sealed class SimulatedMarketTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 15, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Same_seed_and_calls_give_the_same_quotes() => Assert.Equal(Run(7, 1_000), Run(7, 1_000));

    [Fact]
    public void Another_seed_gives_other_quotes() => Assert.NotEqual(Run(7, 100), Run(8, 100));

    [Fact]
    public void First_quotes_of_a_seed_never_change() => Assert.Equal(
        ["6EH2026 1.17005 1.17010 1.17010 33 82 24", "YMH2026 47500 47501 47500 6 9 11", "BTCUSDT 94998.8 94999.2 94998.9 0.007 0.137 0.031"],
        Run(1, 3).Select(q => $"{q.Symbol} {q.Bid} {q.Ask} {q.Last} {q.BidSize} {q.AskSize} {q.Volume}"));

    [Fact]
    public void Every_quote_is_one_that_a_market_could_show() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => Run((ulong)seed, 2_000).All(IsPlausible)).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_instrument_of_the_catalog_can_be_simulated()
    {
        var market = new SimulatedMarket(3, [.. InstrumentCatalog.All.Select(instrument => InstrumentCatalog.Front(instrument, Now))]);
        Assert.All(Enumerable.Range(0, 20_000).Select(_ => market.Next(Now)), quote => Assert.True(IsPlausible(quote), quote.ToString()));
    }

    [Fact]
    public void Spreads_are_those_of_the_instrument()
    {
        var widest = Run(5, 20_000).GroupBy(q => Instrument(q).Root).ToDictionary(g => g.Key, g => g.Max(q => q.Ask - q.Bid));
        Assert.Equal(16, widest.Count);
        Assert.Equal((0.25m, 0.02m, 0.02m, 0.5m), (widest["ES"], widest["CL"], widest["AAPL"], widest["BTCUSDT"]));
    }

    [Fact]
    public void Prices_move_but_stay_near_their_start()
    {
        var quotes = Run(11, 200_000).GroupBy(q => q.Symbol).ToList();
        Assert.All(quotes, group =>
        {
            Assert.True(group.Select(q => q.Bid).Distinct().Count() > 5, group.Key);
            Assert.True(group.Max(q => q.Ask) < group.Min(q => q.Bid) * 1.15m, group.Key);
        });
    }

    [Fact]
    public void Initial_quote_stands_at_the_starting_price_and_moves_nothing()
    {
        var contracts = SimulatedMarket.DefaultContracts(Now);
        var market = new SimulatedMarket(7, contracts);
        var initial = contracts.Select(contract => market.Initial(contract, Now)).ToList();
        Assert.All(initial, quote => Assert.True(IsPlausible(quote), quote.ToString()));
        Assert.Equal(6_800m, initial[0].Bid);
        Assert.Equal(Run(7, 10), Enumerable.Range(0, 10).Select(n => market.Next(Now.AddSeconds(n))));
        Assert.Throws<ArgumentException>(() => market.Initial(InstrumentCatalog.FindContract("ESZ2030")!, Now));
    }

    [Fact]
    public void Next_contract_goes_on_where_the_one_before_stood()
    {
        var before = new SimulatedMarket(7, [InstrumentCatalog.FindContract("ESH2026")!]);
        Quote last = null!;
        for (var n = 0; n < 1_000; n++)
        {
            last = before.Next(Now);
        }

        var june = InstrumentCatalog.FindContract("ESM2026")!;
        var after = new SimulatedMarket(8, [june], before.Prices);
        Assert.Equal(last.Last, before.Prices["ES"]);
        Assert.Equal(last.Last, after.Initial(june, Now).Bid);
    }

    [Fact]
    public void Price_that_is_not_positive_is_refused() => Assert.Throws<ArgumentException>(() => new SimulatedMarket(
        1, [InstrumentCatalog.FindContract("AAPL")!], new SortedDictionary<string, decimal> { ["AAPL"] = 0m }));

    [Fact]
    public void Contracts_given_twice_or_not_at_all_are_refused()
    {
        var apple = InstrumentCatalog.FindContract("AAPL")!;
        Assert.Throws<ArgumentException>(() => new SimulatedMarket(1, [apple, apple]));
        Assert.Throws<ArgumentException>(() => new SimulatedMarket(1, []));
    }

    [Fact]
    public void Price_of_one_tick_never_falls_to_zero()
    {
        var market = new SimulatedMarket(1, [InstrumentCatalog.FindContract("AAPL")!], new SortedDictionary<string, decimal> { ["AAPL"] = 0.01m });
        Assert.All(Enumerable.Range(0, 5_000).Select(_ => market.Next(Now)), quote => Assert.True(IsPlausible(quote), quote.ToString()));
    }

    private static List<Quote> Run(ulong seed, int count)
    {
        var market = new SimulatedMarket(seed, SimulatedMarket.DefaultContracts(Now));
        return [.. Enumerable.Range(0, count).Select(n => market.Next(Now.AddSeconds(n)))];
    }

    private static bool IsPlausible(Quote quote)
    {
        var instrument = Instrument(quote);
        return quote.Bid > 0m && quote.Bid < quote.Ask && quote.Bid <= quote.Last && quote.Last <= quote.Ask
            && instrument.IsOnTick(quote.Bid) && instrument.IsOnTick(quote.Ask) && instrument.IsOnTick(quote.Last)
            && quote is { BidSize: > 0m, AskSize: > 0m, Volume: >= 0m }
            && new[] { quote.BidSize, quote.AskSize, quote.Volume }.All(size => instrument.RoundQuantityDown(size!.Value) == size);
    }

    private static Instrument Instrument(Quote quote) => InstrumentCatalog.FindContract(quote.Symbol)!.Instrument;
}
