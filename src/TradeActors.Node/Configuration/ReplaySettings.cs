using TradeActors.Market.Feeds;

namespace TradeActors.Node.Configuration;

/// <summary>The settings of the replay feed.</summary>
internal static class ReplaySettings
{
    /// <returns>Null unless the feed is a replay.</returns>
    /// <exception cref="SettingException">No file is named, or values do not go together.</exception>
    public static ReplayOptions? Read(SettingValues values)
    {
        if (values.Of(KnownSettings.MarketFeed) != "replay")
        {
            return null;
        }

        var file = values.Of(KnownSettings.ReplayFile)
            ?? throw new SettingException($"{KnownSettings.ReplayFile.Key} must name the file that {KnownSettings.MarketFeed.Key} = 'replay' reads.");
        var times = values.Of(KnownSettings.ReplayTimes) == "now" ? ReplayTimes.Now : ReplayTimes.Original;
        var loop = values.Of(KnownSettings.ReplayLoop);
        return loop && times == ReplayTimes.Original
            ? throw new SettingException(
                $"{KnownSettings.ReplayLoop.Key} = 'true' does not go with {KnownSettings.ReplayTimes.Key} = 'original': the times would run backwards. Use times = 'now'.")
            : new ReplayOptions(Path.GetFullPath(file), values.Of(KnownSettings.ReplaySpeed), times, loop, values.Of(KnownSettings.ReplayBadLines) == "skip");
    }

    /// <exception cref="SettingException">The file is not there, cannot be read, or does not begin with the names of its columns.</exception>
    public static void Check(ReplayOptions? replay)
    {
        try
        {
            _ = replay is null ? null : ReplayFile.Open(replay.File);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new SettingException($"{KnownSettings.ReplayFile.Key} = '{replay!.File}' cannot be used: {error.Message}");
        }
    }
}
