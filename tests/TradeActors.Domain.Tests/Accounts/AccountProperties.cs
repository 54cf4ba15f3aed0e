using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Accounts;

/// <summary>
/// Random commands, answers and fills against a small honest broker, which fills no more than was ordered but may cross a cancel, refuse, and leave
/// outcomes open. <see cref="AccountRun"/> checks the sums after every event. A failure names its seed; the seed fixes the run.
/// </summary>
public sealed class AccountProperties
{
    private const int Runs = 250;
    private const int Steps = 80;

    [Fact]
    public void Sums_hold_goals_are_met_and_replay_gives_the_same_state() => PlayAll(static seed => new Run(seed, longOnly: false).Play());

    [Fact]
    public void No_sequence_of_plans_opens_beyond_the_limits_of_a_long_only_account() => PlayAll(static seed => new Run(seed, longOnly: true).Play());

    private static void PlayAll(Action<ulong> play)
    {
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            try
            {
                play(seed);
            }
            catch (Exception fault)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}: {fault}");
            }
        }
    }

    private sealed class Run(ulong seed, bool longOnly)
    {
        private const decimal MaxPosition = 8m;
        private const decimal MaxOrder = 5m;
        private const int MaxOpen = 4;

        private static readonly string[] Symbols = [AccountRun.Es, "NQU2026"];

        private static readonly Settings[] SettingsSeen =
        [
            Settings.None,
            new(StopLoss: new(DistanceUnit.Points, 10m)),
            new(StopLoss: new(DistanceUnit.Percent, 1m), TakeProfit: new(DistanceUnit.Ticks, [new(20m)])),
            new(StopLoss: new(DistanceUnit.Ticks, 40m), TakeProfit: new(DistanceUnit.Points, [new(10m, Percent: 50m), new(20m, Percent: 30m)])),
            new(TakeProfit: new(DistanceUnit.Points, [new(10m, Quantity: 1m), new(20m, Quantity: 2m)])),
            new(new SizingSettings(400m, 200m, SizingUnit.RiskAmount), StopLoss: new(DistanceUnit.Ticks, 8m)),
            new(Filters: new FilterSettings(CooldownSeconds: 10, MaxContractsPerTrade: 2m)),
            new(StopLoss: new(DistanceUnit.Points, 5m), Filters: new FilterSettings(
                Windows: [new("00:00", "14:04", "Etc/UTC", FlattenAtEnd: true), new("14:05", "23:59", "Etc/UTC")])),
        ];

        private readonly Pcg32 _random = new(seed, longOnly ? 1u : 0u);
        private readonly AccountRun _account = new(new AccountLimits(new PositionLimits(MaxPosition), MaxOrder, MaxOpenOrders: MaxOpen));

        /// <summary>What the broker still works, by ClOrdID.</summary>
        private readonly Dictionary<string, decimal> _leaves = [];
        private int _sent;
        private int _checked;

        public void Play()
        {
            for (var step = 0; step < Steps; step++)
            {
                _account.After(TimeSpan.FromSeconds(_random.Next(8)));
                _account.Quotes.Set(Symbols[_random.Next(2)], 5_000m + _random.Next(100), 5_000.25m + _random.Next(100));
                Step(step);
                Check();
            }

            CheckProtection();
            Drain();
            Assert.Empty(_account.Live);
            Assert.All(_account.State.Shares.Values, share => Assert.True(share is { Goal: null, Next: null }, $"{share} still stands."));
            Assert.Empty(_account.State.OpenSignals);
            var replayed = _account.Events.Aggregate(AccountState.Empty, Account.Apply);
            Assert.Equal(TestJson.Of(_account.State), TestJson.Of(replayed));
        }

        private void Step(int step)
        {
            switch (_random.Next(13))
            {
                case 12:
                    _account.Crash();
                    break;
                case 0 or 1 or 2 or 3:
                    Signal();
                    break;
                case 4:
                    _account.Place($"m{step}", longOnly ? Side.Buy : AnySide(), 1 + _random.Next(6), Symbols[_random.Next(2)]);
                    break;
                case 5 when _random.Chance(0.3):
                    _account.Tell(_random.Next(4) switch
                    {
                        0 => new FlattenAccount(),
                        1 => new HaltAccount("Random"),
                        2 => new Activated(),
                        _ => new ResumeAccount(),
                    });
                    break;
                case 6 when _account.Live.Length > 0:
                    _account.Tell(new CancelManually(_account.Live[_random.Next(_account.Live.Length)].ClOrdId));
                    break;
                case 7:
                    _account.FireTimers();
                    break;
                default:
                    Answer(isHonest: false);
                    break;
            }
        }

        private void Signal()
        {
            var symbol = Symbols[_random.Next(2)];
            var quantity = 1 + _random.Next(4);
            var side = longOnly ? Side.Buy : AnySide();
            var plan = _random.Next(7) switch
            {
                0 => Plans.Close(symbol),
                1 => Plans.CloseSome(quantity) with { Symbol = symbol },
                2 => Plans.Flip(side, quantity) with { Symbol = symbol },
                3 => Plans.Add(side, quantity) with { Symbol = symbol },
                4 => Plans.Target((longOnly ? 1 : side.Sign) * _random.Next(6)) with { Symbol = symbol },
                _ => Plans.Enter(side, quantity, symbol),
            };
            _account.Signal(
                plan, subscription: $"s{_random.Next(3)}", multiplier: 1 + (_random.Next(3) * 0.5m), settings: SettingsSeen[_random.Next(SettingsSeen.Length)],
                overrides: _random.Chance(0.2) ? SettingsSeen[_random.Next(SettingsSeen.Length)] : null, receivedAt: _account.Now.AddSeconds(-_random.Next(35)));
        }

        private Side AnySide() => _random.Chance(0.5) ? Side.Buy : Side.Sell;

        /// <summary>The broker takes up new orders and says one thing about one of them.</summary>
        private void Answer(bool isHonest)
        {
            TakeUp();
            if (_leaves.Count == 0)
            {
                return;
            }

            var id = _leaves.Keys.Order(StringComparer.Ordinal).ElementAt(_random.Next(_leaves.Count));
            var order = _account.State.Orders[id];
            var isCancelWanted = _account.Cancels.Contains(id);
            switch (_random.Next(isHonest ? 4 : 8))
            {
                case 0 when isCancelWanted:
                    _leaves.Remove(id);
                    _account.Canceled(order);
                    break;
                case 4:
                    _account.Accept(order);
                    break;
                case 5:
                    _account.Unknown(order);
                    break;
                case 6 when order.CumQty == 0m:
                    _leaves.Remove(id);
                    _account.Update(_random.Chance(0.5) ? OrderUpdateKind.Rejected : OrderUpdateKind.Expired, order, "Random");
                    break;
                default:
                    var qty = isHonest ? _leaves[id] : 1 + _random.Next((int)_leaves[id]);
                    _leaves[id] -= qty;
                    if (_leaves[id] == 0m)
                    {
                        _leaves.Remove(id);
                    }

                    _account.Fill(qty, order, price: 5_000m + _random.Next(100));
                    break;
            }
        }

        private void TakeUp()
        {
            for (; _sent < _account.Sent.Count; _sent++)
            {
                if (_account.Sent[_sent] is PlaceOrder place)
                {
                    Assert.True(_leaves.TryAdd(place.ClOrdId, place.Terms.OrderQty), $"{place.ClOrdId} was sent twice.");
                }
            }
        }

        private void Drain()
        {
            for (var round = 0; round < 3_000 && (_account.Live.Length > 0 || _account.State.Shares.Values.Any(share => share.Goal is not null)); round++)
            {
                _account.After(TimeSpan.FromSeconds(61)).FireTimers();
                Answer(isHonest: true);
                Check();
            }
        }

        /// <summary>
        /// Once the broker has confirmed every withdrawal and the pauses after refusals are over, every share with a stop and no goal is covered by it,
        /// but for what a person has traded against it.
        /// </summary>
        private void CheckProtection()
        {
            for (var round = 0; round < 20; round++)
            {
                TakeUp();
                foreach (var order in _account.Live.Where(order => order is { Purpose: OrderPurpose.Protection, CancelAsked: true }))
                {
                    _leaves.Remove(order.ClOrdId);
                    _account.Canceled(order);
                }

                _account.After(TimeSpan.FromMinutes(1)).FireTimers();
            }

            foreach (var share in _account.State.Shares.Values.Where(share => share is { Goal: null, Protection.StopPx: not null }))
            {
                var resting = _account.State.LiveOrdersOf(share.Owner, share.Symbol).Where(order => order.Purpose == OrderPurpose.Protection).Sum(order => order.LeavesQty);
                var manual = _account.Held(AccountState.Manual, share.Symbol);
                var against = Math.Sign(manual) == -Math.Sign(share.Quantity) ? Math.Abs(manual) : 0m;
                Assert.InRange(resting, Math.Abs(share.Quantity) - against, Math.Abs(share.Quantity));
            }
        }

        /// <summary>At the moment an entry is planned, everything that may still fill on its side stays within the limits.</summary>
        private void Check()
        {
            var planned = _account.Events.Skip(_checked).OfType<OrderPlanned>().Where(order => order.Purpose == OrderPurpose.Entry).ToArray();
            _checked = _account.Events.Count;
            Assert.All(planned, order => Assert.True(order.Terms.OrderQty <= MaxOrder, $"{order.ClOrdId} is too large."));
            if (planned.Length > 0)
            {
                Assert.True(_account.State.LiveOrders.Count(order => order.Purpose == OrderPurpose.Entry) <= MaxOpen, "Too many open entries.");
            }

            if (longOnly)
            {
                Assert.All(Symbols, symbol => Assert.InRange(Worst(symbol), 0m, MaxPosition));
            }
        }

        /// <summary>The position if every buy filled and no sell did.</summary>
        private decimal Worst(string symbol) => _account.State.Net(symbol)
            + _account.State.LiveOrders.Where(order => order.Terms.Symbol == symbol && order.Terms.Side == Side.Buy).Sum(order => order.LeavesQty);
    }
}
