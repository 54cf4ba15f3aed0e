namespace TradeActors.Node.Configuration;

/// <summary>
/// Every key under <c>tradeactors</c>, once. Reading, checking, <c>--help</c> and the tests of hocon/reference.conf and hocon/README.md go by this table.
/// </summary>
/// <remarks>A new setting is one field here, one line in each of the two files, and <see cref="SettingValues.Of"/> where it is needed.</remarks>
internal static class KnownSettings
{
    private static readonly List<Setting> Table = [];

    public static readonly PathSetting ConfigFile = Add(new PathSetting(
        "config", "local.conf", "the file of this node, relative to the working folder or else to hocon; --config for short") { IsReadBeforeFiles = true });

    public static readonly PathSetting DataDirectory = Add(new PathSetting(
        "data-directory", "data", "where the data is, relative to the working folder"));

    public static readonly ChoiceSetting Storage = Add(new ChoiceSetting("storage", "sqlite", ["sqlite"], later: ["postgres"], "what the data is stored in"));

    public static readonly ChoiceSetting Cluster = Add(new ChoiceSetting("cluster", "none", ["none"], later: ["rabbitmq"], "what connects the nodes"));

    public static readonly FlagSetting Demo = Add(new FlagSetting(
        "demo", true, "make a demo tenant at the first start and print its data at every start"));

    public static readonly ChoiceSetting Registration = Add(new ChoiceSetting(
        "registration", "open", ["open", "closed"], later: [], "who may make a tenant: anybody or nobody"));

    public static readonly AddressSetting PublicAddress = Add(new AddressSetting(
        "public-address", "address of this front door as the world sees it; webhook URLs begin with it"));

    public static readonly NameSetting NodeName = Add(new NameSetting("node-name", "stands in the shard rows; the machine's name when not set"));

    public static readonly NumberSetting Shards = Add(new NumberSetting(
        "shards", 128, 1, 4096, "parts that the entities are spread over; fixed at the first start"));

    public static readonly NumberSetting Loops = Add(new NumberSetting("loops", 1, 1, 64, "loops that share the shards"));

    public static readonly ChoiceSetting MarketFeed = Add(new ChoiceSetting(
        "market:feed", "simulated", ["simulated", "manual"], later: ["replay", "bybit"], "where quotes come from; manual: from POST /api/v1/market/ticks alone"));

    public static readonly NumberSetting MarketSeed = Add(new NumberSetting("market:seed", 1, 0, int.MaxValue, "seed of the simulated market"));

    public static readonly NumberSetting QuotesPerSecond = Add(new NumberSetting(
        "market:quotes-per-second", 20, 1, 100_000, "quotes a second of the simulated market, all instruments together"));

    public static readonly FlagSetting SessionHours = Add(new FlagSetting("market:session-hours", false, "keep the exchanges' hours"));

    public static readonly NumberSetting KeepRawDays = Add(new NumberSetting("keep-raw-days", 90, 1, 3650, "days that the raw text of signals is kept"));

    public static readonly ChoiceSetting Log = Add(new ChoiceSetting("log", "text", ["text", "json"], later: [], "form of log lines; json: one object a line"));

    /// <summary>In the order of the help text.</summary>
    public static IReadOnlyList<Setting> All => Table;

    private static TSetting Add<TSetting>(TSetting setting)
        where TSetting : Setting
    {
        Table.Add(setting);
        return setting;
    }
}
