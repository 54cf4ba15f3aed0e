using System.Collections.Immutable;
using TradeActors.Domain.Common;

namespace TradeActors.Abstractions.Journal;

/// <summary>
/// Where a front door leaves a message whose entity it cannot reach, so that the sender may be told that it is safe (PROTOCOL 6). One queue per shard in the
/// journal's database; the shard's row holds the last number, and an append that says it has seen less is refused: nothing overtakes what lies here.
/// </summary>
public interface IShardInbox
{
    /// <summary>
    /// Puts a message behind the others of its shard. Safe to call again with the same <see cref="InboxMessage.Id"/>: while it lies there it is stored once, and
    /// later its receiver knows it.
    /// </summary>
    /// <returns>Its number in the shard, counted from 1 without gaps.</returns>
    /// <exception cref="JournalUnavailableException">Nothing was stored.</exception>
    /// <exception cref="JournalUnknownOutcomeException">It may have been stored or not: store it again.</exception>
    Task<long> PutInboxAsync(int shard, InboxMessage message, CancellationToken ct);

    /// <summary>What lies behind a number.</summary>
    Task<InboxPage> ReadInboxAsync(int shard, long after, CancellationToken ct);

    /// <summary>Takes out a message whose judgement is stored. Safe to call again; what is left behind by a crash is judged again and proves to be a repeat.</summary>
    Task DropInboxAsync(int shard, long number, CancellationToken ct);
}

/// <param name="Id">Given by the door; the receiver knows a repeat by it.</param>
/// <param name="Type">A name of the stored types.</param>
public sealed record InboxMessage(string Id, EntityId To, string Type, byte[] Body);

public sealed record InboxRow(long Number, InboxMessage Message);

/// <param name="Last">The number of the last message that was ever put in.</param>
/// <param name="Rows">In the order of their numbers.</param>
public sealed record InboxPage(long Last, ImmutableArray<InboxRow> Rows);
