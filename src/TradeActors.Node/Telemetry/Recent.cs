namespace TradeActors.Node.Telemetry;

/// <summary>The newest entries by key, the oldest giving way. Safe to use by several threads.</summary>
internal sealed class Recent<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, TValue> _values = [];
    private readonly Queue<TKey> _order = [];

    public void Put(TKey key, TValue value)
    {
        lock (_lock)
        {
            if (!_values.ContainsKey(key))
            {
                _order.Enqueue(key);
            }

            _values[key] = value;
            while (_order.Count > capacity)
            {
                _values.Remove(_order.Dequeue());
            }
        }
    }

    public bool TryGet(TKey key, out TValue? value)
    {
        lock (_lock)
        {
            return _values.TryGetValue(key, out value);
        }
    }
}
