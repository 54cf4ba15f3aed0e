using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

/// <summary>Random runs, each from one seed; a failure names the seed.</summary>
public sealed class PaperPropertyTests
{
    private const int Seeds = 150;
    private const int Steps = 120;

    [Fact]
    public void Whatever_happens_the_book_adds_up()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            Run(seed, (book, step) => Check(book, $"seed {seed}, step {step}"));
        }
    }

    [Fact]
    public void A_replay_of_the_stored_events_gives_the_live_state_and_so_does_a_snapshot()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var book = Run(seed, (_, _) => { });
            var live = book.StateJson();
            book.Reload();
            Assert.Equal(live, book.StateJson());
            var replayed = Book.Opened();
            replayed.Adopt(book.Replay());
            Assert.Equal(live, replayed.StateJson());
        }
    }

    [Fact]
    public void The_same_seed_commands_and_quotes_give_the_same_events_also_with_reloads_in_between()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            var once = Run(seed, (_, _) => { });
            var again = Run(seed, (book, _) => book.Reload());
            Assert.Equal(
                once.Journal.Select(stored => System.Text.Encoding.UTF8.GetString(stored.Payload)),
                again.Journal.Select(stored => System.Text.Encoding.UTF8.GetString(stored.Payload)));
        }
    }

    [Fact]
    public void The_runs_go_everywhere()
    {
        var events = Enumerable.Range(1, 40).SelectMany(seed => Run((ulong)seed, (_, _) => { }).Events).ToArray();
        var reasons = events.OfType<PaperOrderCanceled>().Select(e => e.Reason).Distinct().ToArray();
        Assert.Equal(4, reasons.Length);
        foreach (var type in new[] { typeof(PaperOrderRejected), typeof(PaperOrderExpired), typeof(PaperOrderTriggered) })
        {
            var count = events.Count(e => e.GetType() == type);
            Assert.True(count > 30, $"Only {count} of {type.Name}.");
        }

        var pairs = events.OfType<PaperOrderAccepted>().Where(e => e.Terms.OrdType == OrdType.OneCancelsOther).Select(e => e.Order).Count();
        Assert.True(pairs > 100, $"Only {pairs} one-cancels-others.");
        foreach (var isTriggered in new[] { false, true })
        {
            var fills = Enumerable.Range(1, 40).Sum(seed => PairFills(Run((ulong)seed, (_, _) => { }), isTriggered));
            Assert.True(fills > 30, $"Only {fills} fills of one-cancels-others, stop reached: {isTriggered}.");
        }
    }

    private static int PairFills(Book book, bool isTriggered)
    {
        var pairs = book.Events.OfType<PaperOrderAccepted>().Where(e => e.Terms.OrdType == OrdType.OneCancelsOther).Select(e => e.Order).ToHashSet();
        var triggered = book.Events.OfType<PaperOrderTriggered>().Select(e => e.Order).ToHashSet();
        return book.Events.OfType<PaperOrderFilled>().Count(e => pairs.Contains(e.Order) && triggered.Contains(e.Order) == isTriggered);
    }

    private static Book Run(ulong seed, Action<Book, int> after)
    {
        var draw = new Pcg32(seed);
        var book = new Book(Given.Settings with
        {
            Seed = seed,
            SlippageTicks = 3,
            CommissionPerUnit = 1.25m,
            UsesDisplayedSize = draw.Chance(0.8),
            RefusesDuplicates = draw.Chance(0.7),
        });
        for (var step = 0; step < Steps; step++)
        {
            Step(book, draw, step);
            after(book, step);
        }

        return book;
    }

    private static void Step(Book book, Pcg32 draw, int step)
    {
        book.Now += TimeSpan.FromMinutes(draw.Next(60));
        switch (draw.Next(10))
        {
            case < 4:
                var bid = 100m + (0.25m * (draw.Next(41) - 20));
                book.Quote(bid, bid + (0.25m * draw.Next(4)), Size(draw), Size(draw));
                break;
            case < 8:
                book.Place($"o{(draw.Chance(0.1) ? draw.Next(step + 1) : step)}", Terms(draw));
                break;
            case 8 when !book.State.Working.IsEmpty:
                var working = book.State.Working.Keys.ElementAt(draw.Next(book.State.Working.Count));
                Assert.Null(book.Ask<PaperCancelReply>(new CancelPaperOrder(null, PaperOrder.IdOf(working))).Refusal);
                break;
            default:
                foreach (var timer in book.Pending.Timers.Where(timer => timer.Due <= book.Now))
                {
                    book.Tell(new Domain.Common.TimerFired(timer.Key));
                }

                break;
        }
    }

    private static decimal? Size(Pcg32 draw) => draw.Chance(0.3) ? null : draw.Next(6);

    private static OrderTerms Terms(Pcg32 draw)
    {
        var side = draw.Chance(0.5) ? Side.Buy : Side.Sell;
        OrdType[] types = [OrdType.Market, OrdType.Limit, OrdType.Stop, OrdType.StopLimit, OrdType.OneCancelsOther, OrdType.OneCancelsOther];
        var type = types[draw.Next(types.Length)];
        var price = type is OrdType.Limit or OrdType.StopLimit ? 100m + (0.25m * (draw.Next(21) - 10)) : (decimal?)null;
        var stop = type is OrdType.Stop or OrdType.StopLimit ? 100m + (0.25m * (draw.Next(21) - 10)) : (decimal?)null;
        if (type == OrdType.OneCancelsOther)
        {
            // Now and then the wrong way round, which is rejected.
            price = 100m - (side.Sign * (0.25m * (draw.Next(13) - 1)));
            stop = 100m + (side.Sign * (0.25m * (draw.Next(13) - 1)));
        }

        TimeInForce[] tifs = [TimeInForce.Day, TimeInForce.Day, TimeInForce.GoodTillCancel, TimeInForce.ImmediateOrCancel, TimeInForce.FillOrKill];
        var isPair = type == OrdType.OneCancelsOther;
        return new OrderTerms(
            Given.Future, side, type, 1m + draw.Next(8), price, stop, tifs[draw.Next(isPair ? 3 : tifs.Length)], draw.Chance(isPair ? 0.6 : 0.3));
    }

    private static void Check(Book book, string where)
    {
        var state = book.State;
        Assert.True(book.Fills.Sum(fill => (int)fill.Side == 1 ? fill.LastQty : -fill.LastQty) == state.PositionIn(Given.Future), $"{where}: the position is not the sum of the fills");
        Assert.True(state.Balance == 100_000m + state.RealizedPnl - state.Commissions, $"{where}: the balance does not add up");
        Assert.True(book.Reports.Select((report, i) => report.Cursor == $"{i + 1}").All(isNext => isNext), $"{where}: reports have a gap");
        CheckCash(book, where);
        CheckFills(book, where);
    }

    // Money that came and went, valued at one price, is what the book says of it: no profit is made by averaging.
    private static void CheckCash(Book book, string where)
    {
        var flow = book.Fills.Sum(fill => ((int)fill.Side == 1 ? -1m : 1m) * fill.LastQty * fill.LastPx);
        var open = book.State.Positions.TryGetValue(Given.Future, out var position) ? position.Cost : 0m;
        Assert.True(Math.Abs(((flow + open) * 50m) - book.State.RealizedPnl) < 0.000001m, $"{where}: realized profit does not follow from the fills");
    }

    private static void CheckFills(Book book, string where)
    {
        var position = 0m;
        var orders = book.Events.OfType<PaperOrderAccepted>().ToDictionary(e => e.Order, e => e.Terms);
        var triggered = new HashSet<long>();
        var filled = new Dictionary<long, decimal>();
        foreach (var @event in book.Events)
        {
            if (@event is PaperOrderTriggered reached)
            {
                Assert.True(triggered.Add(reached.Order), $"{where}: P{reached.Order} is triggered twice");
            }

            if (@event is not PaperOrderFilled fill)
            {
                continue;
            }

            var terms = orders[fill.Order];
            var next = position + (terms.Side.Sign * fill.LastQty);
            var limit = terms.OrdType == OrdType.OneCancelsOther && triggered.Contains(fill.Order) ? null : terms.Price;
            filled[fill.Order] = filled.GetValueOrDefault(fill.Order) + fill.LastQty;
            Assert.True(filled[fill.Order] <= terms.OrderQty, $"{where}: P{fill.Order} is overfilled");
            Assert.True(!terms.ReduceOnly || (Math.Abs(next) < Math.Abs(position) && next * position >= 0m), $"{where}: a reduce-only fill took {position} to {next}");
            Assert.True(limit is null || terms.Side.Sign * (limit - fill.LastPx) >= 0m, $"{where}: filled at {fill.LastPx}, limit {limit}");
            position = next;
        }
    }
}
