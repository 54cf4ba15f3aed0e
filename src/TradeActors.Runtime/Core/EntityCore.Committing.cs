using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <content>Group commit, what is released by it, and what happens when it fails.</content>
public sealed partial class EntityCore
{
    /// <summary>A state of megabytes (an operation over ten thousand accounts) is written so seldom that each event costs no more than this.</summary>
    private const int SnapshotBytesPerEvent = 1_024;

    private readonly Queue<Cell> _dirty = [];
    private (long BatchId, Cell[] Cells, long[] Activations)? _inFlight;
    private long _lastBatch;

    /// <summary>Whether judged events wait for an append that <see cref="Flush"/> can start now.</summary>
    public bool CanFlush => _inFlight is null && _dirty.Count > 0;

    /// <summary>
    /// Hands everything judged since the last append to the journal, unless an append is still out: then it rides on the next one, which makes
    /// batches grow with load.
    /// </summary>
    public void Flush(ICoreOutput output)
    {
        _out = output;
        if (!CanFlush)
        {
            return;
        }

        var parts = ImmutableArray.CreateBuilder<EntityAppend>();
        var cells = new List<Cell>();
        var events = 0;
        while (events < _options.MaxBatchEvents && _dirty.TryDequeue(out var cell))
        {
            cell.IsDirty = false;
            if (!IsLive(cell) || (cell.QueuedEvents.Count == 0 && !cell.SnapshotDue))
            {
                continue; // Withdrawn by a reload since it was queued.
            }

            events += cell.QueuedEvents.Count;
            parts.Add(TakeQueued(cell));
            cells.Add(cell);
        }

        if (parts.Count == 0)
        {
            return;
        }

        _inFlight = (++_lastBatch, [.. cells], [.. cells.Select(cell => cell.Activation)]);
        output.Append(_lastBatch, parts.ToImmutable());
    }

    private bool IsLive(Cell cell) => _cells.TryGetValue(cell.Id, out var current) && ReferenceEquals(current, cell);

    private void MarkDirty(Cell cell)
    {
        if (!cell.IsDirty)
        {
            cell.IsDirty = true;
            _dirty.Enqueue(cell);
        }
    }

    private EntityAppend TakeQueued(Cell cell)
    {
        WakeChange? wake = null;
        if (cell.QueuedEvents.Count > 0)
        {
            var due = WakeDue(cell);
            if (!cell.WakeKnown || due != cell.StoredWake)
            {
                wake = new WakeChange(due);
                cell.StoredWake = due;
                cell.WakeKnown = true;
            }
        }

        SnapshotRow? snapshot = null;
        if (cell.SnapshotDue)
        {
            snapshot = new SnapshotRow(
                cell.CommittedSeq, cell.Behavior.SnapshotSchema, DeliveryJson.WriteSnapshot(cell.Committed.Delivery, cell.Committed.Domain, cell.CommittedAt, _types));
            cell.SnapshotSeq = cell.CommittedSeq;
            cell.SnapshotBytes = snapshot.State.Length;
            cell.SnapshotDue = false;
        }

        var append = new EntityAppend(
            cell.Id, cell.Shard, cell.Owned.Epoch, cell.Head - cell.QueuedEvents.Count, [.. cell.QueuedEvents], LastOfEach(cell.QueuedRows), wake, snapshot,
            cell.Behavior.TakesInbox ? cell.Owned.InboxSeen : null);
        cell.InFlightHead = cell.Head;
        cell.QueuedEvents.Clear();
        cell.QueuedRows.Clear();
        return append;
    }

    /// <summary>
    /// Only the last change of each row: a transaction that judged many messages of one entity would write the same row for every one of them, and
    /// nobody could ever see the earlier versions.
    /// </summary>
    private static ImmutableArray<RowChange> LastOfEach(List<RowChange> changes)
    {
        if (changes.Count < 2)
        {
            return [.. changes];
        }

        var seen = new HashSet<RowKey>(changes.Count);
        var kept = ImmutableArray.CreateBuilder<RowChange>(changes.Count);
        for (var i = changes.Count - 1; i >= 0; i--)
        {
            if (seen.Add(changes[i].Key))
            {
                kept.Add(changes[i]);
            }
        }

        kept.Reverse();
        return kept.DrainToImmutable();
    }

    /// <summary>When somebody must load this entity if nobody speaks to it (PROTOCOL 4).</summary>
    private static DateTimeOffset? WakeDue(Cell cell)
    {
        var pending = cell.Speculative.Pending;
        if (cell.Speculative.Delivery.Unacknowledged > 0 || !pending.Effects.IsEmpty || !pending.FanOuts.IsEmpty || !pending.TickSymbols.IsEmpty)
        {
            return DateTimeOffset.MinValue;
        }

        return pending.Timers.IsEmpty ? null : pending.Timers.Min(timer => timer.Due);
    }

    private void TakeAppended(CoreInput.Appended appended)
    {
        if (_inFlight is not { } batch || batch.BatchId != appended.BatchId)
        {
            return;
        }

        _inFlight = null;
        for (var i = 0; i < batch.Cells.Length; i++)
        {
            var cell = batch.Cells[i];
            if (!IsLive(cell) || cell.Activation != batch.Activations[i])
            {
                continue;
            }

            switch (appended.Outcomes.IsDefault ? (AppendOutcome?)null : appended.Outcomes[i])
            {
                case AppendOutcome.Stored:
                    Commit(cell);
                    break;
                case AppendOutcome.StaleEpoch:
                    ShardsRefused++;
                    _out.ShardRefused(cell.Shard);
                    DropShard(cell.Shard);
                    break;
                case AppendOutcome.InboxAhead:
                    AskForInbox(cell.Owned);
                    Reload(cell, AppendOutcome.InboxAhead);
                    break;
                case var outcome:
                    Reload(cell, outcome);
                    break;
            }
        }
    }

    private void Commit(Cell cell)
    {
        cell.CommittedSeq = cell.InFlightHead!.Value;
        cell.InFlightHead = null;
        EndDoubt(cell);
        while (cell.Unanswered.TryPeek(out var judged) && judged.After <= cell.CommittedSeq)
        {
            cell.Unanswered.Dequeue();
            var before = cell.Committed.Domain;
            cell.Committed = judged.State;
            cell.CommittedAt = judged.At;
            if (!judged.Events.IsEmpty)
            {
                _out.Stored(new StoredStep(cell.Id, judged.At, before, judged.Events, judged.State.Domain));
            }

            cell.IsSettled |= judged.Item.Message is Activated;
            foreach (var send in judged.Sends)
            {
                Await(cell, send.To);
            }

            Release(cell, judged);
        }

        _out.Committed(cell.Id, cell.CommittedSeq);
        LookUpWhenCommitted(cell);
        AfterCommit(cell);
    }

    /// <summary>Starts, stops and schedules what the committed state asks for.</summary>
    private void AfterCommit(Cell cell)
    {
        if (!cell.IsSettled)
        {
            return;
        }

        if (!ReferenceEquals(cell.Committed.Pending, cell.Applied))
        {
            ApplyPending(cell, cell.Committed.Pending);
        }

        if (cell.ResendNow)
        {
            cell.ResendNow = false;
            Resend(cell, all: true);
        }

        if (cell.CommittedSeq - cell.SnapshotSeq >= Math.Max(_options.SnapshotEvery, cell.SnapshotBytes / SnapshotBytesPerEvent) && !cell.SnapshotDue)
        {
            cell.SnapshotDue = true;
            MarkDirty(cell);
        }

        Schedule(cell);
    }

    private void ApplyPending(Cell cell, Pending pending)
    {
        UpdateEffects(cell, pending.Effects);
        UpdateInterest(cell, pending.TickSymbols);
        UpdateFanOuts(cell, pending.FanOuts, cell.HasOldFanOuts);
        cell.HasOldFanOuts = false;
        cell.Applied = pending;
        cell.Timers = pending.Timers;
        if (cell.FiredTimers.Count > 0)
        {
            foreach (var fired in cell.FiredTimers.Keys.Where(key => !pending.Timers.Any(timer => timer.Key == key)).ToArray())
            {
                cell.FiredTimers.Remove(fired);
            }
        }
    }

    private void UpdateEffects(Cell cell, ImmutableArray<Effect> wanted)
    {
        foreach (var key in cell.Effects.Keys.Where(key => !wanted.Any(effect => effect.Key == key)).ToArray())
        {
            cell.Effects.Remove(key);
            _out.StopEffect(cell.Id, key);
        }

        foreach (var effect in wanted)
        {
            if (cell.Effects.TryAdd(effect.Key, effect))
            {
                _out.StartEffect(cell.Id, cell.Activation, effect, ClockOf(cell));
            }
        }
    }

    private void StopEffects(Cell cell)
    {
        foreach (var key in cell.Effects.Keys)
        {
            _out.StopEffect(cell.Id, key);
        }

        cell.Effects.Clear();
    }

    /// <summary>
    /// After a failed append, or one whose outcome is not known: forgets everything uncommitted, reads the stream back, and judges the unanswered
    /// messages again in arrival order (PROTOCOL 8). What did commit unheard is found by the reload, and the messages prove to be repeats.
    /// </summary>
    private void Reload(Cell cell, AppendOutcome? outcome)
    {
        _out.Notice(new CoreNotice.Reloading(cell.Id, outcome));
        cell.IsInDoubt |= outcome is null;
        Requeue(cell);
        StartLoad(cell);
    }

    /// <summary>Something is stored where the late append would be: it never will be, and what quotes led to in it has not happened.</summary>
    private static void EndDoubt(Cell cell)
    {
        if (!cell.IsInDoubt)
        {
            return;
        }

        cell.IsInDoubt = false;
        foreach (var item in cell.Unanswered.Select(judged => judged.Item).Concat(cell.Waiting))
        {
            item.JudgedBy = null;
        }
    }

    private void Requeue(Cell cell)
    {
        foreach (var judged in cell.Unanswered.Reverse())
        {
            if (judged.Item.Message is Activated or DeliveryNoted)
            {
                continue; // Loading makes a new one; acknowledgements that were not stored will come again with what they acknowledge.
            }

            if (cell.Owned.IsDraining && IsFromOutside(judged.Item))
            {
                HandBack(cell.Id, judged.Item);
                continue;
            }

            judged.Item.JudgedBy = judged.Item.Message is QuoteArrived ? judged.Item.JudgedBy ?? judged.After : null;
            cell.Waiting.AddFirst(judged.Item);
        }

        // Whatever was read for them belongs to a state that is forgotten.
        foreach (var item in cell.Waiting)
        {
            item.RowsRead = 0;
            item.LookedUp = null;
        }

        cell.Unanswered.Clear();
        cell.QueuedEvents.Clear();
        cell.QueuedRows.Clear();
        cell.InFlightHead = null;
        cell.WantedRow = null;
        cell.SnapshotDue = false;
        cell.Applied = null;
        cell.FanOuts.Clear();
        cell.Lanes.Clear();
        cell.FiredTimers.Clear();
        cell.UnstoredAcks.Clear();
        cell.AckFlushAt = cell.ResendAt = null;
        StopEffects(cell);
        EndInterest(cell);
    }
}
