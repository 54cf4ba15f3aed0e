using TradeActors.Domain.Market;
using Xunit;

namespace TradeActors.Domain.Tests.Market;

public sealed class WantedQuotesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 15, 0, 0, TimeSpan.Zero);
    private readonly WantedQuotes _quotes = new("ESH2026");

    [Fact]
    public void What_nobody_wants_is_remembered_and_not_delivered()
    {
        Assert.False(_quotes.Accept(Given(1)));
        Assert.Equal(Given(1), _quotes.BeginInterest());
        Assert.Empty(_quotes.Take().Quotes);
    }

    [Fact]
    public void One_delivery_is_out_at_a_time_and_what_comes_meanwhile_is_its_next_part()
    {
        _quotes.BeginInterest();
        Assert.True(_quotes.Accept(Given(1)));
        Assert.Equal<Quote>([Given(1)], _quotes.Take().Quotes);
        Assert.False(_quotes.Accept(Given(2)));
        Assert.Equal<Quote>([Given(2)], _quotes.Take().Quotes);
        Assert.Empty(_quotes.Take().Quotes);
        Assert.True(_quotes.Accept(Given(3)));
    }

    [Fact]
    public void What_is_left_out_is_counted()
    {
        _quotes.BeginInterest();
        for (var i = 1; i <= 5; i++)
        {
            _quotes.Accept(Given(i));
        }

        var (handed, leftOut) = _quotes.Take();
        Assert.Equal<Quote>([Given(1), Given(5)], handed);
        Assert.Equal(3, leftOut);
    }

    [Fact]
    public void What_waits_is_dropped_with_the_last_interest()
    {
        _quotes.BeginInterest();
        _quotes.BeginInterest();
        _quotes.Accept(Given(1));
        _quotes.EndInterest();
        Assert.True(_quotes.IsWanted);
        _quotes.EndInterest();
        Assert.Empty(_quotes.Take().Quotes);
        Assert.Throws<InvalidOperationException>(_quotes.EndInterest);
    }

    [Fact]
    public void What_is_restored_is_known_and_delivered_to_nobody()
    {
        _quotes.Restore(Given(1));
        Assert.Equal(Given(1), _quotes.BeginInterest());
        Assert.Empty(_quotes.Take().Quotes);
    }

    private static Quote Given(int i) => new("ESH2026", 100m + i, 101m + i, 100m + i, null, null, null, Start.AddSeconds(i));
}
