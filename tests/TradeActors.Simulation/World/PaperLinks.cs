using TradeActors.Abstractions.Brokers;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.PaperExchange;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>
/// The calls behind the effects of paper connections: sessions that ask the exchange's entity, hear late or never, and read its reports. The steps are
/// those of the production shells (PaperBrokerSession, BrokerEffects); what to ask and what an answer means is the production <see cref="PaperDialog"/>.
/// </summary>
internal sealed class PaperLinks
{
    private readonly SimWorld _world;
    private readonly Pcg32 _random;
    private readonly double _askTimeoutMs;
    private readonly SortedDictionary<(int Node, EntityId Connection), Link> _links = [];

    public PaperLinks(SimWorld world, Pcg32 random) => (_world, _random, _askTimeoutMs) = (world, random, random.Chance(0.5) ? 1_000 : 3_000);

    /// <summary>One connection's session in one process.</summary>
    private sealed class Link(SimNode node, EntityId connection, BrokerSettings settings)
    {
        private readonly long _life = node.Life;

        public SimNode Node { get; } = node;
        public EntityId Connection { get; } = connection;
        public EntityId Exchange { get; } = connection with { Kind = EntityKind.PaperExchange };
        public BrokerSettings Settings { get; } = settings;
        public BrokerTraits Traits { get; } = PaperBrokerAdapter.TraitsOf(settings.Paper!);

        /// <summary>Whether the process that it belongs to is still there.</summary>
        public bool Lives => Node.IsUp && Node.Life == _life;

        public long Life => _life;

        /// <summary>Null while there is no session.</summary>
        public PaperDialog? Dialog { get; set; }

        /// <summary>Callers that wait for the session which is being opened; null when none is.</summary>
        public List<Action<PaperDialog?>>? Opening { get; set; }

        public int Refusals { get; set; }
        public TimeSpan NotBefore { get; set; }

        /// <summary>Rung by a commit of the exchange on this node.</summary>
        public Action? Bell { get; set; }
    }

    /// <summary>Null for a connection to another broker.</summary>
    public PaperSettings? Settings(EntityId connection) =>
        _world.AccountOf(connection).Broker.Paper;

    /// <summary>An entity of that node has committed.</summary>
    public void Announce(SimNode node, EntityId id)
    {
        if (id.Kind == EntityKind.PaperExchange && _links.GetValueOrDefault((node.Number, id with { Kind = EntityKind.Connection })) is { Lives: true } link)
        {
            link.Bell?.Invoke();
        }
    }

    public void Start(EntityId connection, object call, RunningEffect effect)
    {
        var link = LinkOf(connection, effect);
        switch (call)
        {
            case KeepSession session:
                Later(link, 0.1, 5, () => Keep(link, effect, session.Cursor, session.Cursor, 0));
                break;
            case CallSubmit submit:
                Later(link, 0.1, _world.Faults.Fire(Fault.SendDelayed) ? 4_000 : 2, () => Submit(link, effect, submit.Order, 0));
                break;
            case CallCancel cancel:
                Later(link, 0.1, 2, () => Cancel(link, effect, cancel.Order));
                break;
            case CallFind find:
                var wait = Math.Max(0, (find.NotBefore - effect.Now).TotalMilliseconds);
                Later(link, wait, wait, () => Find(link, effect, find.Order));
                break;
            default:
                throw new SimulationFailure("NoDefects", $"No broker call {call.GetType().Name}.");
        }
    }

    private Link LinkOf(EntityId connection, RunningEffect effect)
    {
        var key = (effect.Node.Number, connection);
        if (_links.GetValueOrDefault(key) is { Lives: true } known)
        {
            return known;
        }

        var settings = _world.AccountOf(connection).Broker;
        return _links[key] = new Link(effect.Node, connection, settings);
    }

    /// <summary>What the process does, and not what happens to it.</summary>
    private void Later(Link link, double fromMilliseconds, double toMilliseconds, Action action) =>
        _world.AfterQuietly(_random, fromMilliseconds, toMilliseconds, () => link.Node.Run(link.Life, action));

    /// <summary>Asks the exchange wherever it is now. Null when no answer came in time.</summary>
    private void Ask(Link link, object message, Action<object?> done)
    {
        var isOver = false;
        Later(link, _askTimeoutMs, _askTimeoutMs, () => Take(null));
        if (_world.Faults.Fire(Fault.PaperRequestLost))
        {
            return;
        }

        Later(link, 0.05, 2, () => link.Node.Request(link.Exchange, Sent(message), null, result =>
            Later(link, 0.05, _world.Faults.Fire(Fault.PaperAnswerLate) ? _askTimeoutMs * 1.5 : 1, () => Take(result.Reply is { } reply ? Sent(reply) : null))));

        void Take(object? reply)
        {
            if (!isOver && link.Lives)
            {
                isOver = true;
                done(reply);
            }
        }
    }

    private object Sent(object message)
    {
        var (name, body) = _world.Types.Encode(message);
        return _world.Types.Decode(name, body);
    }

    /// <summary>The session, opened when first needed; null when that fails.</summary>
    private void InSession(Link link, Action<PaperDialog?> then)
    {
        if (link.Opening is { } waiting)
        {
            waiting.Add(then);
            return;
        }

        if (link.Dialog is not null || link.Node.Uptime < link.NotBefore)
        {
            then(link.Dialog);
            return;
        }

        link.Opening = [then];
        Ask(link, new OpenPaperBook(link.Settings.Paper!), reply =>
        {
            if (reply is PaperBookReply { Refusal: { } refusal })
            {
                throw new SimulationFailure("PaperBooksOpen", $"{link.Exchange}: {refusal}");
            }

            var opening = link.Opening!;
            link.Opening = null;
            link.Dialog = reply is null ? null : new PaperDialog(link.Traits.RequestTimeout);
            link.Refusals = reply is null ? link.Refusals + 1 : 0;
            link.NotBefore = link.Node.Uptime + BackOff(link.Refusals);
            foreach (var caller in opening)
            {
                caller(link.Dialog);
            }
        });
    }

    private static TimeSpan BackOff(int times) => times == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(10_000, 100 * Math.Pow(2, Math.Min(times - 1, 7))));

    // The stream of reports.

    private void Keep(Link link, RunningEffect effect, string? cursor, string? stored, int failures)
    {
        if (!effect.IsWanted)
        {
            return;
        }

        InSession(link, dialog =>
        {
            if (dialog is null)
            {
                Again(link, effect, cursor, stored, failures + 1);
                return;
            }

            // Watched before the first read: what is committed in between rings.
            var reading = new Reading(this, link, effect, dialog.ReadFrom(cursor, stored), cursor, stored, failures);
            link.Bell = reading.Ring;
            reading.Read();
        });
    }

    private void Again(Link link, RunningEffect effect, string? cursor, string? stored, int failures)
    {
        link.Dialog = null;
        var wait = BackOff(failures).TotalMilliseconds;
        Later(link, wait, wait, () => Keep(link, effect, cursor, stored, failures));
    }

    private sealed class Reading(
        PaperLinks links, Link link, RunningEffect effect, PaperReportReader reader, string? cursor, string? stored, int failures)
    {
        private string? _cursor = cursor;
        private int _failures = failures;
        private bool _isRung;
        private bool _isWaiting;

        public void Ring()
        {
            _isRung = true;
            if (_isWaiting)
            {
                GoOn();
            }
        }

        public void Read()
        {
            if (!effect.IsWanted)
            {
                return;
            }

            links.Ask(link, reader.Next(), reply =>
            {
                if (effect.IsWanted)
                {
                    Take(reply as PaperReportsReply);
                }
            });
        }

        private void Take(PaperReportsReply? page)
        {
            if (page is null)
            {
                links.Again(link, effect, _cursor, stored, _failures + 1);
                return;
            }

            try
            {
                var reports = reader.Take(page);
                foreach (var report in reports)
                {
                    links._world.Trace.Add("report", link.Connection.Key, report.ClOrdId, $"{report.ExecType} {report.LastQty} {report.Cursor}");
                    effect.Report(new ReportReceived(report));
                    (_cursor, _failures) = (report.Cursor, 0);
                }

                if (reports.IsEmpty)
                {
                    Wait();
                }
                else
                {
                    links.Later(link, 0, 1, Read);
                }
            }
            catch (BrokerUnavailableException error)
            {
                // An owner that has lost the book's shard and does not know it yet answers questions from what it had.
                if (links._world.Model.PaperBookOf(link.Exchange).Reports.Count <= page.LastReport)
                {
                    throw new SimulationFailure("ReportsSurvive", $"{link.Exchange}: {error.Message}");
                }

                links.Again(link, effect, _cursor, stored, _failures + 1);
            }
        }

        private void Wait()
        {
            if (_isRung)
            {
                GoOn();
                return;
            }

            _isWaiting = true;
            var safety = PaperDialog.SafetyReread.TotalMilliseconds;
            links.Later(link, safety, safety, () =>
            {
                if (_isWaiting)
                {
                    GoOn();
                }
            });
        }

        private void GoOn()
        {
            (_isRung, _isWaiting) = (false, false);
            links.Later(link, 0, 0.5, Read);
        }
    }

    // Orders.

    private void Submit(Link link, RunningEffect effect, SubmitOrder order, int attempt)
    {
        if (!effect.IsWanted)
        {
            return;
        }

        InSession(link, dialog =>
        {
            if (dialog is null || effect.Now > order.SendBefore)
            {
                TryLater(link, effect, order, attempt);
                return;
            }

            var command = dialog.Place(order, link.Node.Quotes?.Last(order.Terms.Symbol));
            if (!effect.MayAct)
            {
                effect.Report(new SubmitNotSent(order.ClOrdId, "not the owner any more"));
                return;
            }

            _world.Trace.Add("submit", link.Connection.Key, order.ClOrdId, $"{order.Terms.Side} {order.Terms.OrderQty} {order.Terms.Symbol} {order.Terms.OrdType}");
            _world.Model.OrderSent(link.Connection, order, link.Traits);
            Ask(link, command, reply => TakePlaced(link, effect, order, reply is PaperPlaceReply placed
                ? dialog.TakePlaced(placed)
                : new PaperAnswer(PaperOutcome.Unknown, "The paper exchange did not answer.")));
        });
    }

    /// <summary>Nothing has left: again while the deadline allows it.</summary>
    private void TryLater(Link link, RunningEffect effect, SubmitOrder order, int attempt)
    {
        var wait = BackOff(attempt + 1);
        if (!effect.MayAct || effect.Now + wait >= order.SendBefore)
        {
            effect.Report(new SubmitNotSent(order.ClOrdId, "no session"));
            return;
        }

        Later(link, wait.TotalMilliseconds, wait.TotalMilliseconds, () => Submit(link, effect, order, attempt + 1));
    }

    private void TakePlaced(Link link, RunningEffect effect, SubmitOrder order, PaperAnswer answer) => Heard(effect, answer, () =>
    {
        switch (answer.Outcome)
        {
            case PaperOutcome.AskForFirst:
                Ask(link, new FindPaperOrder(order.ClOrdId), reply =>
                    TakePlaced(link, effect, order, PaperDialog.TakeFirst(order.ClOrdId, reply as PaperFindReply)));
                break;
            case PaperOutcome.Accepted:
                effect.Report(new SubmitAccepted(order.ClOrdId, new BrokerAck(answer.Detail)));
                break;
            case PaperOutcome.Rejected:
                effect.Report(new SubmitRejected(order.ClOrdId, answer.Detail));
                break;
            default:
                effect.Report(new SubmitOutcomeUnknown(order.ClOrdId, answer.Detail));
                break;
        }
    });

    private void Cancel(Link link, RunningEffect effect, CancelOrder order)
    {
        if (!effect.IsWanted)
        {
            return;
        }

        _world.Trace.Add("cancel", link.Connection.Key, order.ClOrdId);
        InSession(link, dialog =>
        {
            if (dialog is null)
            {
                TakeCanceled(effect, order, new PaperAnswer(PaperOutcome.Unknown, "no session"));
                return;
            }

            Ask(link, new CancelPaperOrder(order.ClOrdId, order.BrokerOrderId), reply => TakeCanceled(effect, order, reply is PaperCancelReply canceled
                ? dialog.TakeCanceled(canceled)
                : new PaperAnswer(PaperOutcome.Unknown, "The paper exchange did not answer.")));
        });
    }

    private static void TakeCanceled(RunningEffect effect, CancelOrder order, PaperAnswer answer) => Heard(effect, answer, () => effect.Report(answer.Outcome switch
    {
        PaperOutcome.Accepted => new CancelAnswered(order.ClOrdId, CancelAnswer.Accepted, null),
        PaperOutcome.Rejected => new CancelAnswered(order.ClOrdId, CancelAnswer.Rejected, answer.Detail),
        _ => new CancelAnswered(order.ClOrdId, CancelAnswer.Unknown, answer.Detail),
    }));

    private void Find(Link link, RunningEffect effect, FindOrder order)
    {
        if (!effect.IsWanted)
        {
            return;
        }

        var askedAt = effect.Now;
        InSession(link, dialog =>
        {
            if (dialog is null)
            {
                effect.Report(new FindFailed(order.ClOrdId, "no session"));
                return;
            }

            Ask(link, new FindPaperOrder(order.ClOrdId), reply =>
            {
                _world.Trace.Add("find", link.Connection.Key, order.ClOrdId, reply is PaperFindReply { Order: { } shown } ? $"{shown.Status} {shown.CumQty}" : "not shown");
                effect.Report(reply is PaperFindReply { IsOpen: true } found
                    ? new FindAnswered(order.ClOrdId, found.Order, askedAt)
                    : new FindFailed(order.ClOrdId, "not answered"));
            });
        });
    }

    private static void Heard(RunningEffect effect, PaperAnswer answer, Action then)
    {
        var wait = answer.After.TotalMilliseconds;
        if (wait == 0)
        {
            then();
            return;
        }

        effect.Later(wait, wait, then);
    }
}
