using FsCheck;
using FsCheck.Fluent;
using TradeActors.Domain.Market;
using Xunit;

namespace TradeActors.Domain.Tests.Market;

public sealed class ConflatedQuotesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 15, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_added_gives_nothing() => Assert.Empty(new ConflatedQuotes().Take());

    [Fact]
    public void Taking_empties_the_slot()
    {
        var slot = new ConflatedQuotes();
        slot.Add(Given(0, 100, 101));
        Assert.Equal(Given(0, 100, 101), Assert.Single(slot.Take()));
        Assert.Empty(slot.Take());
    }

    [Fact]
    public void Extremes_come_in_the_order_in_which_they_happened()
    {
        Quote[] quotes = [Given(0, 100, 101), Given(1, 90, 91), Given(2, 95, 96), Given(3, 110, 111), Given(4, 105, 106)];
        Assert.Equal([quotes[1], quotes[3], quotes[4]], Conflate(quotes));
    }

    [Fact]
    public void Volume_of_dropped_quotes_is_counted_with_the_next_one()
    {
        Quote[] quotes =
        [
            Given(0, 100, 101, 1m), Given(1, 90, 91, 2m), Given(2, 95, 96, 4m), Given(3, 94, 95, 8m), Given(4, 110, 111), Given(5, 100, 101, 16m),
        ];
        Assert.Equal([3m, 12m, 16m], Conflate(quotes).Select(quote => quote.Volume!.Value));
    }

    [Fact]
    public void Quote_of_another_contract_is_refused()
    {
        var slot = new ConflatedQuotes();
        slot.Add(Given(0, 100, 101));
        Assert.Throws<ArgumentException>(() => slot.Add(Given(1, 100, 101) with { Symbol = "NQZ2026" }));
    }

    [Fact]
    public void At_most_five_quotes_keep_every_extreme_the_order_and_the_latest() => Prop.ForAll(
        Quotes.ToArbitrary(),
        quotes =>
        {
            var taken = Conflate(quotes);
            return taken.Count is >= 1 and <= 5
                && taken[^1] == quotes[^1]
                && taken.Zip(taken.Skip(1)).All(pair => pair.First.At < pair.Second.At)
                && taken.All(quotes.Contains)
                && taken.Min(q => q.Bid) == quotes.Min(q => q.Bid) && taken.Max(q => q.Bid) == quotes.Max(q => q.Bid)
                && taken.Min(q => q.Ask) == quotes.Min(q => q.Ask) && taken.Max(q => q.Ask) == quotes.Max(q => q.Ask);
        }).QuickCheckThrowOnFailure();

    // Few prices, so that ties are common.
    private static Gen<Quote[]> Quotes =>
        from steps in Gen.NonEmptyListOf(Gen.Zip(Gen.Choose(100, 110), Gen.Choose(1, 4)))
        select steps.Select((step, n) => Given(n, step.Item1, step.Item1 + step.Item2)).ToArray();

    private static IReadOnlyList<Quote> Conflate(IEnumerable<Quote> quotes)
    {
        var slot = new ConflatedQuotes();
        foreach (var quote in quotes)
        {
            slot.Add(quote);
        }

        return slot.Take();
    }

    private static Quote Given(int second, decimal bid, decimal ask, decimal? volume = null) =>
        new("ESZ2026", bid, ask, bid, BidSize: null, AskSize: null, volume, Start.AddSeconds(second));
}
