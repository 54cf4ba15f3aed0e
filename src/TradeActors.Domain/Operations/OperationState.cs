using System.Collections.Immutable;
using System.Text.Json.Serialization;
using TradeActors.Domain.Common;

namespace TradeActors.Domain.Operations;

/// <summary>An operation as its events leave it.</summary>
/// <remarks>After every event: complete exactly when nobody is waited for. Results live in read rows, not here.</remarks>
/// <param name="Waiting">Accounts that have not told a result.</param>
/// <param name="Failed">How many results were failures.</param>
/// <param name="IsDelivered">Every account has stored the order.</param>
public sealed record OperationState(
    OperationStarted? Started, ImmutableSortedSet<EntityId> Waiting, int Failed, bool IsDelivered, DateTimeOffset? CompletedAt)
{
    public static readonly OperationState Empty = new(null, [], 0, false, null);

    /// <summary>Made once and kept with the state: every result asks for it again, and ten thousand results would make it ten thousand times.</summary>
    [JsonIgnore]
    internal FanOut? FanOut { get; set; }
}
