using System.Text;

namespace TradeActors.Configuration.Hocon.Tests;

/// <summary>Reads files that exist in memory alone.</summary>
internal sealed class Given
{
    public const string Root = "/conf/main.conf";

    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public static IReadOnlyList<string> Read(string text) => new Given().File(Root, text).Read();

    public static HoconException Refused(string text) => new Given().File(Root, text).Refused();

    public Given File(string path, string text) => File(path, Encoding.UTF8.GetBytes(text));

    public Given File(string path, byte[] bytes)
    {
        _files[path] = bytes;
        return this;
    }

    public Given Variable(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    /// <returns>A line <c>key=value</c> for every setting, sorted; <c>key=&lt;null&gt;</c> for null.</returns>
    public IReadOnlyList<string> Read() => Read(new HoconFile(Root));

    public IReadOnlyList<string> Read(params HoconFile[] files) =>
    [
        .. Load(files).OrderBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase).Select(setting => $"{setting.Key}={setting.Value.Value ?? "<null>"}"),
    ];

    public IReadOnlyDictionary<string, HoconSetting> Load(params HoconFile[] files) =>
        HoconDocument.Load(files, _files.GetValueOrDefault, _environment.GetValueOrDefault);

    public HoconException Refused() => Xunit.Assert.Throws<HoconException>(() => Read());
}
