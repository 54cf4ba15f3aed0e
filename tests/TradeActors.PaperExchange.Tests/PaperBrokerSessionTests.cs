using TradeActors.Abstractions.Brokers;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange.Tests.Support;
using Xunit;

namespace TradeActors.PaperExchange.Tests;

/// <summary>What is particular to the paper session; what every session promises is in the contract.</summary>
public sealed class PaperBrokerSessionTests
{
    private static readonly EntityId Connection = Book.Id with { Kind = EntityKind.Connection };
    private readonly ManualTime _time = new(Given.Start);
    private readonly InMemoryNode _node;
    private readonly PaperBrokerAdapter _adapter;

    public PaperBrokerSessionTests()
    {
        _node = new InMemoryNode(_time);
        _adapter = new PaperBrokerAdapter(_node, _node, _node, _time);
    }

    [Fact]
    public async Task Connecting_without_paper_settings_or_with_changed_ones_needs_a_person()
    {
        await Assert.ThrowsAsync<BrokerSessionRefusedException>(() => ConnectAsync(new BrokerSettings("paper")));
        await ConnectAsync();
        await Assert.ThrowsAsync<BrokerSessionRefusedException>(() => ConnectAsync(new BrokerSettings("paper", Given.Settings with { Seed = 2 })));
    }

    [Fact]
    public async Task Connecting_while_the_exchange_cannot_be_asked_is_tried_again()
    {
        _node.FailsAsksAfterwards = false;
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => ConnectAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_ask_that_fails_has_an_unknown_outcome_and_a_question_that_fails_is_not_answered(bool afterwards)
    {
        var session = await ConnectAsync();
        _node.FailsAsksAfterwards = afterwards;
        var order = Order("a");
        await Assert.ThrowsAsync<BrokerUnknownOutcomeException>(() => SubmitAsync(session, order));
        var find = new FindOrder("a", null, order.Terms, Given.Start);
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => session.FindOrderAsync(find, default));
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => session.GetSnapshotAsync(default));
        _node.FailsAsksAfterwards = null;
        Assert.Equal(afterwards, await session.FindOrderAsync(find, default) is not null);
    }

    [Theory]
    [InlineData(1500, false)]
    [InlineData(2000, true)]
    public async Task A_late_answer_comes_late_and_one_after_the_time_out_does_not_come(int lateMs, bool isUnknown)
    {
        var session = await ConnectAsync(new PaperFaults(LateAnswer: 1, LateBy: TimeSpan.FromMilliseconds(lateMs)));
        var submit = SubmitAsync(session, Order("a"));
        _time.Advance(TimeSpan.FromMilliseconds(lateMs - 1));
        Assert.False(submit.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        if (isUnknown)
        {
            await Assert.ThrowsAsync<BrokerUnknownOutcomeException>(() => submit);
        }
        else
        {
            Assert.Equal("P1", (await submit).BrokerOrderId);
        }
    }

    [Fact]
    public async Task A_cancel_whose_answer_is_lost_times_out_and_is_done()
    {
        var session = await ConnectAsync(new PaperFaults(LoseCancelAnswer: 1));
        var order = Order("a");
        await SubmitAsync(session, order);
        var cancel = session.CancelAsync(new CancelOrder("a", null, order.Terms), default);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<BrokerUnknownOutcomeException>(() => cancel);
        Assert.Empty(_node.Book.State.Working);
    }

    [Fact]
    public async Task A_missed_announcement_is_made_up_for_within_two_seconds()
    {
        var session = await ConnectAsync();
        await using var reports = session.Reports(null, null, default).GetAsyncEnumerator();
        var next = reports.MoveNextAsync().AsTask();
        _node.IsSilent = true;
        await SubmitAsync(session, Order("a"));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("1", reports.Current.Cursor);
    }

    [Fact]
    public async Task A_waiting_stream_does_not_poll()
    {
        var session = await ConnectAsync();
        await using var reports = session.Reports(null, null, default).GetAsyncEnumerator();
        var next = reports.MoveNextAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Single(_node.Asked.OfType<GetPaperReports>());
        await session.DisposeAsync();
        Assert.False(await next.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_stream_ends_with_its_session_and_is_canceled_by_its_reader()
    {
        var session = await ConnectAsync();
        await using var reports = session.Reports(null, null, default).GetAsyncEnumerator();
        var next = reports.MoveNextAsync().AsTask();
        using var stop = new CancellationTokenSource();
        await using var others = session.Reports(null, null, stop.Token).GetAsyncEnumerator();
        var other = others.MoveNextAsync().AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.WaitAsync(TimeSpan.FromSeconds(30)));
        await session.DisposeAsync();
        Assert.False(await next.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Only_reports_that_the_reader_has_stored_are_dropped()
    {
        var session = await ConnectAsync();
        for (var i = 0; i < 100; i++)
        {
            await SubmitAsync(session, Order($"a{i}"));
        }

        Assert.Equal(100, (await ReadAsync(session, null, 100)).Count);
        Assert.Equal(100, _node.Book.State.Reports.Count);

        Assert.Equal(["100"], (await ReadAsync(session, "99", 1, stored: null)).Select(report => report.Cursor));
        Assert.Equal(100, _node.Book.State.Reports.Count);

        Assert.Equal(["81"], (await ReadAsync(session, "80", 1, stored: "80")).Select(report => report.Cursor));
        Assert.Equal(20, _node.Book.State.Reports.Count);
    }

    [Fact]
    public async Task A_cursor_ahead_of_the_book_belongs_to_another_one()
    {
        var session = await ConnectAsync();
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => ReadAsync(session, "5", 1));
    }

    private Task<IBrokerSession> ConnectAsync(PaperFaults? faults = null) =>
        ConnectAsync(new BrokerSettings("paper", Given.Settings with { Faults = faults }));

    private Task<IBrokerSession> ConnectAsync(BrokerSettings settings) => _adapter.ConnectAsync(Connection, settings, CancellationToken.None);

    private SubmitOrder Order(string clOrdId) => new(clOrdId, Given.Limit(Side.Buy, 1m, 50m), _time.GetUtcNow().AddSeconds(2));

    private static Task<BrokerAck> SubmitAsync(IBrokerSession session, SubmitOrder order) => session.SubmitAsync(order, () => true, default);

    private static async Task<List<BrokerReport>> ReadAsync(IBrokerSession session, string? after, int count, string? stored = null)
    {
        var read = new List<BrokerReport>();
        await foreach (var report in session.Reports(after, stored, default))
        {
            read.Add(report);
            if (read.Count == count)
            {
                break;
            }
        }

        return read;
    }
}
