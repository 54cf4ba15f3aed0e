using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace TradeActors.Node.Tests.Deployment;

/// <summary>A compose file as the engine reads it: anchors and merges resolved, variables left as they stand.</summary>
internal sealed class ComposeFile
{
    private ComposeFile(Dictionary<object, object?> root) => Root = root;

    public Dictionary<object, object?> Root { get; }

    public IReadOnlyDictionary<string, Dictionary<object, object?>> Services =>
        Map(Root["services"]).ToDictionary(service => (string)service.Key, service => Map(service.Value), StringComparer.Ordinal);

    public static ComposeFile Read(string path)
    {
        using var text = File.OpenText(Repository.At(path));
        return new(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object?>>(new MergingParser(new Parser(text))));
    }

    public static Dictionary<object, object?> Map(object? value) => (Dictionary<object, object?>)value!;

    public static IEnumerable<string> List(object? value) => ((List<object>)value!).Select(item => (string)item);

    public static Dictionary<string, string> Environment(Dictionary<object, object?> service) => service.TryGetValue("environment", out var environment)
        ? Map(environment).ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!, StringComparer.Ordinal)
        : [];

    /// <summary>Everything below, one line each, keys in order.</summary>
    public static string Text(object? value, string indent = "") => value switch
    {
        Dictionary<object, object?> map => string.Concat(
            map.OrderBy(entry => (string)entry.Key, StringComparer.Ordinal).Select(entry => $"\n{indent}{entry.Key}:{Text(entry.Value, indent + "  ")}")),
        List<object> list => string.Concat(list.Select(item => $"\n{indent}- {Text(item, indent + "  ")}")),
        _ => string.Create(CultureInfo.InvariantCulture, $" {value}"),
    };
}
