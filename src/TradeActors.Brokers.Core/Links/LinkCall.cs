using System.Diagnostics;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Connections;

namespace TradeActors.Brokers.Core.Links;

internal enum CallPhase
{
    /// <summary>For its time, for a session, or for another try; nothing of it has left.</summary>
    Waiting,
    /// <summary>Handed to the session. An order leaves only once it is <see cref="Written"/>.</summary>
    Asked,
    /// <summary>The order may leave, and so may exist from here on.</summary>
    Written,
    Over,
}

/// <summary>One call about one order, from its effect to the one outcome that is reported. What comes after that is not heard.</summary>
internal sealed class LinkCall
{
    private readonly EffectRun _run;
    private readonly IOrderCall _call;
    private readonly BackOff _backOff = new();

    /// <summary>When an order that has not left is no longer sent; null for other calls.</summary>
    private readonly TimeSpan? _deadline;

    private string _lastReason = "no session";
    private DateTimeOffset _askedAt;
    private TimeSpan? _answerBy;
    private LinkTime _started;

    public LinkCall(long id, EffectRun run, LinkTime now)
    {
        (Id, _run, _call, _started) = (id, run, (IOrderCall)run.Call, now);
        From = run.Call is CallFind find ? now.Elapsed + (find.NotBefore - run.Now()) : now.Elapsed;
        _deadline = run.Call is CallSubmit submit ? now.Elapsed + (submit.Order.SendBefore - run.Now()) : null;
    }

    public long Id { get; }

    public string Key => _run.Key;

    public bool IsFind => _call is CallFind;

    public CallPhase Phase { get; private set; }

    /// <summary>The session that it was handed to last.</summary>
    public long Session { get; private set; }

    /// <summary>While it waits: not before. A question has a time of its own, because the broker's lists lag.</summary>
    public TimeSpan From { get; private set; }

    /// <summary>When time alone ends it; null for never.</summary>
    public TimeSpan? EndsAt => Phase switch
    {
        CallPhase.Waiting => _deadline,
        CallPhase.Asked => _deadline ?? _answerBy,
        CallPhase.Written => _answerBy,
        _ => null,
    };

    /// <summary>Set once it is over.</summary>
    public BrokerCall? Told { get; private set; }

    public void Ask(long session, LinkTime now, ILinkOutput output)
    {
        (Phase, Session, _askedAt, _answerBy) = (CallPhase.Asked, session, _run.Now(), now.Elapsed + _call.Timeout);
        switch (_call)
        {
            case CallSubmit call:
                output.Submit(Id, session, call.Order);
                break;
            case CallCancel call:
                output.Cancel(Id, session, call.Order);
                break;
            case CallFind call:
                _started = now;
                output.Find(Id, session, call.Order);
                break;
        }
    }

    /// <summary>Only while the activation that stored the intent lives, and only before its deadline (PROTOCOL 1).</summary>
    public bool MayWrite(LinkTime now)
    {
        if (Phase != CallPhase.Asked || now.Elapsed >= _deadline || !_run.MayAct())
        {
            return false;
        }

        (Phase, _answerBy) = (CallPhase.Written, now.Elapsed + _call.Timeout);
        return true;
    }

    /// <param name="answer">The acknowledgement of a submit; what a look-up found, null for "not in the lists now"; null for a cancel.</param>
    public void TakeAnswer(object? answer, LinkTime now)
    {
        var (report, outcome) = _call switch
        {
            CallSubmit => ((object)new SubmitAccepted(_call.ClOrdId, (BrokerAck)answer!), BrokerCallOutcome.Accepted),
            CallCancel => (new CancelAnswered(_call.ClOrdId, CancelAnswer.Accepted, null), BrokerCallOutcome.Accepted),
            _ => (new FindAnswered(_call.ClOrdId, (BrokerOrder?)answer, _askedAt), answer is null ? BrokerCallOutcome.NotFound : BrokerCallOutcome.Found),
        };
        End(report, outcome, now);
    }

    public void TakeFailure(LinkFailure failure, string reason, LinkTime now)
    {
        if (IsToBeTriedAgain(failure))
        {
            (Phase, From, _lastReason) = (CallPhase.Waiting, now.Elapsed + _backOff.Next(), reason);
            return;
        }

        var (report, outcome) = (_call, failure) switch
        {
            (CallSubmit, LinkFailure.Rejected) => ((object)new SubmitRejected(_call.ClOrdId, reason), BrokerCallOutcome.Rejected),
            (CallSubmit, _) => (new SubmitOutcomeUnknown(_call.ClOrdId, reason), BrokerCallOutcome.Unknown),
            (CallCancel, LinkFailure.Rejected) => (new CancelAnswered(_call.ClOrdId, CancelAnswer.Rejected, reason), BrokerCallOutcome.Rejected),
            (CallCancel, _) => (new CancelAnswered(_call.ClOrdId, CancelAnswer.Unknown, reason), BrokerCallOutcome.Unknown),
            // A question that failed is asked again; it is never read as "not found".
            _ => (new FindFailed(_call.ClOrdId, reason), BrokerCallOutcome.Failed),
        };
        End(report, outcome, now);
    }

    /// <summary>Too late for an order to leave, or for an answer to come.</summary>
    public void TakeTime(LinkTime now)
    {
        if (_deadline is not null && Phase is CallPhase.Waiting or CallPhase.Asked)
        {
            // From here on MayWrite says no: it has not left and will not.
            End(new SubmitNotSent(_call.ClOrdId, $"not sent before its deadline: {_lastReason}"), BrokerCallOutcome.NotSent, now);
        }
        else
        {
            TakeFailure(LinkFailure.Unknown, "no answer in time", now);
        }
    }

    /// <summary>Nothing was carried out, so that another try cannot double it. Orders are tried again until their deadline.</summary>
    private bool IsToBeTriedAgain(LinkFailure failure) => failure switch
    {
        LinkFailure.SessionExpired => true,
        LinkFailure.NotSent => !IsFind,
        // Of an order that has been written, "unavailable" leaves open what became of it.
        LinkFailure.Unavailable or LinkFailure.SessionRefused => _call is CallSubmit && Phase != CallPhase.Written,
        _ => false,
    };

    private void End(object report, BrokerCallOutcome outcome, LinkTime now)
    {
        Phase = CallPhase.Over;
        _run.Report(report);
        var kind = _call switch { CallSubmit => BrokerCallKind.Submit, CallCancel => BrokerCallKind.Cancel, _ => BrokerCallKind.Find };
        Told = new BrokerCall(_run.Entity, _call.Settings.Broker, kind, _call.ClOrdId, _started.Utc, now.Elapsed - _started.Elapsed, outcome);
    }
}
