namespace TradeActors.Configuration.Hocon.Syntax;

/// <summary>An object: for every key all values it was ever given, since a later one may refer to an earlier one.</summary>
internal sealed class ObjectNode(HoconLocation at) : Node(at)
{
    private readonly OrderedDictionary<string, Field> _fields = [];

    public IEnumerable<string> Keys => _fields.Keys;

    public Field? Find(string key) => _fields.GetValueOrDefault(key);

    /// <summary>Gives a path a value; objects on the way are made.</summary>
    /// <param name="path">At least one element.</param>
    public void Assign(ReadOnlySpan<string> path, Node value)
    {
        var field = FieldOf(path[0]);
        if (path.Length == 1)
        {
            field.Add(value);
            return;
        }

        if (field.Last is not ObjectNode inner)
        {
            inner = new ObjectNode(value.At);
            field.Add(inner);
        }

        inner.Assign(path[1..], value);
    }

    /// <summary>What the other object says comes after what this one says.</summary>
    public void Merge(ObjectNode later)
    {
        foreach (var (key, field) in later._fields)
        {
            var own = FieldOf(key);
            foreach (var value in field.Values)
            {
                own.Add(value);
            }
        }
    }

    private Field FieldOf(string key)
    {
        if (!_fields.TryGetValue(key, out var field))
        {
            _fields.Add(key, field = new Field());
        }

        return field;
    }
}

/// <summary>The values that one key was given, earliest first. Neighbouring objects are one value.</summary>
internal sealed class Field
{
    private readonly List<Node> _values = [];

    public IReadOnlyList<Node> Values => _values;

    public Node? Last => _values.Count == 0 ? null : _values[^1];

    /// <summary>While the value at this index is worked out, the field consists of the ones before it; null at all other times.</summary>
    public int? Resolving { get; set; }

    /// <summary>How many of the values may be seen now.</summary>
    public int Visible => Resolving ?? _values.Count;

    public void Add(Node value)
    {
        if (value is ObjectNode later && Last is ObjectNode earlier)
        {
            earlier.Merge(later);
        }
        else
        {
            _values.Add(value);
        }
    }
}
