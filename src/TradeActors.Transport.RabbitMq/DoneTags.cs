namespace TradeActors.Transport.RabbitMq;

/// <summary>What is done of a channel's deliveries, in as few acknowledgements as it takes: an acknowledgement may stand for all before it.</summary>
/// <remarks>Not safe for concurrent use. Tags are numbered from 1 without gaps by the server.</remarks>
internal sealed class DoneTags
{
    private readonly SortedSet<ulong> _ahead = [];
    private readonly HashSet<ulong> _single = [];
    private ulong _through;

    /// <param name="tag">Delivered, and not added before.</param>
    public void Add(ulong tag) => _ahead.Add(tag);

    /// <summary>What to acknowledge now. The server refuses a tag that it has had: none is given twice.</summary>
    public List<(ulong Tag, bool IsWithAllBefore)> Take()
    {
        var acknowledgements = new List<(ulong, bool)>();
        ulong last = 0;
        while (_ahead.Remove(_through + 1))
        {
            _through++;
            last = _single.Remove(_through) ? last : _through;
        }

        if (last > 0)
        {
            acknowledgements.Add((last, true));
        }

        // Behind one that takes longer: whoever waits for room in the prefetch must not wait for it.
        foreach (var tag in _ahead.Where(_single.Add))
        {
            acknowledgements.Add((tag, false));
        }

        return acknowledgements;
    }
}
