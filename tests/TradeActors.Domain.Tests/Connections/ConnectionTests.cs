using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using Xunit;

namespace TradeActors.Domain.Tests.Connections;

/// <summary>Intent before submit, and unknown outcomes settled by asking (PROTOCOL 1, 2).</summary>
public sealed class ConnectionTests
{
    [Fact]
    public void Link_told_twice_is_stored_once() =>
        Assert.Empty(new ConnectionRun().Tell(new LinkAccount(ConnectionRun.Settings, new BrokerTraits(false, default, default))).Events);

    [Fact]
    public void Intent_is_stored_with_its_deadline_before_anything_is_submitted()
    {
        var connection = new ConnectionRun().Place();
        var intent = Assert.IsType<IntentStored>(Assert.Single(connection.Events));
        Assert.Equal(connection.Now + Connection.SendWindow, intent.SendBefore);
        var submit = Assert.IsType<CallSubmit>(connection.Call());
        Assert.Equal(("c1", intent.SendBefore), (submit.Order.ClOrdId, submit.Order.SendBefore));
        Assert.Empty(connection.Told);
    }

    [Fact]
    public void Order_placed_twice_has_one_intent()
    {
        var connection = new ConnectionRun().Place().Place(qty: 9m);
        Assert.Single(connection.Events);
        Assert.Equal(2m, connection.Order().Terms.OrderQty);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-0.001, false)]
    public void Late_entry_expires_without_an_intent(double validFor, bool isSent)
    {
        var connection = new ConnectionRun();
        connection.Place(validUntil: connection.Now.AddSeconds(validFor));
        Assert.Equal(isSent, connection.Events.Count == 1);
        Assert.Equal(isSent ? [] : [OrderUpdateKind.Expired], connection.Kinds);
    }

    [Fact]
    public void Accepted_order_is_told_once_and_needs_no_call()
    {
        var connection = new ConnectionRun().Place().Accept().Accept();
        Assert.Equal([OrderUpdateKind.Accepted], connection.Kinds);
        Assert.Empty(connection.Calls());
        Assert.Equal(OrderPhase.Working, connection.Order().Phase);
    }

    /// <summary>Stored together, the report and the lost answer leave no state in which nothing is called: only the key tells the second call from the first.</summary>
    [Fact]
    public void Cancel_whose_answer_was_lost_is_called_again_when_a_report_shows_that_the_order_works()
    {
        var connection = new ConnectionRun().Place().Accept().Cancel();
        var first = Assert.Single(connection.Calls()).Key;
        connection.Tell(new CancelAnswered("c1", CancelAnswer.Unknown, "no session"));
        connection.Hear(ExecType.New);
        Assert.NotEqual(first, Assert.Single(connection.Calls()).Key);
    }

    [Fact]
    public void Rejected_and_unsent_orders_end()
    {
        var rejected = new ConnectionRun().Place();
        rejected.Tell(new SubmitRejected("c1", "Margin"));
        Assert.Equal((OrderUpdateKind.Rejected, "Margin"), (rejected.LastTold!.Kind, rejected.LastTold.Reason));
        Assert.Equal(OrderPhase.Done, rejected.Order().Phase);

        var unsent = new ConnectionRun().Place();
        unsent.Tell(new SubmitNotSent("c1", "Deadline"));
        Assert.Equal((OrderUpdateKind.Rejected, "NotSent: Deadline"), (unsent.LastTold!.Kind, unsent.LastTold.Reason));
    }

    [Fact]
    public void Recovered_intent_is_asked_for_and_never_submitted_again()
    {
        var connection = new ConnectionRun().Place();
        connection.After(60).Tell(new Activated());
        Assert.Equal([OrderUpdateKind.Unknown], connection.Kinds);
        var find = Assert.IsType<CallFind>(connection.Call());
        Assert.Equal("c1", find.Order.ClOrdId);
        connection.Tell(new Activated());
        Assert.IsType<CallFind>(connection.Call());
        Assert.Equal([OrderUpdateKind.Unknown], connection.Kinds);
    }

    [Fact]
    public void Recovery_leaves_working_orders_alone()
    {
        var connection = new ConnectionRun().Place().Accept();
        Assert.Empty(connection.Tell(new Activated()).Events);
    }

    [Fact]
    public void Cancel_in_flight_at_a_restart_is_settled_by_asking()
    {
        var connection = new ConnectionRun().Place().Accept().Cancel();
        connection.Tell(new Activated());
        Assert.IsType<CallFind>(connection.Call());
        connection.Find(OrdStatus.Working);
        Assert.IsType<CallCancel>(connection.Call());
    }

    [Fact]
    public void Found_order_is_adopted()
    {
        var connection = new ConnectionRun().Place().Lose().Find(OrdStatus.Working);
        Assert.Equal([OrderUpdateKind.Unknown, OrderUpdateKind.Accepted], connection.Kinds);
        Assert.Equal((OrderPhase.Working, "broker-c1"), (connection.Order().Phase, connection.Order().BrokerOrderId));
    }

    [Theory]
    [InlineData(OrdStatus.Canceled, OrderUpdateKind.Canceled)]
    [InlineData(OrdStatus.Rejected, OrderUpdateKind.Rejected)]
    [InlineData(OrdStatus.Expired, OrderUpdateKind.Expired)]
    public void Order_found_finished_ends(OrdStatus status, OrderUpdateKind kind)
    {
        var connection = new ConnectionRun().Place().Lose().Find(status);
        Assert.Equal(kind, connection.LastTold!.Kind);
        Assert.Equal(OrderPhase.Done, connection.Order().Phase);
    }

    [Theory]
    [InlineData(OrdStatus.Filled, 2)]
    [InlineData(OrdStatus.Canceled, 1)]
    public void Order_found_with_fills_waits_for_the_stream_to_bring_them(OrdStatus status, double cumQty)
    {
        var connection = new ConnectionRun().Place().Lose().Find(status, (decimal)cumQty);
        Assert.Equal(OrderPhase.Working, connection.Order().Phase);
        connection.Hear(ExecType.Trade, lastQty: (decimal)cumQty);
        Assert.Equal(OrderUpdateKind.Trade, connection.LastTold!.Kind);
    }

    [Fact]
    public void Not_found_too_early_is_asked_again_ever_more_slowly()
    {
        var connection = new ConnectionRun().Place().Lose();
        var waits = new List<double>();
        var keys = new HashSet<string>();
        for (var ask = 0; ask < 4; ask++)
        {
            connection.Now = ((CallFind)connection.Call()!).NotBefore;
            Assert.True(keys.Add(connection.Calls().Single().Key), "A repeated question needs a key of its own, or it is never started.");
            connection.Find(null);
            waits.Add((((CallFind)connection.Call()!).NotBefore - connection.Now).TotalSeconds);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.True(waits[^1] > waits[0]);
        Assert.Equal(OrderPhase.Unknown, connection.Order().Phase);
    }

    [Fact]
    public void Failed_question_is_asked_again_and_slows_down_to_half_a_minute()
    {
        var connection = new ConnectionRun().Place().Lose();
        for (var ask = 0; ask < 20; ask++)
        {
            connection.Tell(new FindFailed("c1", "503"));
        }

        Assert.Equal(TimeSpan.FromSeconds(30), ((CallFind)connection.Call()!).NotBefore - connection.Now);
    }

    [Theory]
    // Send deadline 2 s, request time-out 5 s, listing lag 1 s: "not found" counts from 8 s after the intent.
    [InlineData(7.999, false)]
    [InlineData(8, true)]
    public void Not_found_late_enough_is_sent_again_under_the_same_id_where_duplicates_are_refused(double asked, bool isRenewed)
    {
        var connection = new ConnectionRun().Place();
        var firstKey = connection.Calls().Single().Key;
        connection.Lose().After(asked).Find(null);
        Assert.Equal(isRenewed, connection.Events[^1] is IntentRenewed);
        if (isRenewed)
        {
            var submit = Assert.IsType<CallSubmit>(connection.Call());
            Assert.Equal(("c1", connection.Now + Connection.SendWindow), (submit.Order.ClOrdId, submit.Order.SendBefore));
            Assert.NotEqual(firstKey, connection.Calls().Single().Key);
        }
    }

    [Fact]
    public void Answer_counts_from_when_the_question_was_asked_not_from_when_it_came()
    {
        var connection = new ConnectionRun().Place().Lose();
        var askedAt = connection.Now.AddSeconds(1);
        connection.After(60).Tell(new FindAnswered("c1", null, askedAt));
        Assert.IsType<FindRepeated>(connection.Events[^1]);
    }

    [Fact]
    public void Not_found_is_abandoned_where_duplicates_are_not_refused()
    {
        var connection = new ConnectionRun(refusesDuplicates: false).Place().Lose().After(8).Find(null);
        Assert.Equal(OrderUpdateKind.Abandoned, connection.LastTold!.Kind);
        Assert.Equal(OrderPhase.Abandoned, connection.Order().Phase);
        Assert.Empty(connection.Calls());
        Assert.Single(connection.State.Open);
    }

    [Fact]
    public void Abandoned_order_that_shows_up_after_all_is_taken_back()
    {
        var connection = new ConnectionRun(refusesDuplicates: false).Place().Lose().After(8).Find(null).Hear(ExecType.New);
        Assert.Equal(OrderUpdateKind.Accepted, connection.LastTold!.Kind);
        connection.Hear(ExecType.Trade, lastQty: 2m);
        Assert.Equal((OrderUpdateKind.Trade, OrderPhase.Done), (connection.LastTold.Kind, connection.Order().Phase));
    }

    [Fact]
    public void Not_found_entry_that_is_late_by_now_expires()
    {
        var connection = new ConnectionRun();
        connection.Place(validUntil: connection.Now.AddSeconds(5)).Lose().After(8).Find(null);
        Assert.Equal((OrderUpdateKind.Expired, OrderPhase.Done), (connection.LastTold!.Kind, connection.Order().Phase));
    }

    [Fact]
    public void Not_found_exit_is_never_late()
    {
        var connection = new ConnectionRun().Place(purpose: OrderPurpose.Exit).Lose().After(3_600).Find(null);
        Assert.IsType<CallSubmit>(connection.Call());
    }

    [Fact]
    public void Not_found_order_that_should_be_canceled_is_canceled_without_being_placed()
    {
        var connection = new ConnectionRun().Place().Cancel().Lose().After(8).Find(null);
        Assert.Equal((OrderUpdateKind.Canceled, OrderPhase.Done), (connection.LastTold!.Kind, connection.Order().Phase));
        Assert.Empty(connection.Calls());
    }

    [Fact]
    public void Order_that_the_broker_once_had_is_not_sent_again_when_its_lists_drop_it()
    {
        var connection = new ConnectionRun().Place().Accept().Cancel();
        connection.Tell(new CancelAnswered("c1", CancelAnswer.Rejected, "Unknown order"));
        connection.After(3_600).Find(null);
        Assert.IsType<FindRepeated>(connection.Events[^1]);
        connection.Hear(ExecType.Trade, lastQty: 2m);
        Assert.Equal(OrderPhase.Done, connection.Order().Phase);
    }

    [Fact]
    public void Cancel_waits_for_the_answer_to_its_submit()
    {
        var connection = new ConnectionRun().Place().Cancel();
        Assert.IsType<CallSubmit>(connection.Call());
        connection.Accept();
        Assert.Equal("broker-c1", Assert.IsType<CallCancel>(connection.Call()).Order.BrokerOrderId);
    }

    [Fact]
    public void Cancel_of_an_unknown_order_waits_until_it_is_found()
    {
        var connection = new ConnectionRun().Place().Lose().Cancel();
        Assert.IsType<CallFind>(connection.Call());
        connection.Find(OrdStatus.Working);
        Assert.IsType<CallCancel>(connection.Call());
    }

    [Fact]
    public void Cancel_is_asked_once_and_stays_out_until_it_is_reported()
    {
        var connection = new ConnectionRun().Place().Accept().Cancel().Cancel();
        Assert.Single(connection.Events.OfType<CancelRequested>());
        connection.Tell(new CancelAnswered("c1", CancelAnswer.Accepted, null));
        Assert.Empty(connection.Calls());
        connection.Hear(ExecType.Canceled);
        Assert.Equal((OrderUpdateKind.Canceled, OrderPhase.Done), (connection.LastTold!.Kind, connection.Order().Phase));
    }

    [Theory]
    [InlineData(CancelAnswer.Rejected)]
    [InlineData(CancelAnswer.Unknown)]
    public void Cancel_that_was_not_taken_is_settled_by_asking_and_tried_again(CancelAnswer answer)
    {
        var connection = new ConnectionRun().Place().Accept().Cancel();
        var firstKey = connection.Calls().Single().Key;
        connection.Tell(new CancelAnswered("c1", answer, null));
        Assert.IsType<CallFind>(connection.Call());
        connection.Find(OrdStatus.Working);
        Assert.IsType<CallCancel>(connection.Call());
        Assert.NotEqual(firstKey, connection.Calls().Single().Key);
    }

    [Fact]
    public void Cancel_of_a_finished_or_unheard_of_order_is_answered()
    {
        var connection = new ConnectionRun().Place().Accept().Hear(ExecType.Trade, lastQty: 2m).Cancel().Cancel("c9");
        Assert.Equal([OrderUpdateKind.CancelRejected, OrderUpdateKind.CancelRejected], connection.Kinds.TakeLast(2));
        Assert.Empty(connection.Calls());
    }

    [Fact]
    public void Report_seen_twice_is_booked_once()
    {
        var connection = new ConnectionRun().Place().Accept();
        var trade = connection.Report(ExecType.Trade, lastQty: 1m);
        connection.Tell(new ReportReceived(trade));
        connection.Tell(new ReportReceived(trade));
        connection.Tell(new ReportReceived(trade with { Cursor = "000009" }));
        Assert.Single(connection.Told, update => update.Kind == OrderUpdateKind.Trade);
        Assert.Equal((1m, "000009"), (connection.Order().CumQty, connection.State.Cursor));
    }

    [Fact]
    public void Report_of_the_stream_may_be_faster_than_the_answer()
    {
        var connection = new ConnectionRun().Place().Hear(ExecType.New).Accept().Hear(ExecType.Trade, lastQty: 2m);
        Assert.Equal([OrderUpdateKind.Accepted, OrderUpdateKind.Trade], connection.Kinds);
    }

    [Fact]
    public void Fill_settles_an_unknown_order()
    {
        var connection = new ConnectionRun().Place().Lose().Hear(ExecType.Trade, lastQty: 1m);
        Assert.Equal((OrderPhase.Working, 1m), (connection.Order().Phase, connection.Order().CumQty));
        Assert.Empty(connection.Calls());
        Assert.Empty(connection.Lose().Find(OrdStatus.Working).Calls());
    }

    [Fact]
    public void Fill_that_crosses_a_cancel_is_told()
    {
        var connection = new ConnectionRun().Place().Accept().Hear(ExecType.Canceled).Hear(ExecType.Trade, lastQty: 2m);
        Assert.Equal((OrderUpdateKind.Trade, 2m), (connection.LastTold!.Kind, connection.LastTold.LastQty));
        Assert.Equal(OrderPhase.Done, connection.Order().Phase);
        Assert.Single(connection.State.Finished);
    }

    [Fact]
    public void Late_fill_of_a_forgotten_order_still_reaches_the_account_once()
    {
        var connection = new ConnectionRun();
        for (var n = 0; n <= ConnectionState.FinishedKept; n++)
        {
            connection.Place($"c{n}").Hear(ExecType.Canceled, $"c{n}");
        }

        Assert.False(connection.State.Orders.ContainsKey("c0"));
        connection.Told.Clear();
        var trade = connection.Report(ExecType.Trade, "c0", lastQty: 2m);
        connection.Tell(new ReportReceived(trade));
        connection.Tell(new ReportReceived(trade with { Cursor = "999999" }), isStoredExecution: true);
        var told = Assert.Single(connection.Told);
        Assert.Equal(("c0", OrderUpdateKind.Trade, 2m, "ESU2026", Side.Buy), (told.ClOrdId, told.Kind, told.LastQty, told.Symbol, told.Side));
        Assert.Equal("999999", connection.State.Cursor);
    }

    [Fact]
    public void Foreign_reports_move_the_cursor_only()
    {
        var connection = new ConnectionRun();
        connection.Tell(new ReportReceived(connection.Report(ExecType.Trade, clOrdId: null, lastQty: 5m)));
        connection.Tell(new ReportReceived(connection.Report(ExecType.Trade, clOrdId: "by-hand", lastQty: 5m)));
        Assert.Empty(connection.Told);
        Assert.Equal("000002", connection.State.Cursor);
        Assert.Empty(connection.Tell(new ReportReceived(connection.Report(ExecType.New, clOrdId: null, cursor: "000002"))).Events);
    }

    [Fact]
    public void Corrected_fill_does_not_pass_unseen()
    {
        var connection = new ConnectionRun().Place().Accept();
        Assert.Throws<NotSupportedException>(() => connection.Hear(ExecType.TradeCancel));
    }

    [Fact]
    public void Session_is_kept_while_an_order_is_open_and_resumes_behind_the_cursor()
    {
        var connection = new ConnectionRun().Place().Hear(ExecType.New);
        Assert.Equal("000001", Session(connection)!.Cursor);
        connection.Hear(ExecType.Trade, lastQty: 2m);
        Assert.Null(Session(connection));

        static KeepSession? Session(ConnectionRun connection) =>
            (KeepSession?)Connection.Pending(connection.State).Effects.SingleOrDefault(effect => effect.Key == "session")?.Call;
    }

    [Fact]
    public void Answers_about_orders_that_are_not_there_change_nothing()
    {
        var connection = new ConnectionRun();
        object[] answers =
        [
            new SubmitAccepted("c1", new BrokerAck("b")), new SubmitRejected("c1", ""), new SubmitNotSent("c1", ""), new SubmitOutcomeUnknown("c1", ""),
            new CancelAnswered("c1", CancelAnswer.Accepted, null), new FindAnswered("c1", null, connection.Now), new FindFailed("c1", ""), new Activated(),
        ];
        Assert.All(answers, answer => Assert.Equal(Reaction.Nothing.Events, connection.Tell(answer).Events));
    }

    [Fact]
    public void View_lists_the_open_orders()
    {
        var connection = new ConnectionRun().Place().Place("c2");
        connection.Tell(new SubmitRejected("c2", ""));
        var view = Assert.IsType<ConnectionView>(connection.Tell(new GetConnection()).Reply);
        Assert.Equal(("paper", "c1"), (view.Broker, view.Orders.Single().ClOrdId));
    }
}
