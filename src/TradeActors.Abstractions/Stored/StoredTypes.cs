using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace TradeActors.Abstractions.Stored;

/// <summary>
/// The names under which events, messages and states are stored, and how old shapes become new ones. A name carries its version
/// (<c>account.order-planned.v1</c>) and is never given to another shape; CLR names are never stored.
/// </summary>
/// <remarks>Filled at start, read-only afterwards. docs/formats/journal.md lists the names; golden files pin the shapes.</remarks>
public sealed class StoredTypes
{
    private readonly Dictionary<string, JsonTypeInfo> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, string> _nameOf = [];
    private readonly Dictionary<string, (string To, Func<JsonObject, JsonObject> Upcast)> _upcasts = new(StringComparer.Ordinal);

    /// <summary>All current names, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _byName.Keys.Order(StringComparer.Ordinal)];

    /// <exception cref="ArgumentException">The name or the type is registered already.</exception>
    public StoredTypes Add<T>(string name, JsonTypeInfo<T> shape)
    {
        _byName.Add(name, shape);
        _nameOf.Add(typeof(T), name);
        return this;
    }

    /// <summary>An old name whose payload <paramref name="upcast"/> turns into the next version's. Chains are followed.</summary>
    public StoredTypes Upcast(string oldName, string newName, Func<JsonObject, JsonObject> upcast)
    {
        _upcasts.Add(oldName, (newName, upcast));
        return this;
    }

    public Type TypeOf(string name) => _byName[name].Type;

    /// <exception cref="InvalidOperationException">The type has no name: a defect found by the catalog's tests.</exception>
    public string NameOf(object value) =>
        _nameOf.TryGetValue(value.GetType(), out var name)
            ? name
            : throw new InvalidOperationException($"{value.GetType().Name} has no stored name. Register it where its family is registered.");

    public (string Name, byte[] Payload) Encode(object value)
    {
        var name = NameOf(value);
        return (name, JsonSerializer.SerializeToUtf8Bytes(value, _byName[name]));
    }

    /// <summary>As <see cref="Encode"/>, but a type without a name is stored under its CLR name with an empty body: for showing, not for reading back.</summary>
    public (string Name, byte[] Payload) TryEncode(object value) =>
        _nameOf.ContainsKey(value.GetType()) ? Encode(value) : (value.GetType().Name, "{}"u8.ToArray());

    /// <exception cref="UnknownStoredTypeException">Written by a newer program, or by none of ours.</exception>
    public object Decode(string name, ReadOnlySpan<byte> payload)
    {
        if (_byName.TryGetValue(name, out var shape))
        {
            return JsonSerializer.Deserialize(payload, shape)!;
        }

        if (!_upcasts.TryGetValue(name, out var step))
        {
            throw new UnknownStoredTypeException(name);
        }

        var node = JsonNode.Parse(payload)!.AsObject();
        while (true)
        {
            node = step.Upcast(node);
            if (_byName.TryGetValue(step.To, out shape))
            {
                return node.Deserialize(shape)!;
            }

            step = _upcasts[step.To];
        }
    }
}

public sealed class UnknownStoredTypeException(string name)
    : Exception($"The journal holds '{name}', which this program does not know. It was written by a newer version: start that one.");
