using TradeActors.Api;
using TradeActors.Market.Feeds;

namespace TradeActors.Node.Configuration;

/// <summary>The settings that the node itself reads, checked. <see cref="KnownSettings"/> lists them all.</summary>
internal sealed record NodeSettings(
    string DataDirectory, string NodeName, bool Demo, int ShardCount, int Loops, string Feed, ulong MarketSeed, int QuotesPerSecond, bool SessionHours,
    int KeepRawDays, int KeepLiveDays, int KeepAuditDays, bool JsonLog, string DefaultUrl)
{
    public HistorySettings History { get; init; } = new();

    public ClusterSettings Cluster { get; init; } = new();

    /// <summary>Null unless the feed is a replay.</summary>
    public ReplayOptions? Replay { get; init; }

    /// <exception cref="SettingException">Values that are not understood or ask for what this version cannot do, and keys that are not known: all of them.</exception>
    public static NodeSettings Read(IConfigurationRoot configuration) => Read(SettingValues.Read(configuration, KnownSettings.All));

    /// <exception cref="SettingException">Values that do not go together.</exception>
    public static NodeSettings Read(SettingValues values) => Read(values, ClusterSettings.Read(values));

    private static NodeSettings Read(SettingValues values, ClusterSettings cluster) => new(
        Path.GetFullPath(values.Of(KnownSettings.DataDirectory)!),
        values.Of(KnownSettings.NodeName) ?? Environment.MachineName.ToLowerInvariant(),
        values.Of(KnownSettings.Demo) ?? cluster.Postgres is null,
        values.Of(KnownSettings.Shards),
        values.Of(KnownSettings.Loops),
        values.Of(KnownSettings.MarketFeed),
        (ulong)values.Of(KnownSettings.MarketSeed),
        values.Of(KnownSettings.QuotesPerSecond),
        values.Of(KnownSettings.SessionHours),
        values.Of(KnownSettings.KeepRawDays),
        values.Of(KnownSettings.KeepLiveDays),
        values.Of(KnownSettings.KeepAuditDays),
        values.Of(KnownSettings.Log) == "json",
        "http://127.0.0.1:5080")
    {
        Cluster = cluster,
        History = HistorySettings.Read(values),
        Replay = ReplaySettings.Read(values),
    };
}
