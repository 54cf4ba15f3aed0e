using TradeActors.Domain.Instruments;

namespace TradeActors.Domain.Market;

/// <summary>What became of a tick on its way into the candles.</summary>
public enum CandleVerdict
{
    Taken,
    /// <summary>The quote names no last trade.</summary>
    NoTrade,
    /// <summary>Older than the newest tick by more than the allowed lateness, or not newer than what a restart found stored.</summary>
    Late,
    /// <summary>Its time lies ahead of our clock by more than <see cref="CandleBuilder.MostAhead"/>.</summary>
    Ahead,
}

/// <summary>Makes the candles of one contract, in every resolution, from its quotes. No clock, no I/O. Not safe for several threads.</summary>
/// <remarks>
/// Every tick goes into each resolution by itself, so that an hour is exactly the sum of its seconds. A tick that is late by no more than the allowed
/// lateness, measured against the newest tick of the contract, amends the candles of its own time. One that is later is left out of all of them: the
/// resolutions always agree.
/// </remarks>
public sealed class CandleBuilder(Contract contract, TimeSpan lateness)
{
    /// <summary>A tick further ahead than clocks differ is a wrong time. Taken, it would make everything after it late.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(1);

    // Per resolution the candles that a tick may still fall into, by their start.
    private readonly SortedDictionary<CandleResolution, SortedList<DateTimeOffset, Candle>> _within = [];
    private DateTimeOffset _newest = DateTimeOffset.MinValue;
    private DateTimeOffset _resumedAt = DateTimeOffset.MinValue;
    private (DateTimeOffset Minute, DateTimeOffset Day) _lastDay;

    /// <summary>Goes on with candles stored before a restart. Ticks that they may have counted are not counted again.</summary>
    /// <param name="stored">The newest of each resolution, of this contract.</param>
    public void Resume(IEnumerable<Candle> stored)
    {
        foreach (var candle in stored)
        {
            Within(candle.Resolution)[candle.Start] = candle;
            _resumedAt = candle.LastAt > _resumedAt ? candle.LastAt : _resumedAt;
            _newest = _resumedAt;
        }
    }

    /// <param name="receivedAt">Our time, for <see cref="CandleVerdict.Ahead"/> alone.</param>
    /// <param name="changed">Gets the new state of each candle that the tick has changed.</param>
    public CandleVerdict Add(Quote quote, DateTimeOffset receivedAt, ICollection<Candle> changed)
    {
        var tick = CandleTick.Of(quote);
        var verdict = Judge(tick, receivedAt);
        if (verdict == CandleVerdict.Taken)
        {
            _newest = tick.At > _newest ? tick.At : _newest;
            foreach (var resolution in CandleResolutions.All)
            {
                changed.Add(Take(resolution, tick));
            }
        }

        return verdict;
    }

    private CandleVerdict Judge(CandleTick tick, DateTimeOffset receivedAt) =>
        tick.Price == 0m ? CandleVerdict.NoTrade // As everywhere, a price of exactly 0 says that nothing is quoted.
        : tick.At > receivedAt + MostAhead ? CandleVerdict.Ahead
        : tick.At <= _resumedAt || _newest - tick.At > lateness ? CandleVerdict.Late
        : CandleVerdict.Taken;

    private Candle Take(CandleResolution resolution, CandleTick tick)
    {
        var start = StartOf(resolution, tick.At);
        var within = Within(resolution);
        if (within.TryGetValue(start, out var known))
        {
            return within[start] = known.With(tick);
        }

        Forget(resolution, within);
        return within[start] = Candle.Of(contract.Symbol, resolution, start, tick);
    }

    /// <summary>Lets go of candles that no tick can reach any more.</summary>
    private void Forget(CandleResolution resolution, SortedList<DateTimeOffset, Candle> within)
    {
        var oldest = CandleTime.StartOf(resolution, contract.Instrument, _newest - lateness);
        while (within.Count > 0 && within.Keys[0] < oldest)
        {
            within.RemoveAt(0);
        }
    }

    // Sessions open on whole minutes, so a minute lies in one trading date: the calendar is asked once a minute, not at every tick.
    private DateTimeOffset StartOf(CandleResolution resolution, DateTimeOffset at)
    {
        if (resolution != CandleResolution.OneDay)
        {
            return CandleTime.Floor(resolution, at);
        }

        var minute = CandleTime.Floor(CandleResolution.OneMinute, at);
        _lastDay = _lastDay.Minute == minute ? _lastDay : (minute, CandleTime.StartOf(resolution, contract.Instrument, at));
        return _lastDay.Day;
    }

    private SortedList<DateTimeOffset, Candle> Within(CandleResolution resolution) =>
        _within.TryGetValue(resolution, out var known) ? known : _within[resolution] = [];
}
