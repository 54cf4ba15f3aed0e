namespace TradeActors.Configuration.Hocon.Syntax;

/// <summary>A value as it is written, before substitutions are replaced. Compared by reference: two equal texts are two values.</summary>
internal abstract class Node(HoconLocation at)
{
    public HoconLocation At { get; } = at;
}

/// <summary>A string, number, boolean or null; all but null are kept as they were written.</summary>
internal sealed class TextNode(HoconLocation at, string text, bool isNull = false) : Node(at)
{
    public string Text { get; } = text;

    /// <summary>The word null without quotes. Joined to other texts it is the text "null".</summary>
    public bool IsNull { get; } = isNull;
}

/// <summary>Blanks between the parts of a value: kept between texts, ignored between lists and objects.</summary>
internal sealed class BlankNode(HoconLocation at, string text) : Node(at)
{
    public string Text { get; } = text;
}

internal sealed class ListNode(HoconLocation at, IReadOnlyList<Node> items) : Node(at)
{
    public IReadOnlyList<Node> Items { get; } = items;
}

/// <summary>Parts on one line that are joined: texts to a text, lists to a list, objects merged.</summary>
internal sealed class ConcatNode(HoconLocation at, IReadOnlyList<Node> parts) : Node(at)
{
    public IReadOnlyList<Node> Parts { get; } = parts;
}

/// <summary><c>${path}</c>, <c>${?path}</c>, <c>${path[]}</c>, or what <c>+=</c> says about the values before it.</summary>
/// <param name="prefix">Where the file of this substitution is included; empty in a file that is read by itself.</param>
internal sealed class SubstitutionNode(HoconLocation at, IReadOnlyList<string> prefix, IReadOnlyList<string> path, SubstitutionKind kind) : Node(at)
{
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>The path from the root of the whole configuration. Where it leads nowhere, <see cref="Path"/> is tried.</summary>
    public IReadOnlyList<string> FullPath { get; } = [.. prefix, .. path];

    public SubstitutionKind Kind { get; } = kind;

    public bool IsOptional => Kind.HasFlag(SubstitutionKind.Optional);

    public override string ToString() =>
        $"${{{(IsOptional ? "?" : "")}{string.Join('.', Path)}{(Kind.HasFlag(SubstitutionKind.EnvironmentList) ? "[]" : "")}}}";
}

[Flags]
internal enum SubstitutionKind
{
    Required = 0,
    /// <summary>A path that leads nowhere leaves the value out.</summary>
    Optional = 1,
    /// <summary>The environment is asked for NAME_0, NAME_1 and so on.</summary>
    EnvironmentList = 2,
    /// <summary>The earlier values of the same key and nothing else, neither another path nor the environment.</summary>
    Earlier = 4,
}

/// <summary>A member of merged objects, standing for its value.</summary>
internal sealed class MemberNode(HoconLocation at, IReadOnlyList<ObjectNode> layers, string key) : Node(at)
{
    public IReadOnlyList<ObjectNode> Layers { get; } = layers;

    public string Key { get; } = key;
}
