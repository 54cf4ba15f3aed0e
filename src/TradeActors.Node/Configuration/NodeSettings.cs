namespace TradeActors.Node.Configuration;

/// <summary>The settings that the node itself reads, checked. <see cref="KnownSettings"/> lists them all.</summary>
internal sealed record NodeSettings(
    string DataDirectory, string NodeName, bool Demo, int ShardCount, int Loops, string Feed, ulong MarketSeed, int QuotesPerSecond, bool SessionHours,
    int KeepRawDays, bool JsonLog, string DefaultUrl)
{
    /// <value>true.</value>
    public bool IsRegistrationOpen { get; init; } = true;

    /// <summary>Of the front door as the world sees it; null when it is the one that a request came by.</summary>
    public string? PublicAddress { get; init; }

    /// <exception cref="SettingException">Values that are not understood, ask for what this version cannot do, or have keys that are not known.</exception>
    public static NodeSettings Read(IConfigurationRoot configuration)
    {
        var values = SettingValues.Read(configuration, KnownSettings.All);
        return new NodeSettings(
            Path.GetFullPath(values.Of(KnownSettings.DataDirectory)!),
            values.Of(KnownSettings.NodeName) ?? Environment.MachineName.ToLowerInvariant(),
            values.Of(KnownSettings.Demo),
            values.Of(KnownSettings.Shards),
            values.Of(KnownSettings.Loops),
            values.Of(KnownSettings.MarketFeed),
            (ulong)values.Of(KnownSettings.MarketSeed),
            values.Of(KnownSettings.QuotesPerSecond),
            values.Of(KnownSettings.SessionHours),
            values.Of(KnownSettings.KeepRawDays),
            values.Of(KnownSettings.Log) == "json",
            "http://127.0.0.1:5080")
        {
            IsRegistrationOpen = values.Of(KnownSettings.Registration) == "open",
            PublicAddress = values.Of(KnownSettings.PublicAddress),
        };
    }
}
