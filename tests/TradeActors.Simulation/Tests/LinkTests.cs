using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Brokers.Core.Links;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using Xunit;

namespace TradeActors.Simulation.Tests;

/// <summary>What a broker link decides, one input at a time.</summary>
public sealed class LinkTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 3, 15, 0, 0, TimeSpan.Zero);
    private static readonly EntityId ConnectionId = new("acme", EntityKind.Connection, "acc0");
    private static readonly BrokerSettings Settings = new("simulated");
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly OrderTerms Terms = new("ESH2026", Side.Buy, OrdType.Market, 1m);

    private readonly Shell _shell = new();

    [Fact]
    public void Order_waits_for_a_session_and_is_written_once()
    {
        var call = SubmitOverSession();
        Assert.True(_shell.Link.MayWrite(call, _shell.Now));
        Assert.False(_shell.Link.MayWrite(call, _shell.Now));
        _shell.Link.Answered(call, new BrokerAck("B1"), _shell.Now);
        Assert.Equal([new SubmitAccepted("c1", new BrokerAck("B1"))], _shell.Reports);
        Assert.Equal(BrokerCallOutcome.Accepted, _shell.LastCall!.Value.Outcome);
    }

    [Fact]
    public void Order_is_not_written_after_its_deadline_whatever_the_wall_clock_says()
    {
        var call = SubmitOverSession();
        _shell.Utc = Start.AddSeconds(-60);
        _shell.Elapsed += Connection.SendWindow;
        Assert.False(_shell.Link.MayWrite(call, _shell.Now));
        Assert.IsType<SubmitNotSent>(Assert.Single(_shell.Reports));
    }

    [Fact]
    public void Order_is_not_written_for_an_activation_that_is_over()
    {
        _shell.MayAct = false;
        Assert.False(_shell.Link.MayWrite(SubmitOverSession(), _shell.Now));
        Assert.Empty(_shell.Reports);
    }

    [Fact]
    public void Order_that_no_session_takes_before_its_deadline_was_not_sent()
    {
        Submit();
        for (var i = 0; i < 20; i++)
        {
            if (_shell.Take("log-on") is { } session)
            {
                _shell.Link.LogOnFailed(session, LinkFailure.Unavailable, _shell.Now);
            }

            _shell.Wait(0.2);
        }

        Assert.IsType<SubmitNotSent>(Assert.Single(_shell.Reports));
    }

    [Fact]
    public void Order_without_an_answer_is_unknown_and_a_late_answer_is_not_heard()
    {
        var call = SubmitOverSession();
        _shell.Link.MayWrite(call, _shell.Now);
        _shell.Wait(1);
        Assert.IsType<SubmitOutcomeUnknown>(Assert.Single(_shell.Reports));
        _shell.Link.Failed(call, LinkFailure.Rejected, "late", _shell.Now);
        Assert.Single(_shell.Reports);
    }

    [Theory]
    [InlineData(LinkFailure.Unavailable, false, false)]
    [InlineData(LinkFailure.Unavailable, true, true)]
    [InlineData(LinkFailure.NotSent, true, false)]
    [InlineData(LinkFailure.SessionExpired, true, false)]
    [InlineData(LinkFailure.Unknown, false, true)]
    public void Order_is_tried_again_only_when_nothing_can_have_come_of_it(LinkFailure failure, bool isWritten, bool isUnknown)
    {
        var call = SubmitOverSession();
        Assert.True(!isWritten || _shell.Link.MayWrite(call, _shell.Now));
        _shell.Link.Failed(call, failure, "", _shell.Now);
        Assert.Equal(isUnknown, _shell.Reports.SingleOrDefault() is SubmitOutcomeUnknown);
        _shell.Wait(0.3);
        if (!isUnknown && failure == LinkFailure.SessionExpired)
        {
            _shell.Link.LoggedOn(_shell.Take("log-on")!.Value, _shell.Now);
        }

        Assert.Equal(!isUnknown, _shell.Take("submit") is not null);
    }

    [Fact]
    public void Session_that_breaks_again_and_again_is_logged_on_with_growing_waits()
    {
        _shell.Start("session", new KeepSession(Settings, "5", IsStanding: true, Timeout));
        var waits = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            var from = _shell.Elapsed;
            long? session;
            while ((session = _shell.Take("log-on")) is null)
            {
                _shell.Wait(0.05);
            }

            waits.Add((_shell.Elapsed - from).TotalSeconds);
            _shell.Link.LoggedOn(session.Value, _shell.Now);
            _shell.Link.Answered(_shell.Take("snapshot")!.Value, new BrokerSnapshot([], [], null), _shell.Now);
            _shell.Link.StreamEnded(_shell.Take("listen 5/5")!.Value, _shell.Now);
        }

        Assert.Equal(waits.Order(), waits);
        Assert.True(waits[3] > waits[1]);
    }

    [Fact]
    public void Stream_resumes_behind_the_last_report_heard_with_what_is_stored_and_the_broken_one_is_not_heard_any_more()
    {
        _shell.Start("session", new KeepSession(Settings, "5", IsStanding: false, Timeout));
        _shell.Link.LoggedOn(_shell.Take("log-on")!.Value, _shell.Now);
        var broken = _shell.Take("listen 5/5")!.Value;
        _shell.Link.Heard(broken, Report("6"), _shell.Now);
        _shell.Link.StreamEnded(broken, _shell.Now);
        _shell.Wait(0.2);
        _shell.Link.LoggedOn(_shell.Take("log-on")!.Value, _shell.Now);
        Assert.NotNull(_shell.Take("listen 6/5"));
        _shell.Link.Heard(broken, Report("7"), _shell.Now);
        Assert.Equal(["6"], _shell.Reports.Cast<ReportReceived>().Select(received => received.Report.Cursor));
    }

    [Fact]
    public void Standing_session_takes_a_snapshot_at_once_and_now_and_then()
    {
        _shell.Start("session", new KeepSession(Settings, null, IsStanding: true, Timeout));
        _shell.Link.LoggedOn(_shell.Take("log-on")!.Value, _shell.Now);
        _shell.Link.Answered(_shell.Take("snapshot")!.Value, new BrokerSnapshot([], [], null), _shell.Now);
        _shell.Wait(BrokerLink.SnapshotEvery.TotalSeconds);
        _shell.Link.Answered(_shell.Take("snapshot")!.Value, new BrokerSnapshot([], [], null), _shell.Now);
        Assert.Equal([true, false], _shell.Reports.Cast<SnapshotTaken>().Select(taken => taken.IsFirst));
    }

    [Fact]
    public void Question_waits_for_its_time_and_says_when_it_was_asked()
    {
        _shell.Start("find:c1", new CallFind(Settings, new FindOrder("c1", null, Terms, Start), Start.AddSeconds(3), Timeout));
        Assert.Null(_shell.Take("log-on"));
        _shell.Wait(3);
        _shell.Link.LoggedOn(_shell.Take("log-on")!.Value, _shell.Now);
        _shell.Link.Answered(_shell.Take("find")!.Value, null, _shell.Now);
        Assert.Equal([new FindAnswered("c1", null, Start.AddSeconds(3))], _shell.Reports);
    }

    [Fact]
    public void Session_that_nobody_needs_is_closed()
    {
        _shell.Start("session", new KeepSession(Settings, null, IsStanding: false, Timeout));
        var session = _shell.Take("log-on")!.Value;
        _shell.Link.LoggedOn(session, _shell.Now);
        _shell.Link.Stop("session", _shell.Now);
        _shell.Wait(11);
        Assert.Equal(session, _shell.Take("log-off"));
        Assert.Null(_shell.Link.NextAlarm);
    }

    private void Submit() =>
        _shell.Start("submit:c1:1", new CallSubmit(Settings, new SubmitOrder("c1", Terms, Start + Connection.SendWindow), Timeout));

    private long SubmitOverSession()
    {
        Submit();
        Assert.Null(_shell.Take("submit"));
        _shell.Link.LoggedOn(_shell.Take("log-on")!.Value, _shell.Now);
        return _shell.Take("submit")!.Value;
    }

    private static BrokerReport Report(string cursor) =>
        new(cursor, $"e{cursor}", ExecType.New, "c1", "B1", "ESH2026", Side.Buy, 0m, 0m, 0m, null, null, Start);

    /// <summary>Notes what the link wants done, and gives it the time.</summary>
    private sealed class Shell : ILinkOutput
    {
        private readonly List<(string What, long Number)> _wanted = [];

        public Shell() => Link = new BrokerLink(this);

        public BrokerLink Link { get; }
        public DateTimeOffset Utc { get; set; } = LinkTests.Start;
        public TimeSpan Elapsed { get; set; } = TimeSpan.FromHours(5);
        public bool MayAct { get; set; } = true;
        public List<object> Reports { get; } = [];
        public BrokerCall? LastCall { get; private set; }
        public LinkTime Now => new(Utc, Elapsed);

        public void Start(string key, object call)
        {
            var (at, since) = (Utc, Elapsed); // As the node does: carried on by the clock that only runs forward.
            Link.Start(new EffectRun(ConnectionId, 1, key, call, () => MayAct, () => at + (Elapsed - since), Reports.Add), Now);
        }

        public void Wait(double seconds)
        {
            (Utc, Elapsed) = (Utc.AddSeconds(seconds), Elapsed + TimeSpan.FromSeconds(seconds));
            if (Link.NextAlarm <= Elapsed)
            {
                Link.Tick(Now);
            }
        }

        /// <summary>The number of the first such wish that was not taken yet; null when there is none.</summary>
        public long? Take(string what)
        {
            var at = _wanted.FindIndex(wanted => wanted.What == what);
            if (at < 0)
            {
                return null;
            }

            var number = _wanted[at].Number;
            _wanted.RemoveAt(at);
            return number;
        }

        public void LogOn(long session) => _wanted.Add(("log-on", session));

        public void LogOff(long session) => _wanted.Add(("log-off", session));

        public void Listen(long stream, long session, string? after, string? stored) => _wanted.Add(($"listen {after}/{stored}", stream));

        public void Submit(long call, long session, SubmitOrder order) => _wanted.Add(("submit", call));

        public void Cancel(long call, long session, CancelOrder order) => _wanted.Add(("cancel", call));

        public void Find(long call, long session, FindOrder order) => _wanted.Add(("find", call));

        public void TakeSnapshot(long call, long session) => _wanted.Add(("snapshot", call));

        public void GiveUp(long number)
        {
        }

        public void Ended(in BrokerCall call) => LastCall = call;
    }
}
