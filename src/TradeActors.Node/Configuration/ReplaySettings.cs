using System.Globalization;
using TradeActors.Market.Feeds;

namespace TradeActors.Node.Configuration;

/// <summary>The settings of the replay feed.</summary>
internal static class ReplaySettings
{
    private const string Root = "tradeactors:market:replay";

    /// <returns>Null unless the feed is a replay.</returns>
    /// <exception cref="SettingException">A value is missing or not understood.</exception>
    public static ReplayOptions? Read(IConfiguration configuration)
    {
        if (!string.Equals(configuration["tradeactors:market:feed"], "replay", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var file = configuration[$"{Root}:file"] ?? throw new SettingException($"{Root}:file must name the file that tradeactors:market:feed = 'replay' reads.");
        var times = NodeSettings.RequireOneOf(configuration, $"{Root}:times", "now", ["now", "original"], later: []) == "now" ? ReplayTimes.Now : ReplayTimes.Original;
        var loop = NodeSettings.Flag(configuration, $"{Root}:loop", false);
        return loop && times == ReplayTimes.Original
            ? throw new SettingException($"{Root}:loop = 'true' does not go with {Root}:times = 'original': the times would run backwards. Use times = 'now'.")
            : new ReplayOptions(
                Path.GetFullPath(file), Speed(configuration), times, loop,
                NodeSettings.RequireOneOf(configuration, $"{Root}:bad-lines", "stop", ["stop", "skip"], later: []) == "skip");
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
            throw new SettingException($"{Root}:file = '{replay!.File}' cannot be used: {error.Message}");
        }
    }

    private static double Speed(IConfiguration configuration) => configuration[$"{Root}:speed"] is not { } text ? 1
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var speed) && speed is >= 0 and <= 1_000_000 ? speed
        : throw new SettingException($"{Root}:speed = '{text}' must be a number from 0 (as fast as it is taken) over 1 (real time) to 1000000.");
}
