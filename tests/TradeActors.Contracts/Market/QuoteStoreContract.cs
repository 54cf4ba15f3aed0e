using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;
using Xunit;

namespace TradeActors.Contracts.Market;

/// <summary>What every engine of <see cref="IQuoteStore"/> must do.</summary>
public abstract class QuoteStoreContract(IStoreData data) : StoreContract(data)
{
    private static readonly Quote Nq = new("NQM6", 21_000.25m, 21_000.50m, 21_000.25m, 3m, 0m, 12m, Given.At);
    private static readonly Quote Btc = new("BTCUSD", 0.00000001m, 79_228_162_514_264_337_593_543_950_335m, -1.50m, null, null, null, Given.At);

    private IQuoteStore Quotes => Store.Quotes;

    [Fact]
    public async Task Quotes_come_back_exactly_sorted_by_symbol_also_after_a_restart()
    {
        await Quotes.SaveAsync([Nq, Btc], default);
        await RestartAsync();
        Assert.Equal([Btc, Nq], await Quotes.LoadAsync(default));
    }

    [Fact]
    public async Task Symbols_are_sorted_by_code_point()
    {
        await Quotes.SaveAsync([Nq with { Symbol = "b" }, Nq with { Symbol = "a.b" }, Nq with { Symbol = "B" }, Nq with { Symbol = "a-b" }], default);
        Assert.Equal(["B", "a-b", "a.b", "b"], (await Quotes.LoadAsync(default)).Select(quote => quote.Symbol));
    }

    [Fact]
    public async Task Last_saved_quote_of_a_symbol_wins_also_within_one_call()
    {
        await Quotes.SaveAsync([Nq, Nq with { Last = 1m }, Btc], default);
        await Quotes.SaveAsync([Btc with { BidSize = 2m, Volume = 0m }], default);
        Assert.Equal([Btc with { BidSize = 2m, Volume = 0m }, Nq with { Last = 1m }], await Quotes.LoadAsync(default));
    }

    [Fact]
    public async Task Saving_nothing_changes_nothing()
    {
        await Quotes.SaveAsync([], default);
        Assert.Empty(await Quotes.LoadAsync(default));
    }

    [Fact]
    public async Task Failed_save_keeps_the_old_quotes()
    {
        await Quotes.SaveAsync([Nq], default);
        Store.FailNextTransaction();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Quotes.SaveAsync([Nq with { Last = 1m }, Btc], default));
        Assert.Equal([Nq], await Quotes.LoadAsync(default));
    }
}
