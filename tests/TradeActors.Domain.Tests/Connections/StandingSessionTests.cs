using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using Xunit;

namespace TradeActors.Domain.Tests.Connections;

/// <summary>Brokers at which things happen that no order of ours announces: they are heard, and compared with what is known (PROTOCOL 1, 2, 7).</summary>
public sealed class StandingSessionTests
{
    private readonly ConnectionRun _connection = new(refusesDuplicates: false, standing: true);

    [Fact]
    public void Session_stands_while_nothing_is_open()
    {
        Assert.True(Session()!.IsStanding);
        _connection.Place().Accept().Hear(ExecType.Trade, lastQty: 2m);
        Assert.Equal("000001", Session()!.Cursor);
    }

    [Fact]
    public void Trade_by_hand_reaches_the_account_once()
    {
        var byHand = _connection.Report(ExecType.Trade, clOrdId: null, lastQty: 3m) with { BrokerOrderId = "B7" };
        _connection.Tell(new ReportReceived(byHand));
        _connection.Tell(new ReportReceived(byHand with { Cursor = "000009" }), isStoredExecution: true);
        var told = Assert.Single(_connection.Told);
        Assert.Equal(("broker:B7", OrderUpdateKind.Trade, 3m, "ESU2026"), (told.ClOrdId, told.Kind, told.LastQty, told.Symbol));
        Assert.Equal((3m, "000009"), (_connection.State.Net["ESU2026"], _connection.State.Cursor));
    }

    [Fact]
    public void Order_told_as_over_that_shows_up_is_canceled_and_its_fills_are_told()
    {
        Settle();
        _connection.Hear(ExecType.New);
        Assert.Equal("broker-c1", Assert.IsType<CallCancel>(_connection.Call()).Order.BrokerOrderId);
        _connection.Hear(ExecType.Trade, lastQty: 1m);
        Assert.Equal((OrderUpdateKind.Trade, 1m), (_connection.LastTold!.Kind, _connection.LastTold.LastQty));
        _connection.Hear(ExecType.Canceled);
        Assert.Equal(OrderPhase.Done, _connection.Order().Phase);
        Assert.Equal(["c1"], _connection.State.Finished);
    }

    [Fact]
    public void Order_told_as_over_that_a_snapshot_lists_is_canceled()
    {
        Settle();
        var reaction = Look(working: [Listed("c1")]);
        Assert.IsType<OrderRevived>(Assert.Single(reaction.Events));
        Assert.NotEmpty(reaction.Warnings);
        Assert.IsType<CallCancel>(_connection.Call());
    }

    [Fact]
    public void Late_report_of_a_new_order_that_has_ended_changes_nothing()
    {
        _connection.Place().Hear(ExecType.Canceled).Hear(ExecType.New);
        Assert.Equal(OrderPhase.Done, _connection.Order().Phase);
        Assert.DoesNotContain(_connection.Events, e => e is OrderRevived);
    }

    [Fact]
    public void Abandoned_order_that_a_snapshot_lists_is_taken_back()
    {
        _connection.Place().Lose().After(8).Find(null);
        Look(working: [Listed("c1")]);
        Assert.Equal((OrderPhase.Working, OrderUpdateKind.Accepted), (_connection.Order().Phase, _connection.LastTold!.Kind));
    }

    [Theory]
    [InlineData(7.9, false)]
    [InlineData(8, true)]
    public void Working_order_that_a_snapshot_does_not_list_is_asked_for_once_it_must_be_listed(double asked, bool isAskedFor)
    {
        _connection.Place().Accept().After(asked);
        Look();
        Assert.Equal(isAskedFor, _connection.Call() is CallFind);
    }

    [Fact]
    public void Order_of_a_broker_that_keeps_no_client_ids_is_known_by_its_broker_id()
    {
        _connection.Place().Accept().After(60);
        Assert.Empty(Look(working: [Listed(null) with { BrokerOrderId = "broker-c1" }]).Events);
    }

    [Fact]
    public void Position_that_differs_and_stays_so_is_shown_once_and_left_alone()
    {
        Assert.Empty(Look(held: 2m, isFirst: true).Warnings);
        Assert.Empty(_connection.After(5).Look(2m).Warnings);
        Assert.Single(_connection.After(5).Look(2m).Warnings);
        Assert.Empty(_connection.After(30).Look(2m).Events);
        var view = (ConnectionView)_connection.Tell(new GetConnection()).Reply!;
        Assert.Equal((2m, true), (view.Drifts.Single().Quantity, view.Drifts.Single().IsConfirmed));
        Assert.Empty(_connection.Told);
        _connection.After(30).Look(0m);
        Assert.Empty(_connection.State.Drifts);
    }

    [Fact]
    public void Difference_that_a_fill_explains_or_another_session_saw_is_no_alarm()
    {
        Look(held: 2m);
        _connection.Place().Accept().Hear(ExecType.Trade, lastQty: 2m);
        Assert.Empty(_connection.After(20).Look(2m).Warnings);
        Look(held: 5m);
        Assert.Empty(_connection.After(20).Look(5m, isFirst: true).Warnings);
    }

    private KeepSession? Session() =>
        (KeepSession?)Connection.Pending(_connection.State).Effects.SingleOrDefault(effect => effect.Key == "session")?.Call;

    /// <summary>A person settles an abandoned order: asked once more and not there, it is told as canceled.</summary>
    private void Settle()
    {
        _connection.Place().Lose().After(8).Find(null).Cancel().Find(null);
        Assert.Equal((OrderUpdateKind.Canceled, OrderPhase.Done), (_connection.LastTold!.Kind, _connection.Order().Phase));
    }

    private Reaction Look(decimal held = 0m, bool isFirst = false, BrokerOrder[]? working = null) => _connection.Look(held, isFirst, working);

    private static BrokerOrder Listed(string? clOrdId) => new(clOrdId, $"broker-{clOrdId}", "ESU2026", Side.Buy, 2m, OrdStatus.Working, 0m, null);
}

internal static class Looking
{
    public static Reaction Look(this ConnectionRun connection, decimal held, bool isFirst = false, BrokerOrder[]? working = null) => connection.Tell(new SnapshotTaken(
        new BrokerSnapshot([.. working ?? []], held == 0m ? [] : [new BrokerPosition("ESU2026", held, null)], null), connection.Now, isFirst));
}
