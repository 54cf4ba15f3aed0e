using TradeActors.Domain.Market;
using Xunit;
using static TradeActors.Market.Tests.Given;

namespace TradeActors.Market.Tests;

public sealed class QuoteRulesTests
{
    private static readonly DateTimeOffset Saturday = new(2026, 5, 9, 15, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, decimal, decimal, decimal> GoodPrices => new()
    {
        { Es, 6_800m, 6_800m, 6_800m }, // Locked.
        { Es, 6_800.10m, 6_800.17m, 6_799.99m }, // Off the grid, last outside.
        { "CL", -37.63m, -37.60m, -37.63m }, // April 2020.
        { "CL", -0.01m, 0m, 0m },
        { "BTCUSDT", 0.00000001m, QuoteRules.MaxPrice, 1m },
    };

    public static TheoryData<string, decimal, decimal, decimal, QuoteDefect> BadPrices => new()
    {
        { Es, 6_800.25m, 6_800m, 6_800m, QuoteDefect.Crossed },
        { "CL", -37.60m, -37.63m, -37.63m, QuoteDefect.Crossed },
        { "AAPL", 0m, 270m, 270m, QuoteDefect.Price },
        { "AAPL", 270m, 271m, -1m, QuoteDefect.Price },
        { "BTCUSDT", -1m, 1m, 1m, QuoteDefect.Price },
        { Es, 6_800m, QuoteRules.MaxPrice + 1m, 6_800m, QuoteDefect.Price },
        { Es, -QuoteRules.MaxPrice - 1m, 6_800m, 6_800m, QuoteDefect.Price },
        { "", 1m, 1m, 1m, QuoteDefect.UnknownSymbol },
        { "ESM6X", 1m, 1m, 1m, QuoteDefect.UnknownSymbol },
    };

    [Theory]
    [MemberData(nameof(GoodPrices))]
    public void Plausible_prices_pass_and_nothing_is_rounded(string symbol, decimal bid, decimal ask, decimal last)
    {
        var check = QuoteRules.Check(Priced(symbol, bid, ask, last), Now);
        Assert.Null(check.Error);
        Assert.Equal((bid, ask, last), (check.Accepted!.Bid, check.Accepted.Ask, check.Accepted.Last));
    }

    [Theory]
    [MemberData(nameof(BadPrices))]
    public void Defect_is_named_with_a_sentence(string symbol, decimal bid, decimal ask, decimal last, QuoteDefect defect)
    {
        var check = QuoteRules.Check(Priced(symbol, bid, ask, last), Now);
        Assert.Null(check.Accepted);
        Assert.Equal(defect, check.Defect);
        Assert.NotEmpty(check.Error!);
    }

    [Fact]
    public void Sizes_may_be_zero_or_unknown_but_not_negative_or_absurd()
    {
        Assert.NotNull(QuoteRules.Check(Quote(Es, 1m) with { BidSize = 0m, AskSize = null, Volume = null }, Now).Accepted);
        Assert.Equal(QuoteDefect.Size, QuoteRules.Check(Quote(Es, 1m) with { Volume = -1m }, Now).Defect);
        Assert.Equal(QuoteDefect.Size, QuoteRules.Check(Quote(Es, 1m) with { AskSize = decimal.MaxValue }, Now).Defect);
    }

    [Fact]
    public void Canonical_utc_quote_passes_as_it_is_and_another_is_brought_to_that_form()
    {
        var quote = Quote(Es, 1m);
        Assert.Same(quote, QuoteRules.Check(quote, Now).Accepted);

        var elsewhere = quote with { Symbol = "ES", At = Now.ToOffset(TimeSpan.FromHours(-5)) };
        var accepted = QuoteRules.Check(elsewhere, Now).Accepted!;
        Assert.Equal(quote, accepted);
        Assert.Equal(TimeSpan.Zero, accepted.At.Offset);
    }

    [Fact]
    public void Time_is_cut_to_the_milliseconds_in_which_quotes_are_stored() =>
        Assert.Equal(Now, QuoteRules.Check(Quote(Es, 1m) with { At = Now.AddTicks(9_999) }, Now).Accepted!.At);

    [Fact]
    public void Unset_or_endless_time_is_no_time()
    {
        Assert.Equal(QuoteDefect.Time, QuoteRules.Check(Quote(Es, 1m) with { At = default }, Now, keepsSessionHours: true).Defect);
        Assert.Equal(QuoteDefect.Time, QuoteRules.Check(Quote(Es, 1m) with { At = DateTimeOffset.MaxValue }, Now, keepsSessionHours: true).Defect);
    }

    [Fact]
    public void Closed_market_refuses_only_where_session_hours_are_kept()
    {
        var onSaturday = Quote(Es, 1m) with { At = Saturday };
        Assert.NotNull(QuoteRules.Check(onSaturday, Saturday).Accepted);
        Assert.Equal(QuoteDefect.Closed, QuoteRules.Check(onSaturday, Saturday, keepsSessionHours: true).Defect);
        Assert.NotNull(QuoteRules.Check(onSaturday with { Symbol = "BTCUSDT" }, Saturday, keepsSessionHours: true).Accepted);
        Assert.NotNull(QuoteRules.Check(Quote(Es, 1m), Saturday, keepsSessionHours: true).Accepted);
    }

    [Fact]
    public void Expired_contract_is_taken_under_its_canonical_name()
    {
        Assert.NotNull(QuoteRules.Check(Quote("ESZ2024", 1m), Now).Accepted);
        Assert.Equal(QuoteDefect.UnknownSymbol, QuoteRules.Check(Quote("ESZ24", 1m), Now).Defect);
    }

    private static Quote Priced(string symbol, decimal bid, decimal ask, decimal last) => new(symbol, bid, ask, last, 1m, 1m, 0m, Now);
}
