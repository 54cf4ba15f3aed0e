using System.Globalization;
using TradeActors.Configuration.Hocon.Syntax;

namespace TradeActors.Configuration.Hocon.Resolution;

/// <summary>Replaces substitutions, each only when it is asked for.</summary>
/// <remarks>
/// A substitution sees the last value of its path. Only where that would lead back to the value being worked out does it see the values before it: while a
/// field's n-th value is worked out, the field consists of the ones before (<see cref="Field.Resolving"/>). So every way round a cycle gets shorter and ends.
/// </remarks>
/// <param name="environment">The environment variable of a name; null when it is not set.</param>
internal sealed class Resolver(ObjectNode root, Func<string, string?> environment)
{
    /// <summary>Substitutions that lead to substitutions.</summary>
    public const int MostSteps = 250;

    /// <summary>Of one joined text in UTF-16 units, and of the items of one joined list.</summary>
    public const int MostJoined = 1 << 20;

    /// <summary>By occurrence, as the specification wants it: the same path may mean different values at different places.</summary>
    private readonly Dictionary<SubstitutionNode, Shape?> _resolved = [];
    private int _steps;
    private bool _hasMetItself;

    /// <returns>Null when nothing is assigned.</returns>
    public Shape? Member(IReadOnlyList<ObjectNode> layers, string key)
    {
        var merged = new List<ObjectNode>();
        Node? by = null;
        foreach (var shape in layers.Select(layer => layer.Find(key)).OfType<Field>().SelectMany(ShapesOf))
        {
            if (shape is not Shape.Members members)
            {
                return by is null ? shape : new Shape.Members(by, merged);
            }

            by ??= members.By;
            merged.AddRange(members.Layers.Except(merged));
        }

        return by is null ? null : new Shape.Members(by, merged);
    }

    /// <returns>Null when optional substitutions leave nothing.</returns>
    public Shape? ShapeOf(Node node) => node switch
    {
        TextNode text => new Shape.Text(text, text.IsNull ? null : text.Text),
        ListNode list => new Shape.Items(list, list.Items),
        ObjectNode layer => new Shape.Members(layer, [layer]),
        MemberNode member => Member(member.Layers, member.Key),
        ConcatNode parts => Join(parts),
        SubstitutionNode substitution => Substitute(substitution),
        _ => throw new System.Diagnostics.UnreachableException($"{node.GetType().Name} is no value."),
    };

    /// <summary>The last value first, each worked out when it is asked for.</summary>
    private IEnumerable<Shape> ShapesOf(Field field)
    {
        _hasMetItself |= field.Resolving is not null;
        for (var index = field.Visible - 1; index >= 0; index--)
        {
            if (ShapeAt(field, index) is { } shape)
            {
                yield return shape;
            }
        }
    }

    private Shape? ShapeAt(Field field, int index)
    {
        var before = field.Resolving;
        field.Resolving = index;
        try
        {
            return ShapeOf(field.Values[index]);
        }
        finally
        {
            field.Resolving = before;
        }
    }

    private Shape? Substitute(SubstitutionNode node)
    {
        if (_resolved.TryGetValue(node, out var known))
        {
            return known;
        }

        if (_steps == MostSteps)
        {
            throw new HoconException(
                node.At, $"{node} leads over more than {MostSteps} substitutions. Refer to the value directly, or write the list in one piece.");
        }

        _steps++;
        var hadMetItself = _hasMetItself;
        _hasMetItself = false;
        var shape = Find(node);
        if (shape is null && !node.IsOptional)
        {
            throw new HoconException(node.At, Missing(node, _hasMetItself));
        }

        _hasMetItself = hadMetItself;
        _steps--;
        return _resolved[node] = shape is null ? null : shape with { By = node };
    }

    private static string Missing(SubstitutionNode node, bool isCycle) => isCycle
        ? $"{node} leads back to itself and there is no earlier value. Give one of this circle a value of its own, or write ${{?{string.Join('.', node.Path)}}}."
        : $"{node} is not set, neither in the files nor in the environment. Set it, or write ${{?{string.Join('.', node.Path)}}} if it may be missing.";

    private Shape? Find(SubstitutionNode node)
    {
        var isEarlier = node.Kind.HasFlag(SubstitutionKind.Earlier);
        return Find(node.FullPath)
            ?? (isEarlier || node.FullPath.Count == node.Path.Count ? null : Find(node.Path))
            ?? (isEarlier ? null : FromEnvironment(node));
    }

    private Shape? Find(IReadOnlyList<string> path)
    {
        IReadOnlyList<ObjectNode> layers = [root];
        for (var element = 0; element < path.Count - 1; element++)
        {
            if (Member(layers, path[element]) is not Shape.Members members)
            {
                return null;
            }

            layers = members.Layers;
        }

        return Member(layers, path[^1]);
    }

    private Shape? FromEnvironment(SubstitutionNode node)
    {
        var name = string.Join('.', node.Path);
        if (!node.Kind.HasFlag(SubstitutionKind.EnvironmentList))
        {
            return environment(name) is { } value ? new Shape.Text(node, value) : null;
        }

        var values = Enumerable.Range(0, MostJoined)
            .Select(index => environment($"{name}_{index.ToString(CultureInfo.InvariantCulture)}"))
            .TakeWhile(value => value is not null)
            .Select(value => (Node)new TextNode(node.At, value!))
            .ToList();
        return values.Count == 0 ? null : new Shape.Items(node, values);
    }

    private Shape? Join(ConcatNode node)
    {
        var shapes = node.Parts.Where(part => part is not BlankNode).Select(part => (part, shape: ShapeOf(part))).ToList();
        var set = shapes.Where(part => part.shape is not null).ToList();
        return set switch
        {
            [] => null,
            _ when set.All(part => part.shape is Shape.Members) => new Shape.Members(node, MergedLayers(set.Select(part => part.shape!))),
            _ when set.All(part => part.shape is Shape.Text) => new Shape.Text(node, JoinedText(node)),
            _ => new Shape.Items(node, [.. JoinedItems(node, set!)]),
        };
    }

    private static List<ObjectNode> MergedLayers(IEnumerable<Shape> shapes) =>
        [.. shapes.Reverse().SelectMany(shape => ((Shape.Members)shape).Layers).Distinct()];

    // A substitution that is not set is an empty text, and the blanks around it stay.
    private string JoinedText(ConcatNode node)
    {
        var texts = node.Parts.Select(part => part is BlankNode blank ? blank.Text
            : ShapeOf(part) is Shape.Text text ? text.Value ?? "null"
            : "").ToList();
        return texts.Sum(text => (long)text.Length) <= MostJoined ? string.Concat(texts)
            : throw new HoconException(node.At, $"The joined text is longer than {MostJoined:N0} characters. Refer to fewer values.");
    }

    private static List<Node> JoinedItems(ConcatNode node, List<(Node Part, Shape Shape)> parts)
    {
        var items = new List<Node>();
        foreach (var (part, shape) in parts)
        {
            items.AddRange(shape switch
            {
                Shape.Items list => list.Nodes,
                Shape.Members members when NumberedItems(part, members) is { Count: > 0 } numbered => numbered,
                _ => throw new HoconException(
                    part.At, $"{NameOf(shape)} cannot be joined with {NameOf(parts.First(other => NameOf(other.Shape) != NameOf(shape)).Shape)}. "
                    + "Texts are joined with texts, lists with lists, objects with objects; put text that holds braces, brackets or '$' in quotes."),
            });
            if (items.Count > MostJoined)
            {
                throw new HoconException(node.At, $"The joined list has more than {MostJoined:N0} items. Refer to fewer lists.");
            }
        }

        return items;
    }

    /// <summary>An object whose keys are numbers stands for the list of its values in their order; other keys do not count.</summary>
    private static IReadOnlyList<Node> NumberedItems(Node part, Shape.Members members) =>
    [
        .. members.Layers.SelectMany(layer => layer.Keys).Distinct(StringComparer.Ordinal)
            .Select(key => (key, isNumber: int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number), number))
            .Where(at => at.isNumber)
            .OrderBy(at => at.number)
            .Select(at => new MemberNode(part.At, members.Layers, at.key)),
    ];

    private static string NameOf(Shape shape) => shape switch
    {
        Shape.Text => "A text",
        Shape.Items => "a list",
        _ => "an object",
    };
}
