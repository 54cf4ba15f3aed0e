using TradeActors.Domain.Market;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>Every contract trades around 100, and swings with the simulated time; some have no quote in the first seconds.</summary>
internal sealed class SimQuotes(Func<DateTimeOffset> now, DateTimeOffset start) : ILastQuotes
{
    public Quote? Last(string symbol)
    {
        var seconds = (now() - start).TotalSeconds;
        if (symbol.Length % 2 == 0 && seconds < 3)
        {
            return null;
        }

        var bid = 100m + ((decimal)Math.Round(4 * Math.Sin(seconds / 7)) * 0.25m);
        return new Quote(symbol, bid, bid + 0.25m, bid, null, null, null, now());
    }
}
