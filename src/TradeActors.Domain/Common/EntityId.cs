namespace TradeActors.Domain.Common;

/// <summary>The address of one sharded, persistent entity. Its text form, <c>tenant/kind/key</c>, is the stream id in the journal.</summary>
/// <remarks>
/// Tenant and key are 1 to 40 characters of <c>a-z 0-9 -</c>; the kind is one of <see cref="EntityKind"/>. Entities with the same tenant and key
/// but different kinds share a shard (see <see cref="ShardHash"/>): a paper account, its connection and its exchange always live on one node.
/// </remarks>
public readonly record struct EntityId(string Tenant, string Kind, string Key) : IComparable<EntityId>
{
    public override string ToString() => $"{Tenant}/{Kind}/{Key}";

    /// <exception cref="FormatException">Not three non-empty parts of the allowed characters.</exception>
    public static EntityId Parse(string text)
    {
        var parts = text.Split('/');
        return parts is [{ Length: > 0 and <= 40 } tenant, { Length: > 0 and <= 40 } kind, { Length: > 0 and <= 40 } key]
            && IsName(tenant) && IsName(kind) && IsName(key)
            ? new(tenant, kind, key)
            : throw new FormatException($"Not an entity id: '{text}'.");
    }

    public int CompareTo(EntityId other)
    {
        var byTenant = string.CompareOrdinal(Tenant, other.Tenant);
        if (byTenant != 0)
        {
            return byTenant;
        }

        var byKind = string.CompareOrdinal(Kind, other.Kind);
        return byKind != 0 ? byKind : string.CompareOrdinal(Key, other.Key);
    }

    /// <summary>The shard of this entity. Fixed for ever by docs/formats/journal.md: FNV-1a (32 bit) over UTF-8 of <c>tenant/key</c>, modulo the shard count.</summary>
    public int ShardHash(int shardCount)
    {
        var hash = StableHash.Fnv1a32(Tenant, StableHash.Fnv1a32Seed);
        hash = StableHash.Fnv1a32("/", hash);
        return (int)(StableHash.Fnv1a32(Key, hash) % (uint)shardCount);
    }

    public static bool operator <(EntityId left, EntityId right) => left.CompareTo(right) < 0;
    public static bool operator <=(EntityId left, EntityId right) => left.CompareTo(right) <= 0;
    public static bool operator >(EntityId left, EntityId right) => left.CompareTo(right) > 0;
    public static bool operator >=(EntityId left, EntityId right) => left.CompareTo(right) >= 0;

    private static bool IsName(string text) => text.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-") < 0;
}

/// <summary>The kinds of entity, as they stand in stream ids. A name is never changed and never used again.</summary>
public static class EntityKind
{
    public const string Recorder = "recorder";
    public const string Account = "account";
    public const string Connection = "connection";
    public const string PaperExchange = "paper";
    public const string Operation = "operation";
}
