using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using Xunit;

namespace TradeActors.Domain.Tests.Connections;

/// <summary>
/// A connection against a small honest broker whose answers get lost, come late and repeat, with restarts between any two steps. A failure names its
/// seed; the seed fixes the run.
/// </summary>
public sealed class ConnectionProperties
{
    private const int Steps = 120;

    [Fact]
    public void No_order_fills_twice_and_every_fill_reaches_the_account_once()
    {
        for (ulong seed = 1; seed <= 400; seed++)
        {
            try
            {
                new Run(seed).Play();
            }
            catch (Exception fault)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}: {fault}");
            }
        }
    }

    private sealed class Run(ulong seed)
    {
        private readonly Pcg32 _random = new(seed);
        private readonly ConnectionRun _connection = new(refusesDuplicates: seed % 4 != 0);
        private readonly Dictionary<string, Placed> _broker = [];
        private readonly List<BrokerReport> _stream = [];
        private readonly HashSet<string> _started = [];
        private int _heard;

        private sealed class Placed(OrderTerms terms)
        {
            public OrderTerms Terms { get; } = terms;
            public decimal CumQty { get; set; }
            public bool IsCanceled { get; set; }
            public bool IsWorking => !IsCanceled && CumQty < Terms.OrderQty;
        }

        private bool RefusesDuplicates => _connection.State.Traits!.RefusesDuplicates;

        public void Play()
        {
            for (var step = 0; step < Steps; step++)
            {
                _connection.After(_random.NextDouble());
                Step(step);
                Check();
            }

            Drain();
            Assert.All(_connection.State.Open, order => Assert.Equal(OrderPhase.Abandoned, order.Phase));
            foreach (var (id, placed) in _broker)
            {
                var told = _connection.Told.Where(update => update.ClOrdId == id && update.Kind == OrderUpdateKind.Trade).ToArray();
                Assert.Equal(placed.CumQty, told.Sum(update => update.LastQty));
                Assert.Equal(told.Length, told.Select(update => update.ExecId).Distinct().Count());
            }

            var replayed = _connection.Events.Aggregate(Fresh(), Connection.Apply);
            Assert.Equal(TestJson.Of(_connection.State), TestJson.Of(replayed));
        }

        private ConnectionState Fresh() => new ConnectionRun(RefusesDuplicates).State;

        private void Step(int step)
        {
            switch (_random.Next(10))
            {
                case 0:
                    var valid = _random.Chance(0.5) ? _connection.Now.AddSeconds(_random.Next(20)) : (DateTimeOffset?)null;
                    _connection.Place($"c{step}", 1 + _random.Next(4), valid);
                    break;
                case 1 when _connection.State.Orders.Count > 0:
                    _connection.Cancel(_connection.State.Orders.Keys.ElementAt(_random.Next(_connection.State.Orders.Count)));
                    break;
                case 2 when _random.Chance(0.3):
                    _connection.Tell(new Activated());
                    _started.Clear();
                    break;
                case 3 or 4:
                    Fill();
                    break;
                case 5 or 6:
                    Hear();
                    break;
                default:
                    RunOneCall(isHonest: false);
                    break;
            }
        }

        /// <summary>Everything is answered and reported; time passes until nothing is left to ask.</summary>
        private void Drain()
        {
            for (var round = 0; round < 2_000 && _connection.State.Open.Any(order => order.Phase != OrderPhase.Abandoned); round++)
            {
                _connection.After(1);
                while (RunOneCall(isHonest: true))
                {
                }

                Fill();
                while (_heard < _stream.Count)
                {
                    Hear();
                }
            }

            while (_heard < _stream.Count)
            {
                Hear();
            }
        }

        private bool RunOneCall(bool isHonest)
        {
            var calls = Connection.Pending(_connection.State).Effects.Where(effect => effect.Key != "session" && !_started.Contains(effect.Key)).ToArray();
            if (calls.Length == 0)
            {
                return false;
            }

            var call = calls[_random.Next(calls.Length)];
            if (call.Call is CallFind { NotBefore: var notBefore } && notBefore > _connection.Now)
            {
                return false;
            }

            _started.Add(call.Key);
            var fate = isHonest ? 9 : _random.Next(10);
            switch (call.Call)
            {
                case CallSubmit submit:
                    Submit(submit.Order, fate);
                    break;
                case CallCancel cancel:
                    Cancel(cancel.Order.ClOrdId, fate);
                    break;
                case CallFind find:
                    Find(find.Order.ClOrdId, fate);
                    break;
            }

            return true;
        }

        private void Submit(SubmitOrder order, int fate)
        {
            if (_connection.Now > order.SendBefore)
            {
                _connection.Tell(new SubmitNotSent(order.ClOrdId, "Deadline"));
                return;
            }

            if (fate == 0)
            {
                _connection.Tell(new SubmitOutcomeUnknown(order.ClOrdId, "Lost on the way"));
                return;
            }

            if (fate == 1)
            {
                _connection.Tell(new SubmitRejected(order.ClOrdId, "Margin"));
                return;
            }

            Assert.False(_broker.ContainsKey(order.ClOrdId), $"{order.ClOrdId} was sent twice.");
            _broker.Add(order.ClOrdId, new Placed(order.Terms));
            Report(ExecType.New, order.ClOrdId);
            _connection.Tell(fate == 2
                ? new SubmitOutcomeUnknown(order.ClOrdId, "Timed out after it was accepted")
                : new SubmitAccepted(order.ClOrdId, new BrokerAck($"broker-{order.ClOrdId}")));
        }

        private void Cancel(string clOrdId, int fate)
        {
            Assert.True(_broker.TryGetValue(clOrdId, out var placed), "A cancel overtook its submit.");
            var answer = placed.IsWorking ? CancelAnswer.Accepted : CancelAnswer.Rejected;
            if (placed.IsWorking && fate != 0)
            {
                placed.IsCanceled = true;
                Report(ExecType.Canceled, clOrdId);
            }

            _connection.Tell(new CancelAnswered(clOrdId, fate <= 1 ? CancelAnswer.Unknown : answer, null));
        }

        private void Find(string clOrdId, int fate)
        {
            if (fate == 0)
            {
                _connection.Tell(new FindFailed(clOrdId, "503"));
                return;
            }

            var found = _broker.GetValueOrDefault(clOrdId);
            var status = found is null ? (OrdStatus?)null
                : found.IsCanceled ? OrdStatus.Canceled : found.CumQty == found.Terms.OrderQty ? OrdStatus.Filled : OrdStatus.Working;
            _connection.Find(status, found?.CumQty ?? 0m, clOrdId);
        }

        private void Fill()
        {
            var working = _broker.Where(order => order.Value.IsWorking).ToArray();
            if (working.Length > 0)
            {
                var (id, placed) = working[_random.Next(working.Length)];
                var qty = 1 + _random.Next((int)(placed.Terms.OrderQty - placed.CumQty));
                placed.CumQty += qty;
                Report(ExecType.Trade, id, qty);
            }
        }

        private void Report(ExecType type, string clOrdId, decimal qty = 0m) => _stream.Add(_connection.Report(type, clOrdId, qty));

        private void Hear()
        {
            if (_heard < _stream.Count)
            {
                // After a reconnect the broker repeats some of the day's reports.
                var at = _random.Chance(0.2) ? _random.Next(_heard + 1) : _heard;
                _connection.Tell(new ReportReceived(_stream[at]));
                _heard = Math.Max(_heard, at + 1);
            }
        }

        private void Check()
        {
            var keys = Connection.Pending(_connection.State).Effects.Select(effect => effect.Key).ToArray();
            Assert.Equal(keys.Length, keys.Distinct().Count());
            Assert.All(_connection.State.Orders.Keys, id => Assert.True(_connection.Calls(id).Length <= 1));
            Assert.All(_connection.State.Orders.Values, order => Assert.True(order.CumQty <= order.Terms.OrderQty));
        }
    }
}
