using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using TradeActors.Domain.Signals;
using TradeActors.Domain.Tests.Common;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

/// <summary>Random signals, quotes, edits and crashes. A failure names its seed; the seed fixes the run.</summary>
public sealed class RecorderProperties
{
    private const int Runs = 200;
    private const int Steps = 120;

    private static readonly string[] Texts =
        ["buy", "buy 2", "sell", "sell 3", "close", "close 1", "reverse", "position 0", "position 2", "position -3", "add 1", "cancel"];

    [Fact]
    public void No_sequence_of_signals_quotes_and_crashes_passes_a_filter_and_a_close_never_opens()
    {
        for (ulong seed = 1; seed <= Runs; seed++)
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

    private sealed class Run
    {
        private const decimal MaxLoss = 2_000m;

        private readonly Pcg32 _random;
        private readonly FilterSettings _filters;
        private readonly RecorderRun _recorder;

        public Run(ulong seed)
        {
            _random = new Pcg32(seed, 9);
            _filters = new FilterSettings(
                Direction: (DirectionFilter)_random.Next(3),
                Windows: _random.Chance(0.3) ? [new("08:00", "16:00", "America/Chicago", FlattenAtEnd: true)] : null,
                CooldownSeconds: _random.Chance(0.4) ? _random.Next(600) : null,
                MaxSignalsPerSession: _random.Chance(0.4) ? _random.Next(6) + 1 : null,
                MaxDailyLoss: _random.Chance(0.4) ? MaxLoss : null,
                MaxContractsPerTrade: _random.Chance(0.4) ? 2m : null,
                EveryNthSignal: _random.Chance(0.2) ? 3 : null);
            _recorder = new RecorderRun(new Settings(new SizingSettings(1m, _random.Chance(0.5) ? 1m : null), Filters: _filters, Inverse: _random.Chance(0.2)));
            _recorder.Quotes.Set("ESU2026", 5_000m, 5_000.25m);
        }

        public void Play()
        {
            var accepted = new List<(SignalAccepted Signal, DateTimeOffset At)>();
            for (var step = 0; step < Steps; step++)
            {
                _recorder.Now = _recorder.Now.AddMinutes(_random.Next(40));
                var price = 4_950m + _random.Next(100);
                _recorder.Quotes.Set("ESU2026", price, price + 0.25m);
                foreach (var timer in Recorder.Pending(_recorder.State).Timers.Where(timer => timer.Due <= _recorder.Now))
                {
                    _recorder.Ask(new TimerFired(timer.Key));
                }

                var before = _recorder.State;
                var count = _recorder.Events.Count;
                var text = Texts[_random.Next(Texts.Length)];
                _recorder.Signal(text);
                Check(text, before, _recorder.Events[count]);
                if (_recorder.Events[count] is SignalAccepted signal)
                {
                    accepted.Add((signal, _recorder.Now));
                }
            }

            CheckSpacing([.. accepted.Where(entry => entry.Signal.Recording!.IsEntry)]);
            var replayed = _recorder.Events.Prepend(_recorder.State.Created!).Aggregate(RecorderState.Empty, Recorder.Apply);
            Assert.Equal(TestJson.Of(_recorder.State), TestJson.Of(replayed));
        }

        private void Check(string text, RecorderState before, RecorderEvent judged)
        {
            var (was, held) = (before.Held.GetValueOrDefault("ESU2026"), _recorder.Held());
            if (judged is not SignalAccepted accepted)
            {
                Assert.Equal(was, held);
                Assert.IsType<SignalRefused>(judged);
                return;
            }

            Assert.NotEqual(was, held);
            Assert.All(accepted.Recording!.IsEntry ? accepted.Verdicts : [], verdict => Assert.True(verdict.Passed, verdict.ToString()));
            if (text.StartsWith("close", StringComparison.Ordinal) || !accepted.Recording.IsEntry)
            {
                Assert.True(Math.Abs(held) < Math.Abs(was) && held * was >= 0m, $"{text} took {was} to {held}.");
            }

            if (accepted.Recording.IsEntry)
            {
                Assert.True(_filters.Direction != DirectionFilter.LongOnly || held > was, $"{was} to {held} with long only.");
                Assert.True(_filters.Direction != DirectionFilter.ShortOnly || held < was, $"{was} to {held} with short only.");
                var grown = held * was > 0m ? Math.Abs(held) - Math.Abs(was) : Math.Abs(held);
                Assert.True(!(grown > _filters.MaxContractsPerTrade), $"Grown by {grown}.");
                var day = before.Tally.On(accepted.Recording.TradingDate);
                Assert.True(!(day.Entries >= _filters.MaxSignalsPerSession), $"{day.Entries} entries before.");
                Assert.True(_filters.MaxDailyLoss is null || day.Realized > -MaxLoss || was != 0m, $"{day.Realized} lost before.");
            }
        }

        private void CheckSpacing((SignalAccepted Signal, DateTimeOffset At)[] entries)
        {
            for (var i = 1; i < entries.Length; i++)
            {
                Assert.True((entries[i].At - entries[i - 1].At).TotalSeconds >= (_filters.CooldownSeconds ?? 0));
            }
        }
    }
}
