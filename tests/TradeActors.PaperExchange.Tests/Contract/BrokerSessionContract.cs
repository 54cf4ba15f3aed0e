using TradeActors.Abstractions.Brokers;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Orders;
using Xunit;

namespace TradeActors.PaperExchange.Tests.Contract;

/// <summary>A broker, real or scripted, as the contract drives it. One account, flat, without working orders.</summary>
public interface IBrokerUnderTest : IAsyncDisposable
{
    BrokerTraits Traits { get; }

    /// <summary>The contract that is traded.</summary>
    string Symbol { get; }

    /// <summary>A price at which a buy limit rests for the whole test.</summary>
    decimal FarBelow { get; }

    /// <summary>The time by the clock that the session uses.</summary>
    DateTimeOffset Now { get; }

    /// <summary>A new session of the same account, as after a reconnect.</summary>
    Task<IBrokerSession> ConnectAsync();

    /// <summary>Lets a market order fill, now and from now on.</summary>
    Task MakeMarketAsync();

    /// <summary>The next submit is carried out and its answer never comes.</summary>
    Task LoseNextAnswerAsync();

    /// <summary>Runs a call that waits for time to pass to its end.</summary>
    Task<T> LetTimePassAsync<T>(Task<T> call);
}

/// <summary>What every broker session promises. Derived by the paper exchange and by each broker.</summary>
public abstract class BrokerSessionContract : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CancellationToken _patience = new CancellationTokenSource(Patience).Token;
    private IBrokerUnderTest _broker = null!;
    private IBrokerSession _session = null!;
    private int _lastId;

    protected abstract Task<IBrokerUnderTest> CreateAsync();

    public async Task InitializeAsync()
    {
        _broker = await CreateAsync();
        _session = await _broker.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task An_order_is_acknowledged_and_its_New_and_fills_arrive_as_reports()
    {
        await _broker.MakeMarketAsync();
        var order = Order(Side.Buy, 3m);
        var ack = await SubmitAsync(order);
        var reports = await ReadAsync(null, seen => Filled(seen, order.ClOrdId) == 3m);
        Assert.Equal(ExecType.New, reports.First(report => report.ClOrdId == order.ClOrdId).ExecType);
        Assert.All(reports, report => Assert.Equal((ack.BrokerOrderId, _broker.Symbol, Side.Buy), (report.BrokerOrderId, report.Symbol, report.Side)));
        Assert.Equal(reports.Count, reports.Select(report => report.ExecId).Distinct().Count());
    }

    [Fact]
    public async Task Reports_resumed_from_any_cursor_miss_nothing_and_repeat_nothing_before_it()
    {
        await _broker.MakeMarketAsync();
        await SubmitAsync(Order(Side.Buy, 1m));
        await SubmitAsync(Order(Side.Buy, 2m));
        var last = Order(Side.Sell, 3m);
        await SubmitAsync(last);
        var all = await ReadAsync(null, seen => Filled(seen, last.ClOrdId) == 3m);
        for (var i = 0; i < all.Count - 1; i++)
        {
            await using var resumed = await _broker.ConnectAsync();
            var rest = await ReadAsync(resumed, all[i].Cursor, seen => seen.Count == all.Count - i - 1);
            Assert.Equal(all.Skip(i + 1), rest);
        }
    }

    [Fact]
    public async Task A_report_made_while_the_stream_waits_arrives()
    {
        await _broker.MakeMarketAsync();
        var order = Order(Side.Buy, 1m);
        var reading = ReadAsync(null, seen => Filled(seen, order.ClOrdId) == 1m);
        await Task.Yield();
        await SubmitAsync(order);
        Assert.NotEmpty(await reading);
    }

    [Fact]
    public async Task An_order_is_found_by_its_ClOrdID_and_an_unknown_one_is_not()
    {
        var order = Resting();
        var ack = await SubmitAsync(order);
        var found = await FindAsync(order);
        Assert.Equal((ack.BrokerOrderId, OrdStatus.Working, 1m, 0m), (found!.BrokerOrderId, found.Status, found.OrderQty, found.CumQty));
        Assert.Null(await FindAsync(Resting()));
    }

    [Fact]
    public async Task A_cancel_ends_a_working_order_and_is_then_refused()
    {
        var order = Resting();
        var ack = await SubmitAsync(order);
        var cancel = new CancelOrder(order.ClOrdId, ack.BrokerOrderId, order.Terms);
        await _session.CancelAsync(cancel, _patience);
        await ReadAsync(null, seen => seen.Any(report => report.ExecType == ExecType.Canceled && report.ClOrdId == order.ClOrdId));
        Assert.Equal(OrdStatus.Canceled, (await FindAsync(order))!.Status);
        await Assert.ThrowsAsync<BrokerRejectedException>(() => _session.CancelAsync(cancel, _patience));
    }

    [Fact]
    public async Task A_bad_order_is_rejected()
    {
        var order = Resting() with { Terms = Resting().Terms with { OrderQty = -1m } };
        await Assert.ThrowsAsync<BrokerRejectedException>(() => SubmitAsync(order));
        Assert.Empty((await _session.GetSnapshotAsync(_patience)).WorkingOrders);
    }

    [Fact]
    public async Task A_duplicate_is_answered_with_the_first_order_where_the_broker_refuses_a_second()
    {
        var order = Resting();
        var first = await SubmitAsync(order);
        if (_broker.Traits.RefusesDuplicates)
        {
            Assert.Equal(first.BrokerOrderId, (await SubmitAsync(order)).BrokerOrderId);
            Assert.Single((await _session.GetSnapshotAsync(_patience)).WorkingOrders);
        }
    }

    [Fact]
    public async Task An_order_whose_answer_was_lost_has_an_unknown_outcome_and_is_found_by_asking()
    {
        await _broker.LoseNextAnswerAsync();
        var order = Resting();
        var submit = SubmitAsync(order);
        await Assert.ThrowsAsync<BrokerUnknownOutcomeException>(() => _broker.LetTimePassAsync(submit));
        Assert.Equal(OrdStatus.Working, (await FindAsync(order))!.Status);
    }

    [Fact]
    public async Task Nothing_is_sent_by_one_who_may_not_act_or_after_the_deadline()
    {
        var order = Resting();
        await Assert.ThrowsAsync<BrokerNotSentException>(() => _session.SubmitAsync(order, () => false, _patience));
        var late = order with { SendBefore = _broker.Now.AddSeconds(-1) };
        await Assert.ThrowsAsync<BrokerNotSentException>(() => _session.SubmitAsync(late, () => true, _patience));
        Assert.Null(await FindAsync(order));
    }

    [Fact]
    public async Task The_snapshot_is_the_sum_of_the_fills_and_lists_what_works()
    {
        await _broker.MakeMarketAsync();
        var resting = Resting();
        await SubmitAsync(resting);
        await SubmitAsync(Order(Side.Buy, 3m));
        var last = Order(Side.Sell, 5m);
        await SubmitAsync(last);
        var reports = await ReadAsync(null, seen => Filled(seen, last.ClOrdId) == 5m);

        var snapshot = await _session.GetSnapshotAsync(_patience);

        Assert.Equal(reports.Sum(report => report.Side.Sign * report.LastQty), Assert.Single(snapshot.Positions).Quantity);
        Assert.Equal(resting.ClOrdId, Assert.Single(snapshot.WorkingOrders).ClOrdId);
    }

    private SubmitOrder Order(Side side, decimal quantity) =>
        new($"t{++_lastId}", new OrderTerms(_broker.Symbol, side, OrdType.Market, quantity), _broker.Now.AddSeconds(2));

    private SubmitOrder Resting() => new(
        $"t{++_lastId}", new OrderTerms(_broker.Symbol, Side.Buy, OrdType.Limit, 1m, _broker.FarBelow), _broker.Now.AddSeconds(2));

    private Task<BrokerAck> SubmitAsync(SubmitOrder order) => _session.SubmitAsync(order, () => true, _patience);

    private Task<BrokerOrder?> FindAsync(SubmitOrder order) =>
        _session.FindOrderAsync(new FindOrder(order.ClOrdId, null, order.Terms, _broker.Now.AddMinutes(-1)), _patience);

    private Task<List<BrokerReport>> ReadAsync(string? cursor, Func<List<BrokerReport>, bool> isEnough) => ReadAsync(_session, cursor, isEnough);

    private async Task<List<BrokerReport>> ReadAsync(IBrokerSession session, string? cursor, Func<List<BrokerReport>, bool> isEnough)
    {
        var seen = new List<BrokerReport>();
        try
        {
            await foreach (var report in session.Reports(cursor, stored: null, _patience))
            {
                seen.Add(report);
                if (isEnough(seen))
                {
                    return seen;
                }
            }
        }
        catch (OperationCanceledException) when (_patience.IsCancellationRequested)
        {
        }

        throw new TimeoutException($"The expected reports did not come within {Patience}; seen: {string.Join(", ", seen)}");
    }

    private static decimal Filled(IEnumerable<BrokerReport> reports, string clOrdId) =>
        reports.Where(report => report.ClOrdId == clOrdId).Sum(report => report.LastQty);
}
