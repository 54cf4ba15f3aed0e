using TradeActors.Domain.Market;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>Every contract trades around 100, and swings with the simulated time; some have no quote in the first seconds.</summary>
internal sealed class SimQuotes(Func<DateTimeOffset> now, DateTimeOffset start) : ILastQuotes
{
    public Quote? Last(string symbol)
    {
        var elapsed = (now() - start).Ticks / TimeSpan.TicksPerMillisecond;
        if (symbol.Length % 2 == 0 && elapsed < 3_000)
        {
            return null;
        }

        // Up and down by a point within 44 seconds, in steps of a quarter. Whole numbers alone: a sine may differ between machines.
        var place = elapsed * 16 / 44_000 % 16;
        var steps = place < 4 ? place : place < 12 ? 8 - place : place - 16;
        var bid = 100m + (steps * 0.25m);
        return new Quote(symbol, bid, bid + 0.25m, bid, null, null, null, now());
    }
}
