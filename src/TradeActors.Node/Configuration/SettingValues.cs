namespace TradeActors.Node.Configuration;

/// <summary>The values of all known settings, checked.</summary>
internal sealed class SettingValues
{
    private readonly IConfigurationRoot _configuration;

    private SettingValues(IConfigurationRoot configuration) => _configuration = configuration;

    /// <param name="configuration">With what <see cref="NodeConfiguration"/> adds.</param>
    /// <exception cref="SettingException">Values that are not understood and keys that are not known, all of them.</exception>
    public static SettingValues Read(IConfigurationRoot configuration, IReadOnlyList<Setting> known)
    {
        var values = new SettingValues(configuration);
        string[] problems = [.. values.UnknownKeys(known), .. known.Select(values.ProblemOf).OfType<string>()];
        return problems.Length == 0 ? values : throw new SettingException(problems);
    }

    public T Of<T>(Setting<T> setting) => setting.Parse(TextOf(setting) ?? setting.Default);

    /// <returns>Null when it is not set, or empty.</returns>
    public string? ConnectionString(string name) => _configuration.GetConnectionString(name) is { Length: > 0 } text ? text : null;

    /// <summary>An empty text is none: whoever passes variables on cannot always leave one out.</summary>
    private string? TextOf(Setting setting)
    {
        var text = _configuration[setting.Key] is { Length: > 0 } own ? own
            : setting.IsList ? string.Join(',', _configuration.GetSection(setting.Key).GetChildren().Select(child => child.Value))
            : null;
        return string.IsNullOrEmpty(text) ? null : text;
    }

    private string? ProblemOf(Setting setting) => TextOf(setting) is not { } text ? null
        : setting.IsReadBeforeFiles && WinnerOf(setting.Key) is { IsFiles: true }
            ? Sentence(setting, text, "cannot stand in a file. Give it on the command line.")
        : setting.ProblemOf(text) is { } problem ? Sentence(setting, text, problem)
        : null;

    private string Sentence(Setting setting, string text, string problem)
    {
        var value = setting.IsShown ? $" = '{text}'" : "";
        var origin = WinnerOf(setting.Key) is { } source ? $" ({source.OriginOf(setting.Key) ?? source.OriginOf(FirstItem(setting.Key))})" : "";
        return $"{setting.Key}{value}{origin} {problem}";
    }

    private IEnumerable<SettingsSource> Sources => _configuration.Providers.OfType<SettingsSource>();

    private SettingsSource? WinnerOf(string key) =>
        Sources.LastOrDefault(source => source.OriginOf(key) is not null || source.OriginOf(FirstItem(key)) is not null);

    private static string FirstItem(string key) => $"{key}:0";

    private IEnumerable<string> UnknownKeys(IReadOnlyList<Setting> known) =>
        from source in Sources
        from key in source.Keys
        where !known.Any(setting => IsNamed(setting, key))
        select $"{key} ({source.OriginOf(key)}) is not known. {Suggest(key, known)}";

    private static bool IsNamed(Setting setting, string key) => key == setting.Key
        || (setting.IsList && key.StartsWith($"{setting.Key}:", StringComparison.Ordinal) && int.TryParse(key[(setting.Key.Length + 1)..], out _));

    private static string Suggest(string key, IReadOnlyList<Setting> known)
    {
        var below = known.Where(setting => setting.Key.StartsWith($"{key}:", StringComparison.Ordinal)).Select(setting => setting.Key).ToArray();
        return below.Length > 0
            ? $"It is a group: set {string.Join(" or ", below)}."
            : $"The nearest known one is {known.MinBy(setting => EditDistance.Between(key, setting.Key))!.Key}; --help lists all.";
    }
}
