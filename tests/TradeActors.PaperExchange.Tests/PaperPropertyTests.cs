using System.Collections.Immutable;
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
    private const decimal Margin = 0.1m;

    private static readonly PaperMargins Margins = new(
        ImmutableSortedDictionary<string, PaperMargin>.Empty.Add("ES", new PaperMargin(OfNotional: Margin)));

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
            var again = Run(seed, (book, step) => book.Adopt(step % 2 == 0 ? book.Replay() : Snapshot(book)));
            Assert.Equal(
                once.Journal.Select(stored => System.Text.Encoding.UTF8.GetString(stored.Payload)),
                again.Journal.Select(stored => System.Text.Encoding.UTF8.GetString(stored.Payload)));
        }
    }

    [Fact]
    public void The_runs_go_everywhere()
    {
        var events = Enumerable.Range(1, 40).SelectMany(seed => Run((ulong)seed, (_, _) => { }).Events).ToArray();
        var canceled = events.OfType<PaperOrderCanceled>().Select(e => e.Reason).ToHashSet();
        string[] reasons = ["Canceled on request.", "Immediate or cancel.", "Fill or kill: not all at once.", "Reduce-only: the position is closed."];
        Assert.All(reasons, reason => Assert.Contains(reason, canceled));
        Type[] types =
        [
            typeof(PaperOrderRejected), typeof(PaperOrderExpired), typeof(PaperOrderTriggered), typeof(PaperOrderArrived), typeof(PaperQuoteSeen),
        ];
        foreach (var type in types)
        {
            var count = events.Count(e => e.GetType() == type);
            Assert.True(count > 30, $"Only {count} of {type.Name}.");
        }

        var refused = events.OfType<PaperOrderRejected>().Count(e => e.Reason.StartsWith("Margin", StringComparison.Ordinal));
        Assert.True(refused > 30, $"Only {refused} orders were refused for margin.");
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
            StartingBalance = draw.Chance(0.5) ? 100_000m : 10_000m,
            Margins = Margins,
            Latency = TimeSpan.FromMinutes(draw.Chance(0.5) ? 0 : 20),
            LatencyJitter = TimeSpan.FromMinutes(draw.Chance(0.5) ? 0 : 20),
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
        book.Now += TimeSpan.FromMinutes(1 + draw.Next(59)); // Never stands: a check tells the steps apart by their time.
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
                var cancel = book.Ask<PaperCancelReply>(new CancelPaperOrder(null, PaperOrder.IdOf(working)));
                // It may have ended in this very moment: what was due is done first.
                Assert.Equal(cancel.Refusal is null, book.State.Find(working)!.Status == OrdStatus.Canceled && book.Events[^1] is PaperOrderCanceled { Reason: "Canceled on request." });
                break;
            default:
                book.Reach(book.Now);
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
        Assert.True(state.Balance == state.Settings!.StartingBalance + state.RealizedPnl - state.Commissions, $"{where}: the balance does not add up");
        Assert.True(book.Reports.Select((report, i) => report.Cursor == $"{i + 1}").All(isNext => isNext), $"{where}: reports have a gap");
        CheckCash(book, where);
        CheckFills(book, where);
        CheckDisplayedSize(book, where);
        CheckMargin(book, where);
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

    private static void CheckDisplayedSize(Book book, string where)
    {
        var sides = book.Events.OfType<PaperOrderAccepted>().ToDictionary(e => e.Order, e => e.Terms.Side);
        foreach (var fills in book.Events.OfType<PaperOrderFilled>().GroupBy(fill => (fill.Quote, Side: sides[fill.Order])))
        {
            var size = fills.Key.Side == Side.Buy ? fills.Key.Quote.AskSize : fills.Key.Quote.BidSize;
            var filled = fills.Sum(fill => fill.LastQty);
            Assert.True(!book.State.Settings!.UsesDisplayedSize || size is null || filled <= size, $"{where}: {filled} filled where {size} was displayed");
        }
    }

    // Worked out from the books before and after each acceptance: with the order, the equity still carries the larger side.
    private static void CheckMargin(Book book, string where)
    {
        for (var i = 0; i < book.Events.Count; i++)
        {
            if (book.Events[i] is not PaperOrderAccepted { IsMarginDue: false } accepted || accepted.At != book.Now || book.Last is not { } quote)
            {
                continue; // Of an earlier step, and checked there; or without a quote.
            }

            var before = book.Before[i];
            var (was, becomes) = (Worst(before), Worst(PaperExchange.Apply(before, accepted)));
            var position = before.PositionIn(Given.Future);
            var cost = before.Positions.GetValueOrDefault(Given.Future)?.Cost ?? 0m;
            var equity = before.Balance + ((((position > 0m ? quote.Bid : quote.Ask) * position) - cost) * 50m);
            var needed = becomes * Margin * 50m * quote.Ask;
            Assert.True(becomes <= was || equity >= needed, $"{where}: {accepted.ClOrdId} was accepted with an equity of {equity} and a margin of {needed}");
        }
    }

    private static decimal Worst(PaperExchangeState state)
    {
        decimal Open(Side side) => state.Working.Values
            .Where(order => order.Terms.Side == side && order is { Terms.ReduceOnly: false, IsMarginDue: false }).Sum(order => order.LeavesQty);
        var position = state.PositionIn(Given.Future);
        return Math.Max(Math.Abs(position + Open(Side.Buy)), Math.Abs(position - Open(Side.Sell)));
    }

    private static PaperExchangeState Snapshot(Book book)
    {
        book.Reload();
        return book.State;
    }
}
