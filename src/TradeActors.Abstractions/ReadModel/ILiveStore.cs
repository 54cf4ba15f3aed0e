using System.Collections.Immutable;

namespace TradeActors.Abstractions.ReadModel;

/// <summary>What one entity of a tenant tells whoever watches it; <see cref="ReadTable.LiveEvents"/> holds it.</summary>
/// <param name="Name"><c>kind:key</c>.</param>
public readonly record struct LiveTopic(string Tenant, string Name);

/// <param name="Head">The topic's newest sequence at the moment of reading; 0 while it has none.</param>
/// <param name="Events">Oldest first. The first may lie further on than asked for: what was before it is no longer kept.</param>
public sealed record LivePage(long Head, ImmutableArray<LiveRow> Events);

/// <summary>A row as it was when its topic stood at <paramref name="Head"/>: later events are not in it, earlier ones are.</summary>
public sealed record LiveState(long Head, Row? Row);

/// <summary>Reads live topics. Every answer is one moment's, and sees everything that was committed before the call.</summary>
public interface ILiveStore
{
    /// <param name="after">Sequence to start behind.</param>
    Task<LivePage> ReadAsync(LiveTopic topic, long after, int limit, CancellationToken ct);

    /// <returns>The newest sequence of each topic, in their order.</returns>
    Task<ImmutableArray<long>> HeadsAsync(ImmutableArray<LiveTopic> topics, CancellationToken ct);

    /// <param name="row">A row that the topic's entity writes.</param>
    Task<LiveState> StateAsync(LiveTopic topic, RowKey row, CancellationToken ct);

    /// <summary>Removes events older than <paramref name="before"/>, but of each topic never the newest: it says where the topic stands.</summary>
    /// <param name="most">How many are removed at most: call again while any are. Safe to repeat and to interrupt.</param>
    /// <returns>How many were removed.</returns>
    Task<int> TrimAsync(DateTimeOffset before, int most, CancellationToken ct);
}
