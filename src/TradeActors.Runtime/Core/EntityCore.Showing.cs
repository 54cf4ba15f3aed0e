using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <content>What an operator may see of the cells. Changes nothing.</content>
public sealed partial class EntityCore
{
    /// <summary>The entities in memory, ordered by id.</summary>
    /// <param name="kind">Only this kind; null for all.</param>
    /// <param name="after">Only those behind this id; null for all.</param>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<LoadedEntity> Loaded(string? kind, EntityId? after, int most) =>
    [
        .. _cells.Values.Where(cell => (kind is null || cell.Id.Kind == kind) && (after is null || cell.Id > after))
            .OrderBy(cell => cell.Id).Take(most).Select(Show),
    ];

    /// <summary>The work of all entities in memory.</summary>
    public EntityWork Work()
    {
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var work = new EntityWork(kinds, 0, 0, 0, 0, null);
        foreach (var cell in _cells.Values)
        {
            kinds[cell.Id.Kind] = kinds.GetValueOrDefault(cell.Id.Kind) + 1;
            work = work with
            {
                Waiting = work.Waiting + cell.Waiting.Count,
                Storing = work.Storing + cell.Unanswered.Count,
                Unacknowledged = work.Unacknowledged + UnacknowledgedOf(cell),
                FanOuts = work.FanOuts + OpenFanOutsOf(cell),
                OverdueSince = EarlierOrOther(work.OverdueSince, OverdueSince(cell)),
            };
        }

        return work;
    }

    private static LoadedEntity Show(Cell cell) => new(
        cell.Id, cell.Shard, System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(cell.Phase.ToString()), cell.CommittedSeq, cell.Waiting.Count,
        cell.Unanswered.Count, UnacknowledgedOf(cell), OpenFanOutsOf(cell), cell.Effects.Count, cell.Timers.Length, OverdueSince(cell), cell.LastUsed);

    // Acknowledged sends count until the acknowledgement is stored; an entity that is being loaded has no delivery state yet.
    private static int UnacknowledgedOf(Cell cell) => cell.Committed.Delivery?.Unacknowledged ?? 0;

    private static int OpenFanOutsOf(Cell cell) => cell.FanOuts.Values.Count(run => run.Open > 0);

    private static DateTimeOffset? OverdueSince(Cell cell)
    {
        DateTimeOffset? since = cell.Sends.Count == 0 ? null : cell.Sends.Values.Min(sends => sends.Since);
        // Numbers rise with time: the first open one is the oldest.
        return EarlierOrOther(since, cell.FanOuts.Values.FirstOrDefault(run => run.Open > 0)?.StartedAt);
    }

    private static DateTimeOffset? EarlierOrOther(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;
}
