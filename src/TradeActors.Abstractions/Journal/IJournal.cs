using System.Collections.Immutable;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;

namespace TradeActors.Abstractions.Journal;

/// <summary>
/// The truth: event streams, their snapshots, read-model rows, wake rows and shard epochs, all written in one transaction per append.
/// </summary>
/// <remarks>Every engine passes <c>JournalContract</c>. All members are safe to call from several threads; appends are applied one after another.</remarks>
public interface IJournal : IShardInbox
{
    /// <summary>
    /// Stores the appends of many entities together: one transaction, one fsync. Each entity's part is stored whole or not at all; a part that is
    /// refused does not fail the others (PROTOCOL 8).
    /// </summary>
    /// <returns>One outcome per part, in order.</returns>
    /// <exception cref="JournalUnavailableException">Nothing was stored.</exception>
    /// <exception cref="JournalUnknownOutcomeException">It may have been stored or not: read the heads back.</exception>
    Task<ImmutableArray<AppendOutcome>> AppendAsync(ImmutableArray<EntityAppend> parts, CancellationToken ct);

    /// <summary>The newest snapshot of <paramref name="snapshotSchema"/>, if any, and all events after it in order.</summary>
    /// <exception cref="JournalUnavailableException">The store cannot be read now.</exception>
    Task<StoredEntity> LoadAsync(EntityId id, int snapshotSchema, CancellationToken ct);

    /// <summary>Takes the shards for this node: raises each one's epoch by one and returns it with its wake rows. From then on older epochs cannot append.</summary>
    Task<ImmutableArray<ShardClaim>> ClaimAsync(ImmutableArray<int> shards, string node, CancellationToken ct);

    /// <summary>Reads one read-model row, as an entity's <c>Lookup</c> needs it: sees everything committed before the call.</summary>
    Task<Row?> LookupAsync(RowKey key, CancellationToken ct);
}

/// <summary>What one entity adds in one transaction.</summary>
/// <param name="Epoch">The shard's epoch under which the writer owns it; anything but the stored one is refused.</param>
/// <param name="ExpectedSeq">The sequence of the entity's last stored event; 0 for none. The first of <paramref name="Events"/> has the next one.</param>
/// <param name="Rows">Row changes in order; a later one for the same key wins.</param>
/// <param name="Wake">Null leaves the wake row as it is.</param>
/// <param name="Snapshot">State at a sequence that is already stored; null for none. May come with no events.</param>
/// <param name="InboxSeen">The last number of the shard's inbox that its owner has read: refused when more has come (PROTOCOL 6). Null does not ask.</param>
public sealed record EntityAppend(
    EntityId Id,
    int Shard,
    long Epoch,
    long ExpectedSeq,
    ImmutableArray<EventRow> Events,
    ImmutableArray<RowChange> Rows,
    WakeChange? Wake,
    SnapshotRow? Snapshot,
    long? InboxSeen = null);

/// <param name="Meta">Delivery data of the runtime (docs/formats/journal.md), or null.</param>
public sealed record EventRow(long Seq, string Type, byte[] Payload, byte[]? Meta, DateTimeOffset StoredAt);

public sealed record SnapshotRow(long Seq, int Schema, byte[] State);

/// <param name="Due">When the entity must be loaded; <see cref="DateTimeOffset.MinValue"/> for at once; null removes the row.</param>
public sealed record WakeChange(DateTimeOffset? Due);

public sealed record WakeRow(EntityId Id, DateTimeOffset Due);

/// <param name="InboxLast">The number of the last message that was put into the shard's inbox; 0 for none.</param>
/// <param name="Inbox">What of it is still there, in the order of the numbers.</param>
public sealed record ShardClaim(int Shard, long Epoch, ImmutableArray<WakeRow> Wakes, long InboxLast, ImmutableArray<InboxRow> Inbox)
{
    public ShardClaim(int shard, long epoch, ImmutableArray<WakeRow> wakes)
        : this(shard, epoch, wakes, 0, [])
    {
    }
}

public sealed record StoredEntity(SnapshotRow? Snapshot, ImmutableArray<EventRow> Events);

public enum AppendOutcome
{
    Stored,
    /// <summary>The shard belongs to somebody else now. Drop every entity of it.</summary>
    StaleEpoch,
    /// <summary>The entity's stored head is not the expected one. Reload this entity.</summary>
    Conflict,
    /// <summary>The shard's inbox holds something that the owner has not read. Read it, and judge it first.</summary>
    InboxAhead,
}

public sealed class JournalUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

public sealed class JournalUnknownOutcomeException(string message, Exception? inner = null) : Exception(message, inner);
