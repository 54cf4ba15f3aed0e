namespace TradeActors.Brokers.Core.Links;

/// <summary>Doubling delays from 100 ms to 10 s.</summary>
internal sealed class BackOff
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private int _count;

    public TimeSpan Next()
    {
        var delay = TimeSpan.FromMilliseconds(100 * Math.Pow(2, Math.Min(_count++, 7)));
        return delay < Longest ? delay : Longest;
    }

    public void Reset() => _count = 0;
}
