using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Sql;

/// <summary>Finds the defects of a caller before its part shares a transaction with others.</summary>
public static class CheckedAppend
{
    /// <exception cref="ArgumentException">Not a part that any state of the store could take.</exception>
    public static void ThrowIfMalformed(EntityAppend part, int shardCount)
    {
        if ((uint)part.Shard >= (uint)shardCount)
        {
            throw new ArgumentException($"{part.Id}: there is no shard {part.Shard} among {shardCount}.");
        }

        if (part.Events.IsDefault || part.Rows.IsDefault)
        {
            throw new ArgumentException($"{part.Id}: no events or rows is an empty array, not an unset one.");
        }

        var seq = part.ExpectedSeq;
        foreach (var row in part.Events)
        {
            if (row.Seq != ++seq)
            {
                throw new ArgumentException($"{part.Id}: event {row.Seq} stands where {seq} must.");
            }
        }

        foreach (var (key, put) in part.Rows)
        {
            if (put is not null && put.Key != key)
            {
                throw new ArgumentException($"{part.Id}: the row {put.Key} is put under {key}.");
            }
        }
    }
}
