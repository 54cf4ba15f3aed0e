using Microsoft.Extensions.Configuration;
using TradeActors.Configuration.Hocon.Syntax;

namespace TradeActors.Configuration.Hocon;

/// <summary>The values of HOCON files, and where each is written. Files are read once; a changed file counts at the next start.</summary>
public sealed class HoconConfigurationProvider(HoconConfigurationSource source) : ConfigurationProvider
{
    private IReadOnlyDictionary<string, HoconSetting> _settings = new Dictionary<string, HoconSetting>();

    /// <exception cref="HoconException">A file is missing or is not HOCON, or a substitution leads nowhere.</exception>
    public override void Load()
    {
        _settings = HoconDocument.Load(source.Files, SourceFiles.ReadDisk, Environment.GetEnvironmentVariable);
        Data = _settings.ToDictionary(setting => setting.Key, setting => setting.Value.Value, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Where the value of a key is assigned; null when no file has it.</summary>
    public HoconLocation? Locate(string key) => _settings.TryGetValue(key, out var setting) ? setting.At : null;
}
