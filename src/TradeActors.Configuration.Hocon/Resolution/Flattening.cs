using System.Globalization;
using Microsoft.Extensions.Configuration;
using TradeActors.Configuration.Hocon.Syntax;

namespace TradeActors.Configuration.Hocon.Resolution;

/// <summary>Turns the tree into configuration keys: <c>a:b</c> for members, <c>a:0</c> for items of lists.</summary>
internal sealed class Flattening
{
    /// <summary>Values, lists and objects together.</summary>
    public const int MostValues = 20_000;

    private readonly Resolver _resolver;
    private readonly Dictionary<string, HoconSetting> _settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly Stack<Shape> _open = [];
    private int _count;

    private Flattening(Resolver resolver) => _resolver = resolver;

    /// <exception cref="HoconException">A substitution cannot be replaced.</exception>
    public static IReadOnlyDictionary<string, HoconSetting> Flatten(ObjectNode root, Func<string, string?> environment)
    {
        var flattening = new Flattening(new Resolver(root, environment));
        flattening.Add("", new Shape.Members(root, [root]));
        return flattening._settings;
    }

    /// <returns>False when an optional substitution holds itself and so counts as not set.</returns>
    private bool Add(string key, Shape shape)
    {
        if (shape is Shape.Text text)
        {
            Count(shape);
            AddSetting(key, text.Value, shape.By.At);
            return true;
        }

        if (_open.Any(open => open.IsSameAs(shape)))
        {
            return shape.By is SubstitutionNode { IsOptional: true } ? false
                : throw new HoconException(shape.By.At, $"The value of '{Written(key)}' contains itself: a circle of substitutions. Refer to another value.");
        }

        Count(shape);
        _open.Push(shape);
        if (shape is Shape.Items items)
        {
            AddItems(key, items);
        }
        else
        {
            AddMembers(key, (Shape.Members)shape);
        }

        _open.Pop();
        return true;
    }

    private void AddItems(string key, Shape.Items items)
    {
        var index = 0;
        foreach (var item in items.Nodes)
        {
            if (_resolver.ShapeOf(item) is { } shape && Add(Child(key, index.ToString(CultureInfo.InvariantCulture)), shape))
            {
                index++;
            }
        }

        if (index == 0)
        {
            AddSetting(key, "", items.By.At); // As of JSON files: an empty list is not a missing one.
        }
    }

    private void AddMembers(string key, Shape.Members members)
    {
        // From the lowest layer up, so that keys come in the order in which they were first written.
        foreach (var member in members.Layers.Reverse().SelectMany(layer => layer.Keys).Distinct(StringComparer.Ordinal))
        {
            if (_resolver.Member(members.Layers, member) is { } shape)
            {
                Add(Child(key, member), shape);
            }
        }
    }

    private void AddSetting(string key, string? value, HoconLocation at)
    {
        if (_settings.TryAdd(key, new HoconSetting(value, at)))
        {
            return;
        }

        throw new HoconException(
            at, $"'{Written(key)}' and a key at {_settings[key].At} are the same setting: upper and lower case do not count, and ':' parts like a dot. "
            + "Write both alike.");
    }

    private void Count(Shape shape)
    {
        if (++_count > MostValues || _open.Count > 2 * Parser.MostLevels)
        {
            throw new HoconException(
                shape.By.At, $"Substitutions make this configuration larger than {MostValues:N0} values or deeper than {2 * Parser.MostLevels} levels. "
                + "Refer to fewer values.");
        }
    }

    private static string Child(string key, string member) => key.Length == 0 ? member : ConfigurationPath.Combine(key, member);

    private static string Written(string key) => key.Replace(ConfigurationPath.KeyDelimiter, ".", StringComparison.Ordinal);
}
