using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>The calls behind a connection's effects, over a link that loses and delays, to the simulated brokers.</summary>
internal sealed class BrokerLinks(SimWorld world)
{
    public void Start(EntityId connection, object call, RunningEffect effect, Pcg32 random)
    {
        if (world.Paper.Settings(connection) is not null)
        {
            world.Paper.Start(connection, call, effect);
            return;
        }

        var broker = world.Brokers[connection];
        switch (call)
        {
            case KeepSession session:
                effect.Later(0.5, 20, () => Connect(broker, effect, random, PlaceOf(session.Cursor), PlaceOf(session.Cursor)));
                break;
            case CallSubmit submit:
                effect.Later(0.1, world.Faults.Fire(Fault.SendDelayed) ? 4_000 : 5, () => Submit(broker, effect, random, submit.Order));
                break;
            case CallCancel cancel:
                effect.Later(0.1, 5, () => Cancel(broker, effect, random, cancel.Order));
                break;
            case CallFind find when world.Defect == Defect.RecoveredIntentSent && find.Order.BrokerOrderId is null:
                Send(broker, effect, random, new SubmitOrder(find.Order.ClOrdId, find.Order.Terms, world.Now + Connection.SendWindow));
                break;
            case CallFind find:
                effect.Later(Wait(find, effect) + 0.1, Wait(find, effect) + 5, () => Find(broker, effect, random, find.Order));
                break;
            default:
                throw new SimulationFailure("NoDefects", $"No broker call {call.GetType().Name}.");
        }
    }

    private static double Wait(CallFind find, RunningEffect effect) => Math.Max(0, (find.NotBefore - effect.Now).TotalMilliseconds);

    private static int PlaceOf(string? cursor) => cursor is null ? 0 : int.Parse(cursor);

    /// <summary>Brings reports from <paramref name="next"/> on, in order; a broken session starts again somewhere behind what it has brought.</summary>
    private void Connect(SimBroker broker, RunningEffect effect, Pcg32 random, int start, int next)
    {
        if (!effect.IsWanted)
        {
            return;
        }

        var isWaiting = false;
        broker.Listeners.Add(OnReport);
        Pump();

        void OnReport()
        {
            if (!isWaiting)
            {
                return;
            }

            isWaiting = false;
            effect.Later(0.1, 10, Pump);
        }

        void Pump()
        {
            if (!effect.IsWanted)
            {
                broker.Listeners.Remove(OnReport);
                return;
            }

            if (next == broker.Reports.Count)
            {
                isWaiting = true;
                return;
            }

            if (world.Faults.Fire(Fault.BrokerDropsSession))
            {
                broker.Listeners.Remove(OnReport);
                var from = start + random.Next(next - start + 1);
                world.Trace.Add("session-drops", broker.Connection.Key, next, $"resumes {from}");
                effect.Later(10, 3_000, () => Connect(broker, effect, random, start, from));
                return;
            }

            var report = broker.Reports[next++];
            world.Trace.Add("report", broker.Connection.Key, report.ClOrdId, $"{report.ExecType} {report.LastQty} {report.Cursor}");
            effect.Report(new ReportReceived(report));
            effect.Later(0, 3, Pump);
        }
    }

    private void Submit(SimBroker broker, RunningEffect effect, Pcg32 random, SubmitOrder order)
    {
        if (world.Defect == Defect.DeadlineIgnored)
        {
            if (effect.Lives)
            {
                Send(broker, effect, random, order);
            }

            return;
        }

        if (!effect.IsWanted)
        {
            return;
        }

        if (!effect.MayAct || effect.Now > order.SendBefore)
        {
            effect.Report(new SubmitNotSent(order.ClOrdId, "too late"));
            return;
        }

        Send(broker, effect, random, order);
    }

    /// <summary>The socket write. From here on the order may exist.</summary>
    private void Send(SimBroker broker, RunningEffect effect, Pcg32 random, SubmitOrder order)
    {
        world.Trace.Add("submit", broker.Connection.Key, order.ClOrdId);
        world.Model.OrderSent(broker.Connection, order, broker.Traits);
        var isAnswered = false;
        world.After(random, broker.Traits.RequestTimeout.TotalMilliseconds, broker.Traits.RequestTimeout.TotalMilliseconds, () =>
        {
            if (isAnswered)
            {
                return;
            }

            isAnswered = true;
            if (world.Defect == Defect.BlindResend)
            {
                Send(broker, effect, random, order);
                return;
            }

            effect.Report(new SubmitOutcomeUnknown(order.ClOrdId, "no answer in time"));
        });
        if (world.Faults.Fire(Fault.BrokerLosesRequest))
        {
            return;
        }

        var slowest = broker.Traits.RequestTimeout.TotalMilliseconds;
        world.After(random, 0.2, random.Chance(0.1) ? slowest : 5, () =>
        {
            var (taken, brokerOrderId) = broker.Submit(order.ClOrdId, order.Terms);
            if (world.Faults.Fire(Fault.BrokerLosesAnswer))
            {
                return;
            }

            world.After(random, 0.2, world.Faults.Fire(Fault.BrokerAnswersLate) ? slowest * 2 : 5, () =>
            {
                isAnswered = true;
                effect.Report(taken switch
                {
                    SimBroker.Taken.Accepted => new SubmitAccepted(order.ClOrdId, new BrokerAck(brokerOrderId)),
                    SimBroker.Taken.Rejected => new SubmitRejected(order.ClOrdId, "simulated"),
                    // An order of that name exists there: not a refusal of this one, but a reason to ask.
                    _ => new SubmitOutcomeUnknown(order.ClOrdId, "duplicate ClOrdID"),
                });
            });
        });
    }

    private void Cancel(SimBroker broker, RunningEffect effect, Pcg32 random, CancelOrder order)
    {
        if (!effect.IsWanted)
        {
            return;
        }

        world.Trace.Add("cancel", broker.Connection.Key, order.ClOrdId);
        var isAnswered = false;
        var timeout = broker.Traits.RequestTimeout.TotalMilliseconds;
        world.After(random, timeout, timeout, () =>
        {
            if (!isAnswered)
            {
                effect.Report(new CancelAnswered(order.ClOrdId, CancelAnswer.Unknown, "no answer in time"));
            }
        });
        if (world.Faults.Fire(Fault.BrokerLosesRequest))
        {
            return;
        }

        world.After(random, 0.2, 5, () =>
        {
            var taken = broker.Cancel(order.ClOrdId);
            if (!world.Faults.Fire(Fault.BrokerCancelAnswerLost))
            {
                world.After(random, 0.2, 5, () =>
                {
                    isAnswered = true;
                    effect.Report(new CancelAnswered(
                        order.ClOrdId, taken ? CancelAnswer.Accepted : CancelAnswer.Rejected, taken ? null : "no working order"));
                });
            }
        });
    }

    private void Find(SimBroker broker, RunningEffect effect, Pcg32 random, FindOrder order)
    {
        if (!effect.IsWanted)
        {
            return;
        }

        var askedAt = effect.Now;
        if (world.Faults.Fire(Fault.BrokerFindFails))
        {
            world.After(random, 1, 500, () => effect.Report(new FindFailed(order.ClOrdId, "simulated")));
            return;
        }

        world.After(random, 0.2, 5, () =>
        {
            var found = broker.Find(order.ClOrdId);
            world.Trace.Add("find", broker.Connection.Key, order.ClOrdId, found is null ? "not listed" : $"{found.Status} {found.CumQty}");
            world.After(random, 0.2, random.Chance(0.1) ? 500 : 5, () => effect.Report(new FindAnswered(order.ClOrdId, found, askedAt)));
        });
    }
}
