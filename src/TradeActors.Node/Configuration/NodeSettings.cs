using System.Globalization;
using TradeActors.Api;
using TradeActors.Market.Feeds;

namespace TradeActors.Node.Configuration;

/// <summary>A setting that cannot be used. The message names the key, what it holds and what it may hold.</summary>
internal sealed class SettingException(string message) : Exception(message);

/// <summary>The settings that the node itself reads, checked. hocon/README.md lists them all.</summary>
internal sealed record NodeSettings(
    string DataDirectory, string NodeName, bool Demo, int ShardCount, int Loops, string Feed, ulong MarketSeed, int QuotesPerSecond, bool SessionHours,
    int KeepRawDays, int KeepLiveDays, int KeepAuditDays, bool JsonLog, string DefaultUrl, Registration Registration = Registration.Open)
{
    public HistorySettings History { get; init; } = new();

    /// <summary>Null unless the feed is a replay.</summary>
    public ReplayOptions? Replay { get; init; }

    /// <exception cref="SettingException">A value is not understood, or asks for what this version cannot do.</exception>
    public static NodeSettings Read(IConfiguration configuration)
    {
        RequireOneOf(configuration, "tradeactors:storage", "sqlite", ["sqlite"], later: ["postgres"]);
        RequireOneOf(configuration, "tradeactors:cluster", "none", ["none"], later: ["rabbitmq"]);
        return new NodeSettings(
            Path.GetFullPath(configuration["tradeactors:data-directory"] ?? "data"),
            configuration["tradeactors:node-name"] ?? Environment.MachineName.ToLowerInvariant(),
            Flag(configuration, "tradeactors:demo", true),
            Number(configuration, "tradeactors:shards", 128, 1, 4096),
            Number(configuration, "tradeactors:loops", 1, 1, 64),
            RequireOneOf(configuration, "tradeactors:market:feed", "simulated", ["simulated", "manual", "replay"], later: ["bybit"]),
            (ulong)Number(configuration, "tradeactors:market:seed", 1, 0, int.MaxValue),
            Number(configuration, "tradeactors:market:quotes-per-second", 20, 1, 100_000),
            Flag(configuration, "tradeactors:market:session-hours", false),
            Number(configuration, "tradeactors:keep-raw-days", 90, 1, 3650),
            Number(configuration, "tradeactors:keep-live-days", 7, 1, 3650),
            Number(configuration, "tradeactors:keep-audit-days", 400, 1, 3650),
            RequireOneOf(configuration, "tradeactors:log", "text", ["text", "json"], later: []) == "json",
            "http://127.0.0.1:5080",
            Enum.Parse<Registration>(RequireOneOf(configuration, "tradeactors:registration", "open", ["open", "approval", "closed"], later: []), ignoreCase: true))
        {
            History = HistorySettings.Read(configuration),
            Replay = ReplaySettings.Read(configuration),
        };
    }

    /// <summary>The front door's <c>tradeactors:allowed-origins</c>: a list, or one text with commas.</summary>
    /// <exception cref="SettingException">One of them is no origin.</exception>
    public static string[] Origins(IConfiguration configuration)
    {
        var setting = configuration.GetSection("tradeactors:allowed-origins");
        var texts = setting.Value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? [.. setting.GetChildren().Select(child => child.Value ?? "")];
        return Array.Find(texts, text => !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != text) is { } bad
            ? throw new SettingException($"{setting.Path} holds '{bad}', which is no origin. Write scheme, host and port alone, such as https://desk.example:8443.")
            : texts;
    }

    internal static string RequireOneOf(IConfiguration configuration, string key, string standard, string[] allowed, string[] later)
    {
        var value = (configuration[key] ?? standard).ToLowerInvariant();
        return allowed.Contains(value, StringComparer.Ordinal) ? value
            : later.Contains(value, StringComparer.Ordinal)
                ? throw new SettingException($"{key} = '{value}' is not built yet in this version. Use {string.Join(" or ", allowed)}.")
                : throw new SettingException($"{key} = '{value}' is not known. Use {string.Join(" or ", allowed)}.");
    }

    internal static bool Flag(IConfiguration configuration, string key, bool standard) => configuration[key] is not { } text ? standard
        : bool.TryParse(text, out var value) ? value
        : throw new SettingException($"{key} = '{text}' must be true or false.");

    internal static int Number(IConfiguration configuration, string key, int standard, int least, int most) => configuration[key] is not { } text ? standard
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw new SettingException($"{key} = '{text}' must be a whole number from {least} to {most}.");
}
