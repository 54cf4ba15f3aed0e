using Microsoft.Extensions.Configuration;

namespace TradeActors.Configuration.Hocon;

public static class HoconConfigurationExtensions
{
    /// <summary>Adds the files as one source, later ones overriding earlier ones.</summary>
    public static IConfigurationBuilder AddHocon(this IConfigurationBuilder builder, params ReadOnlySpan<HoconFile> files)
    {
        var source = new HoconConfigurationSource();
        foreach (var file in files)
        {
            source.Files.Add(file);
        }

        return builder.Add(source);
    }

    /// <summary>A time such as <c>10s</c>, <c>500 ms</c> or <c>2 minutes</c>; a number alone means milliseconds.</summary>
    /// <returns>Null when the key has no value.</returns>
    /// <exception cref="FormatException">The value is no time. The message names the key and what to write.</exception>
    public static TimeSpan? GetDuration(this IConfiguration configuration, string key) => configuration[key] is not { } text ? null
        : HoconUnits.TryParseDuration(text, out var duration) ? duration
        : throw new FormatException($"{ConfigurationPathOf(configuration, key)} = '{text}' is no time. {HoconUnits.DurationHint}");

    /// <summary>A size in bytes such as <c>64KiB</c>, <c>10MB</c> or <c>512 bytes</c>; a number alone means bytes.</summary>
    /// <returns>Null when the key has no value.</returns>
    /// <exception cref="FormatException">The value is no size. The message names the key and what to write.</exception>
    public static long? GetBytes(this IConfiguration configuration, string key) => configuration[key] is not { } text ? null
        : HoconUnits.TryParseBytes(text, out var bytes) ? bytes
        : throw new FormatException($"{ConfigurationPathOf(configuration, key)} = '{text}' is no size. {HoconUnits.BytesHint}");

    private static string ConfigurationPathOf(IConfiguration configuration, string key) =>
        configuration is IConfigurationSection section ? ConfigurationPath.Combine(section.Path, key) : key;
}
