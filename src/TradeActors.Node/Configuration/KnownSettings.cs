using TradeActors.Node.Secrets;

namespace TradeActors.Node.Configuration;

/// <summary>
/// Every key under <c>tradeactors</c>, once. Reading, checking, <c>--help</c> and the tests of hocon/reference.conf and hocon/README.md go by this table.
/// </summary>
/// <remarks>A new setting is one field here, one line in each of the two files, and <see cref="SettingValues.Of"/> where it is needed.</remarks>
internal static class KnownSettings
{
    private static readonly List<Setting> Table = [];

    public static readonly PathSetting ConfigFile = Add(new PathSetting(
        "config", "local.conf", "the file of this node, relative to the working folder or else to hocon; --config for short")
    { IsReadBeforeFiles = true });

    public static readonly PathSetting DataDirectory = Add(new PathSetting("data-directory", "data", "where the data is, relative to the working folder"));

    public static readonly ChoiceSetting Storage = Add(new ChoiceSetting(
        "storage", "sqlite", ["sqlite", "postgres"], later: [], "what the data is stored in; postgres needs ConnectionStrings:Postgres and secrets-key"));

    public static readonly ChoiceSetting Cluster = Add(new ChoiceSetting(
        "cluster", "none", ["none", "rabbitmq"], later: [], "what connects the nodes; rabbitmq needs ConnectionStrings:RabbitMq and storage = postgres"));

    public static readonly PrefixSetting ClusterName = Add(new PrefixSetting(
        "cluster-name", "tradeactors", "begins the names of the cluster's queues: one for each cluster at the same RabbitMQ"));

    public static readonly ListSetting SecretsKey = Add(new ListSetting(
        "secrets-key", SharedKeys.ProblemOf, "key of stored secrets, the same on every node: 32 bytes in base64; after a comma older ones that still open")
    { IsSecret = true });

    public static readonly OptionalFlagSetting Demo = Add(new OptionalFlagSetting(
        "demo", "make a demo tenant at the first start and print its data at every start; true with sqlite unless set, never with postgres"));

    public static readonly ChoiceSetting Registration = Add(new ChoiceSetting("registration", "open", ["open", "approval", "closed"], later: [], "who may make a tenant; approval: the operator lets it in"));

    public static readonly AddressSetting PublicAddress = Add(new AddressSetting("public-address", "address of this front door as the world sees it; webhook URLs begin with it"));

    public static readonly NameSetting NodeName = Add(new NameSetting("node-name", "stands in the shard rows; the machine's name when not set"));

    public static readonly NumberSetting Shards = Add(new NumberSetting("shards", 128, 1, 4096, "parts that the entities are spread over; fixed at the first start"));

    public static readonly NumberSetting Loops = Add(new NumberSetting("loops", 1, 1, 64, "loops that share the shards"));

    public static readonly ChoiceSetting MarketFeed = Add(new ChoiceSetting(
        "market:feed", "simulated", ["simulated", "manual", "replay"], later: ["bybit"], "where quotes come from; manual: from POST /api/v1/market/ticks alone"));

    public static readonly NumberSetting MarketSeed = Add(new NumberSetting("market:seed", 1, 0, int.MaxValue, "seed of the simulated market"));

    public static readonly NumberSetting QuotesPerSecond = Add(new NumberSetting(
        "market:quotes-per-second", 20, 1, 100_000, "quotes a second of the simulated market, all instruments together"));

    public static readonly FlagSetting SessionHours = Add(new FlagSetting("market:session-hours", false, "keep the exchanges' hours"));

    public static readonly NumberSetting KeepRawDays = Add(new NumberSetting("keep-raw-days", 90, 1, 3650, "days that the raw text of signals is kept"));

    public static readonly NumberSetting KeepLiveDays = Add(new NumberSetting(
        "keep-live-days", 7, 1, 3650, "days that live events are kept for clients that come back"));

    public static readonly NumberSetting KeepAuditDays = Add(new NumberSetting("keep-audit-days", 400, 1, 3650, "days that the audit log is kept"));

    public static readonly ChoiceSetting Log = Add(new ChoiceSetting("log", "text", ["text", "json"], later: [], "form of log lines; json: one object a line"));

    public static readonly PathSetting ReplayFile = Add(new PathSetting("market:replay:file", null, "quotes that market:feed = replay reads, CSV"));

    public static readonly RatioSetting ReplaySpeed = Add(new RatioSetting(
        "market:replay:speed", 1, 1_000_000, "times real time; 0: as fast as the accounts take it"));

    public static readonly ChoiceSetting ReplayTimes = Add(new ChoiceSetting(
        "market:replay:times", "now", ["now", "original"], later: [], "times of replayed quotes: of their publishing, or of the file"));

    public static readonly FlagSetting ReplayLoop = Add(new FlagSetting("market:replay:loop", false, "begin again at the end of the file"));

    public static readonly ChoiceSetting ReplayBadLines = Add(new ChoiceSetting(
        "market:replay:bad-lines", "stop", ["stop", "skip"], later: [], "what a line that cannot be used does"));

    public static readonly NumberSetting CandleLateness = Add(new NumberSetting(
        "market:candles:lateness-seconds", 60, 0, 3_600, "seconds by which a quote may come late and still amend its candle"));

    public static readonly NumberSetting KeepSecondsDays = Add(new NumberSetting("market:candles:keep-seconds-days", 7, 1, 3_650, "days that candles below a minute are kept"));

    public static readonly NumberSetting KeepMinutesDays = Add(new NumberSetting(
        "market:candles:keep-minutes-days", 400, 1, 36_500, "days that candles from a minute to 4 hours are kept"));

    public static readonly NumberSetting EquitySeconds = Add(new NumberSetting(
        "equity:interval-seconds", 60, 1, 3_600, "seconds between points of an account that holds positions"));

    public static readonly NumberSetting KeepEquityDays = Add(new NumberSetting("equity:keep-days", 30, 1, 36_500, "days until equity points are thinned to one an hour"));

    public static readonly ListSetting AllowedOrigins = Add(new ListSetting(
        "allowed-origins", ProblemOfOrigin, "origins, besides the own one, whose pages may connect, with commas between them"));

    public static readonly FlagSetting LimitsEnabled = Add(new FlagSetting("limits:enabled", true, "keep the rates below; sizes and time-outs are always kept"));

    public static readonly NumberSetting SignalsPerSecond = Add(new NumberSetting("limits:signals-per-second", 50, 1, 1_000_000, "signals a second per webhook token"));

    public static readonly NumberSetting SignalBurst = Add(new NumberSetting("limits:signal-burst", 200, 1, 1_000_000, "signals at once per webhook token"));

    public static readonly NumberSetting RequestsPerSecond = Add(new NumberSetting(
        "limits:requests-per-second", 100, 1, 1_000_000, "requests a second per user or API key; per address where nobody is logged in"));

    public static readonly NumberSetting RequestBurst = Add(new NumberSetting("limits:request-burst", 500, 1, 1_000_000, "requests at once, likewise"));

    public static readonly NumberSetting LogInsPerMinute = Add(new NumberSetting(
        "limits:log-ins-per-minute", 20, 1, 1_000_000, "log-ins, registrations, passwords and codes a minute, per address or user"));

    public static readonly NumberSetting LargestBody = Add(new NumberSetting(
        "limits:largest-body", 4_194_304, 65_536, 1_073_741_824, "bytes of a request's body; a webhook's has at most 65536"));

    public static readonly NumberSetting LargestHeader = Add(new NumberSetting("limits:largest-header", 16_384, 1_024, 1_048_576, "bytes of a request's header"));

    public static readonly NumberSetting Connections = Add(new NumberSetting("limits:connections", 10_000, 10, 1_000_000, "connections that are open at one time"));

    public static readonly NumberSetting HeaderSeconds = Add(new NumberSetting(
        "limits:header-seconds", 10, 1, 3_600, "seconds that a client may take for the header of a request"));

    public static readonly NumberSetting WebhookSeconds = Add(new NumberSetting(
        "limits:webhook-seconds", 10, 1, 3_600, "seconds that a sender may take for the body of a webhook"));

    public static readonly ListSetting TrustedProxies = Add(new ListSetting(
        "limits:trusted-proxies", ProblemOfProxy, "addresses and networks whose X-Forwarded-For, -Proto and -Host are believed, with commas between them"));

    public static readonly AddressSetting OtlpEndpoint = Add(new AddressSetting(
        "telemetry:otlp-endpoint", "collector for traces, metrics and log lines, such as http://127.0.0.1:4317"));

    public static readonly ChoiceSetting OtlpProtocol = Add(new ChoiceSetting(
        "telemetry:protocol", null, ["grpc", "http"], later: [], "how the collector is spoken to; grpc when neither this nor OTEL_EXPORTER_OTLP_PROTOCOL says otherwise"));

    public static readonly RatioSetting SampleRatio = Add(new RatioSetting("telemetry:sample-ratio", 1, 1, "share of the traces that is kept"));

    /// <summary>In the order of the help text.</summary>
    public static IReadOnlyList<Setting> All => Table;

    private static string? ProblemOfOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == text ? null
        : $"holds '{text}', which is no origin. Write scheme, host and port alone, such as https://desk.example:8443.";

    private static string? ProblemOfProxy(string text) =>
        System.Net.IPNetwork.TryParse(text, out _) || System.Net.IPAddress.TryParse(text, out _) ? null
        : $"holds '{text}', which is neither an address nor a network. Write 10.0.0.7 or 10.0.0.0/24.";

    private static TSetting Add<TSetting>(TSetting setting)
        where TSetting : Setting
    {
        Table.Add(setting);
        return setting;
    }
}
