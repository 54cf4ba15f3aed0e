using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Brokers.Core.Links;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>The broker links of one process: the production cores in simulated shells. They are gone when it is.</summary>
internal sealed class BrokerLinks(SimWorld world, SimNode node, Pcg32 random)
{
    private readonly SortedDictionary<EntityId, SimLink> _links = [];

    public void Start(EffectRun run)
    {
        if (!_links.TryGetValue(run.Entity, out var link))
        {
            _links.Add(run.Entity, link = new SimLink(world, world.Brokers[run.Entity], node, random));
        }

        link.Start(run);
    }

    public void Stop(EntityId connection, string key)
    {
        if (_links.TryGetValue(connection, out var link))
        {
            link.Stop(key);
        }
    }
}

/// <summary>One link over a network that loses and delays, to a simulated broker.</summary>
internal sealed class SimLink : ILinkOutput
{
    private readonly SimWorld _world;
    private readonly SimBroker _broker;
    private readonly SimNode _node;
    private readonly long _life;
    private readonly Pcg32 _random;
    private readonly BrokerLink _link;
    private readonly Queue<(EffectRun Run, object Message)> _reports = new();
    private readonly SortedDictionary<long, BrokerToken> _tokens = [];
    private readonly SortedSet<long> _streams = [];
    private TimeSpan? _alarmAt;

    public SimLink(SimWorld world, SimBroker broker, SimNode node, Pcg32 random)
    {
        (_world, _broker, _node, _life, _random) = (world, broker, node, node.Life, random);
        _link = new BrokerLink(this);
    }

    private TimeSpan Timeout => _broker.Traits.RequestTimeout;

    public void Start(EffectRun run)
    {
        if (_world.Defect == Defect.RecoveredIntentSent && run.Call is CallFind { Order: { BrokerOrderId: null } find })
        {
            Write(0, BrokerToken.Valid(), new SubmitOrder(find.ClOrdId, find.Terms, _node.Now + Connection.SendWindow));
            return;
        }

        // What an effect reports is given to the core only after the link's own step.
        Input(now => _link.Start(run with { Report = message => _reports.Enqueue((run, message)) }, now));
    }

    public void Stop(string key) => Input(now => _link.Stop(key, now));

    public void LogOn(long session) => _world.After(_random, 0.5, 20, () =>
    {
        if (_broker.IsDown || _world.Faults.Fire(Fault.BrokerRefusesLogOn))
        {
            _world.After(_random, 0.5, 500, () => Input(now => _link.LogOnFailed(session, LinkFailure.Unavailable, now)));
            return;
        }

        var token = _broker.LogOn();
        _world.After(_random, 0.2, 5, () =>
        {
            _tokens[session] = token;
            Input(now => _link.LoggedOn(session, now));
        });
    });

    public void LogOff(long session) => _tokens.Remove(session);

    public void GiveUp(long number) => _streams.Remove(number);

    public void Ended(in BrokerCall call) => _world.Trace.Add("call-ends", _broker.Connection.Key, call.ClOrdId, $"{call.Kind} {call.Outcome}");

    public void Listen(long stream, long session, string? after, string? stored)
    {
        _streams.Add(stream);
        var place = after is null ? 0 : int.Parse(after);
        var from = _world.Faults.Fire(Fault.BrokerReplaysDay) ? 0 : Math.Max(0, place - (_world.Faults.Active ? _random.Next(4) : 0));
        _world.Trace.Add("listen", _broker.Connection.Key, place, $"from {from}");
        var token = _tokens[session];
        Later(0.5, 20, () => Bring(stream, token, from));
    }

    /// <summary>Brings reports from <paramref name="next"/> on, in order, until the stream is given up or breaks.</summary>
    private void Bring(long stream, BrokerToken token, int next)
    {
        var isWaiting = false;
        var replays = _broker.Replays;
        _broker.Listeners.Add(OnNews);
        Pump();

        void OnNews()
        {
            if (isWaiting)
            {
                isWaiting = false;
                Later(0.1, 10, Pump);
            }
        }

        void Pump()
        {
            if (!_streams.Contains(stream))
            {
                _broker.Listeners.Remove(OnNews);
            }
            else if (!token.IsValid || _world.Faults.Fire(Fault.BrokerDropsSession))
            {
                _broker.Listeners.Remove(OnNews);
                _world.Trace.Add("stream-breaks", _broker.Connection.Key, next);
                _world.After(_random, 0.1, 50, () => Input(now => _link.StreamEnded(stream, now)));
            }
            else if (replays != _broker.Replays)
            {
                (next, replays) = (0, _broker.Replays);
                Pump();
            }
            else if (next == _broker.Reports.Count)
            {
                isWaiting = true;
            }
            else
            {
                var report = _broker.Reports[next++];
                _world.Trace.Add("report", _broker.Connection.Key, report.ClOrdId, $"{report.ExecType} {report.LastQty} {report.Cursor}");
                Input(now => _link.Heard(stream, report, now));
                Later(0, 3, Pump);
            }
        }
    }

    public void Submit(long call, long session, SubmitOrder order)
    {
        var token = _tokens[session];
        var mayWrite = () => MayWrite(call);
        if (_world.Defect == Defect.LateSendByWokenOwner)
        {
            // Asked before the process freezes instead of right before the write.
            var isAllowed = false;
            mayWrite = () => isAllowed;
            Later(0.05, 0.05, () => isAllowed = MayWrite(call));
        }
        else if (_world.Defect == Defect.DeadlineIgnored)
        {
            mayWrite = () => true;
        }

        Later(0.1, _world.Faults.Fire(Fault.SendDelayed) ? 4_000 : 5, () =>
        {
            if (mayWrite())
            {
                Write(call, token, order);
            }
            else
            {
                Input(now => _link.Failed(call, LinkFailure.NotSent, "may not write", now));
            }
        });
    }

    /// <summary>The socket write. From here on the order may exist.</summary>
    private void Write(long call, BrokerToken token, SubmitOrder order)
    {
        _world.Trace.Add("submit", _broker.Connection.Key, order.ClOrdId);
        _world.Model.OrderSent(_broker.Connection, order, _broker.Traits);
        if (_world.Defect == Defect.BlindResend)
        {
            _world.After(_random, Timeout.TotalMilliseconds * 0.9, Timeout.TotalMilliseconds * 0.9, () =>
            {
                if (_broker.IsUnanswered(order.ClOrdId))
                {
                    Write(call, token, order);
                }
            });
        }

        if (_broker.LosesRequest())
        {
            return;
        }

        var sentAt = _world.Now;
        _world.After(_random, 0.2, _broker.TimeOnTheWay(), () =>
        {
            if (!_broker.Takes(token))
            {
                _world.Model.OrderTurnedAway(_broker.Connection, order.ClOrdId);
                Fail(call, LinkFailure.SessionExpired, "session expired");
                return;
            }

            var (taken, brokerOrderId) = _broker.Submit(order.ClOrdId, order.Terms, sentAt);
            if (_broker.LosesAnswer(Fault.BrokerLosesAnswer))
            {
                return;
            }

            _world.After(_random, 0.2, _broker.TimeToAnswer(), () => Input(now =>
            {
                _broker.Answered(order.ClOrdId);
                switch (taken)
                {
                    case SimBroker.Taken.Accepted:
                        _link.Answered(call, new BrokerAck(brokerOrderId), now);
                        break;
                    case SimBroker.Taken.Rejected:
                        _link.Failed(call, LinkFailure.Rejected, "simulated", now);
                        break;
                    default:
                        // An order of that name exists there: not a refusal of this one, but a reason to ask.
                        _link.Failed(call, LinkFailure.Unknown, "duplicate ClOrdID", now);
                        break;
                }
            }));
        });
    }

    public void Cancel(long call, long session, CancelOrder order) => Ask(call, session, Fault.BrokerCancelAnswerLost, () =>
    {
        _world.Trace.Add("cancel", _broker.Connection.Key, order.ClOrdId);
        var isTaken = _broker.Cancel(order.ClOrdId);
        return isTaken ? now => _link.Answered(call, null, now) : now => _link.Failed(call, LinkFailure.Rejected, "no working order", now);
    }, () => _world.Model.CancelSent(_broker.Connection, order.ClOrdId));

    public void Find(long call, long session, FindOrder order) => Ask(call, session, Fault.BrokerLosesAnswer, () =>
    {
        if (_world.Faults.Fire(Fault.BrokerFindFails))
        {
            return now => _link.Failed(call, LinkFailure.Unavailable, "simulated", now);
        }

        var found = _broker.Find(order.ClOrdId);
        _world.Trace.Add("find", _broker.Connection.Key, order.ClOrdId, found is null ? "not listed" : $"{found.Status} {found.CumQty}");
        return now => _link.Answered(call, found, now);
    });

    public void TakeSnapshot(long call, long session) => Ask(call, session, Fault.BrokerLosesAnswer, () =>
    {
        var snapshot = _broker.Snapshot();
        _world.Trace.Add("snapshot", _broker.Connection.Key, snapshot.WorkingOrders.Length);
        return now => _link.Answered(call, snapshot, now);
    });

    /// <summary>One request that is no order: there and back.</summary>
    private void Ask(long call, long session, Fault answerLost, Func<Action<LinkTime>> atBroker, Action? onWrite = null)
    {
        var token = _tokens[session];
        Later(0.1, 5, () =>
        {
            onWrite?.Invoke();
            if (_broker.LosesRequest())
            {
                return;
            }

            _world.After(_random, 0.2, 5, () =>
            {
                if (!_broker.Takes(token))
                {
                    Fail(call, LinkFailure.SessionExpired, "session expired");
                    return;
                }

                var answer = atBroker();
                if (!_broker.LosesAnswer(answerLost))
                {
                    _world.After(_random, 0.2, _broker.TimeToAnswer(), () => Input(answer));
                }
            });
        });
    }

    private void Fail(long call, LinkFailure failure, string reason)
    {
        if (!_broker.IsDown)
        {
            _world.After(_random, 0.2, 5, () => Input(now => _link.Failed(call, failure, reason, now)));
        }
    }

    private bool MayWrite(long call)
    {
        var may = false;
        Step(now => may = _link.MayWrite(call, now)); // At the moment of the write: a process that sleeps does not get here.
        return may;
    }

    private LinkTime Now => new(_node.Now, _node.Uptime);

    /// <summary>What the process does, and not what happens to it.</summary>
    private void Later(double fromMilliseconds, double toMilliseconds, Action action) => _node.Later(_life, fromMilliseconds, toMilliseconds, action);

    private void Input(Action<LinkTime> step) => _node.Run(_life, () => Step(step));

    private void Step(Action<LinkTime> step)
    {
        step(Now);
        ScheduleAlarm();
        while (_reports.TryDequeue(out var report))
        {
            report.Run.Report(Misreport(report.Message));
        }
    }

    /// <summary>A shell with a deliberate defect does not say when it has asked.</summary>
    private object Misreport(object message) => message is FindAnswered { Order: null } answered && _world.Defect == Defect.NotFoundTooEarly
        ? answered with { AskedAt = answered.AskedAt.AddHours(1) }
        : message;

    private void ScheduleAlarm()
    {
        if (_link.NextAlarm is not { } next || _alarmAt <= next)
        {
            return;
        }

        _alarmAt = next;
        _world.At(_world.Now + (next - _node.Uptime), () =>
        {
            if (_alarmAt == next)
            {
                _alarmAt = null;
                Input(_link.Tick);
            }
        });
    }
}
