namespace TradeActors.Node.Configuration;

/// <summary>The keys under <c>tradeactors</c> of one source, written in one way, with where each comes from.</summary>
/// <param name="found">Later ones win over earlier ones.</param>
/// <param name="isFiles">Whether the origins are places in files.</param>
internal sealed class SettingsSource(IEnumerable<(string Key, string? Value, string Origin)> found, bool isFiles = false)
    : ConfigurationProvider, IConfigurationSource
{
    private readonly Dictionary<string, (string? Value, string Origin)> _found = Normalise(found);

    public bool IsFiles => isFiles;

    public IEnumerable<string> Keys => _found.Keys;

    /// <returns>Null when this source does not have the key.</returns>
    public string? OriginOf(string key) => _found.TryGetValue(key, out var setting) ? setting.Origin : null;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load() => Data = _found.ToDictionary(setting => setting.Key, setting => setting.Value.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Lower case, with '-' where an environment name can only have '_'.</summary>
    public static string Normalise(string key) => key.ToLowerInvariant().Replace('_', '-');

    public static bool IsSetting(string key) => key.StartsWith($"{Setting.Root}:", StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, (string? Value, string Origin)> Normalise(IEnumerable<(string Key, string? Value, string Origin)> found)
    {
        var normalised = new Dictionary<string, (string? Value, string Origin)>(StringComparer.Ordinal);
        foreach (var (key, value, origin) in found.Where(setting => IsSetting(setting.Key)))
        {
            normalised[Normalise(key)] = (value, origin);
        }

        return normalised;
    }
}
