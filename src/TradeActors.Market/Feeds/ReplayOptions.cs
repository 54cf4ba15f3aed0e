namespace TradeActors.Market.Feeds;

/// <summary>Which times the quotes of a replay get.</summary>
public enum ReplayTimes
{
    /// <summary>The time of publishing: ages, sessions and trading days are those of today.</summary>
    Now,
    /// <summary>Those of the file: candles are those of the day that was recorded.</summary>
    Original,
}

/// <summary>The settings under <c>tradeactors:market:replay</c>.</summary>
/// <param name="File">A file as <see cref="ReplayFile"/> reads it.</param>
/// <param name="Speed">1 real time, 60 an hour a minute, 0 as fast as the consumers take it.</param>
/// <param name="Loop">Begin again at the end. Not with <see cref="ReplayTimes.Original"/>, whose times would run backwards.</param>
/// <param name="SkipsBadLines">A line that cannot be used is counted and left out; else it ends the replay.</param>
public sealed record ReplayOptions(
    string File, double Speed = 1, ReplayTimes Times = ReplayTimes.Now, bool Loop = false, bool SkipsBadLines = false)
{
    /// <exception cref="ArgumentOutOfRangeException">A value outside its range.</exception>
    public void Validate()
    {
        if (!double.IsFinite(Speed) || Speed < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Speed), Speed, "A speed is 0 or more.");
        }

        if (Loop && Times == ReplayTimes.Original)
        {
            throw new ArgumentOutOfRangeException(nameof(Loop), Loop, "A loop cannot keep the times of the file: they would run backwards.");
        }
    }
}
