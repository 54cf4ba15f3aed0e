using System.Collections.Immutable;
using System.Diagnostics;
using TradeActors.Abstractions.Market;
using TradeActors.Api.Live;
using TradeActors.Api.Tests.Support;
using TradeActors.Domain.Market;
using Xunit;

namespace TradeActors.Api.Tests.Live;

/// <summary>How quotes are coalesced: by a clock that a test moves, and over the wire.</summary>
[Collection(Shared.Name)]
public sealed class QuoteFeedsTests(SharedNode shared)
{
    private readonly HandClock _time = new();
    private readonly Stream _market = new();

    [Fact]
    public void First_quote_comes_at_once_and_later_ones_every_tenth_of_a_second_at_most_the_latest()
    {
        var feeds = new QuoteFeeds(_market, _market, _time);
        var client = new Client(_time);
        feeds.Watch("ES", client);
        Say(1m);
        Pass(1);
        Assert.Equal([(0, 1m)], client.Got);
        foreach (var (at, price) in new[] { (20, 2m), (40, 3m), (90, 4m) })
        {
            Pass(at - client.Now);
            Say(price);
        }

        Pass(300);
        Assert.Equal([(0, 1m), (100, 4m)], client.Got.Select(got => ((int)got.At, got.Bid)));
        Say(5m); // After a rest it does not wait.
        Pass(1);
        Assert.Equal(5m, client.Got[^1].Bid);
    }

    [Fact]
    public void In_no_second_are_there_more_than_ten()
    {
        var feeds = new QuoteFeeds(_market, _market, _time);
        var client = new Client(_time);
        feeds.Watch("ES", client);
        for (var ms = 0; ms < 10_000; ms += 7)
        {
            Say(1m + ms);
            Pass(7);
        }

        Pass(200);
        Assert.Equal(1m + 9_996, client.Got[^1].Bid); // The last one is never left out.
        Assert.InRange(client.Got.Count, 90, 101);
        Assert.All(client.Got, got => Assert.InRange(client.Got.Count(other => other.At >= got.At && other.At < got.At + 1_000), 1, 10));
    }

    [Fact]
    public void Quote_whose_prices_have_not_changed_is_not_repeated()
    {
        var feeds = new QuoteFeeds(_market, _market, _time);
        var client = new Client(_time);
        feeds.Watch("ES", client);
        Say(1m);
        Pass(500);
        Say(1m);
        Pass(500);
        Say(2m);
        Pass(20);
        Say(1m);
        Pass(10);
        Say(2m); // There and back before it could be told.
        Pass(500);
        Assert.Equal([1m, 2m], client.Got.Select(got => got.Bid));
    }

    [Fact]
    public void Who_joins_gets_what_is_known_and_the_others_nothing_for_it()
    {
        var feeds = new QuoteFeeds(_market, _market, _time);
        _market.Known = Quoted(7m);
        var (first, second) = (new Client(_time), new Client(_time));
        feeds.Watch("ES", first);
        Pass(50);
        feeds.Watch("ES", second);
        Pass(200);
        Assert.Equal([7m], first.Got.Select(got => got.Bid));
        Assert.Equal([7m], second.Got.Select(got => got.Bid));
    }

    [Fact]
    public void Client_that_has_not_taken_one_finds_only_the_latest()
    {
        var feeds = new QuoteFeeds(_market, _market, _time);
        var client = new Client(_time) { IsBusy = true };
        var watch = feeds.Watch("ES", client);
        foreach (var price in new[] { 1m, 2m, 3m })
        {
            Say(price);
            Pass(150);
        }

        Assert.Equal(1, client.Queued);
        Assert.Equal(3m, watch.Take()!.Quote.Bid);
        Assert.Null(watch.Take());
        Say(4m);
        Pass(150);
        Assert.Equal(2, client.Queued);
        feeds.End(watch);
        Assert.Null(watch.Take());
    }

    [Fact]
    public void While_nobody_watches_nothing_is_taken_from_the_market_and_no_timer_runs()
    {
        var feeds = new QuoteFeeds(_market, _market, _time);
        Assert.Equal(0, _market.Subscribers);
        var client = new Client(_time);
        var (one, two) = (feeds.Watch("ES", client), feeds.Watch("NQ", client));
        Assert.Equal(1, _market.Subscribers);
        Say(1m);
        Say(2m);
        feeds.End(one);
        Assert.Equal(1, _market.Subscribers);
        feeds.End(two);
        Assert.Equal((0, 0), (_market.Subscribers, _time.Armed));
        Say(3m);
        feeds.Watch("ES", client);
        Assert.Equal(1, _market.Subscribers);
    }

    [Fact]
    public async Task Over_the_wire_a_storm_of_ticks_comes_ten_times_a_second_and_ends_with_the_last()
    {
        var owner = await shared.Node.NewTenantAsync();
        var contract = await shared.FrontAsync("CL");
        await using var hub = await HubSocket.ConnectAsync(owner);
        using var ticker = await TickerTests.ConnectAsync(owner, "CL");
        var symbols = (await hub.SubscribeAsync(symbols: ["CL", contract])).GetProperty("symbols");
        Assert.Equal((contract, contract), (symbols.Text("CL"), symbols.Text(contract)));
        var watch = Stopwatch.StartNew();
        var price = 70m;
        while (watch.Elapsed < TimeSpan.FromSeconds(2))
        {
            var ticks = Enumerable.Range(0, 10).Select(_ => new { symbol = "CL", bid = price += 0.01m, ask = price + 0.01m, last = price });
            (await shared.Operator.PostAsync("/api/v1/market/ticks", ticks.ToArray())).Is(202);
        }

        var (byHub, byTicker) = (ImmutableArray<decimal>.Empty, ImmutableArray<decimal>.Empty);
        while (byHub is [] || byHub[^1] != price)
        {
            var push = await hub.NextAsync();
            Shape.Is(push.Body, "symbol:string bid:number ask:number last:number at:time");
            Assert.Equal(("quote", contract), (push.Target, push.Body.Text("symbol")));
            byHub = byHub.Add(push.Body.Number("bid"));
        }

        while (byTicker is [] || byTicker[^1] != price)
        {
            byTicker = byTicker.Add((await TickerTests.ReadAsync(ticker)).Number("bid"));
        }

        var most = (int)(watch.Elapsed.TotalSeconds * 10) + 2;
        foreach (var seen in (ImmutableArray<decimal>[])[byHub, byTicker])
        {
            Assert.Equal(seen.Order(), seen);
            Assert.InRange(seen.Length, 5, most);
        }
    }

    private static Quote Quoted(decimal bid) => new("ES", bid, bid + 1m, bid, null, null, null, DateTimeOffset.UnixEpoch);

    private void Say(decimal bid) => _market.Say(Quoted(bid));

    private void Pass(double ms) => _time.Advance(TimeSpan.FromMilliseconds(ms));

    /// <summary>A market of one contract.</summary>
    private sealed class Stream : IQuoteStream, IQuoteBook
    {
        private Action<Quote>? _subscribers;

        public Quote? Known { get; set; }

        public int Subscribers => _subscribers?.GetInvocationList().Length ?? 0;

        public void Say(Quote quote) => _subscribers?.Invoke(quote);

        public IDisposable Subscribe(Action<Quote> onQuote)
        {
            _subscribers += onQuote;
            return new End(() => _subscribers -= onQuote);
        }

        public Quote? Last(string symbol) => Known;

        public IReadOnlyList<Quote> All() => [];

        private sealed class End(Action end) : IDisposable
        {
            public void Dispose() => end();
        }
    }

    /// <summary>Takes every quote at once, unless it is busy.</summary>
    private sealed class Client(HandClock time) : IQuoteTaker
    {
        private readonly long _began = time.GetTimestamp();

        public List<(double At, decimal Bid)> Got { get; } = [];

        public bool IsBusy { get; init; }

        public int Queued { get; private set; }

        public double Now => time.GetElapsedTime(_began).TotalMilliseconds;

        public void Queue(QuoteWatch watch)
        {
            Queued++;
            if (!IsBusy)
            {
                Got.Add((Now, watch.Take()!.Quote.Bid));
            }
        }
    }
}
