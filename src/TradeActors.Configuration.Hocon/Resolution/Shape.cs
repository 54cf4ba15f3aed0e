using TradeActors.Configuration.Hocon.Syntax;

namespace TradeActors.Configuration.Hocon.Resolution;

/// <summary>What a value is once its own substitutions are replaced; those inside a list or an object are not yet.</summary>
/// <param name="By">The value as it is written where it is assigned.</param>
internal abstract record Shape(Node By)
{
    /// <summary>A text; null for null.</summary>
    public sealed record Text(Node By, string? Value) : Shape(By);

    public sealed record Items(Node By, IReadOnlyList<Node> Nodes) : Shape(By);

    /// <param name="Layers">The objects that are merged, the one that wins first.</param>
    public sealed record Members(Node By, IReadOnlyList<ObjectNode> Layers) : Shape(By);

    /// <summary>Whether the two hold the same lists or objects, so that one inside the other would never end.</summary>
    public bool IsSameAs(Shape other) => (this, other) switch
    {
        (Items a, Items b) => a.Nodes.SequenceEqual(b.Nodes),
        (Members a, Members b) => a.Layers.SequenceEqual(b.Layers),
        _ => false,
    };
}
