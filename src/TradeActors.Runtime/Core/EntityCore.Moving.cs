using System.Collections.Immutable;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <content>What a shard needs beyond its cells: its inbox, its hand-over in good order, and the tags of the queue that it is fed from.</content>
public sealed partial class EntityCore
{
    /// <summary>Up to where the shard's inbox has been read; 0 for a shard that is not owned.</summary>
    public long InboxSeen(int shard) => _owned.TryGetValue(shard, out var owned) ? owned.InboxSeen : 0;

    /// <summary>Nothing of the shard is being judged, stored or called any more.</summary>
    public bool IsDrained(int shard) => !_owned.ContainsKey(shard) || _cells.Values.All(cell => cell.Shard != shard || IsAtRest(cell));

    private static bool IsAtRest(Cell cell) =>
        cell.Unanswered.Count == 0 && cell.QueuedEvents.Count == 0 && cell.InFlightHead is null && !cell.Effects.Values.Any(effect => effect.EndsBeforeMove)
        && (cell.Waiting.Count == 0 || cell.Phase is CellPhase.BackingOff or CellPhase.Loading || MustWaitForInbox(cell));

    private static bool MustWaitForInbox(Cell cell) => cell.Owned.IsReadingInbox && cell.Behavior.TakesInbox;

    private void Drain(int shard)
    {
        if (!_owned.TryGetValue(shard, out var owned))
        {
            return;
        }

        owned.IsDraining = true;
        foreach (var cell in _cells.Values.Where(cell => cell.Shard == shard).OrderBy(cell => cell.Id).ToArray())
        {
            // What a row is being looked up for is judged yet.
            foreach (var item in cell.Waiting.Skip(cell.Phase == CellPhase.LookingUp ? 1 : 0).Where(IsFromOutside).ToArray())
            {
                cell.Waiting.Remove(item);
                HandBack(cell.Id, item);
            }
        }
    }

    private static bool IsFromOutside(WorkItem item) => item.AskId is not null || item.Source is not null || item.InboxNumber > 0;

    /// <summary>For the next owner: what came by a queue is given to it there, and whoever asked from this node asks again.</summary>
    private void HandBack(EntityId id, WorkItem item)
    {
        if (item is { Tag: null, AskId: { } askId })
        {
            _out.Fail(askId, AskFailure.NotOwner, $"The shard of {id} is not owned by this node.");
        }
    }

    private void Done(QueueTag? tag)
    {
        if (tag?.TakeOne() == true)
        {
            _out.Done(tag.Number);
        }
    }

    // The inbox (PROTOCOL 6).

    private void TakeInboxGrew(CoreInput.InboxGrew grew)
    {
        if (_owned.TryGetValue(grew.Shard, out var owned) && grew.Last > owned.InboxSeen)
        {
            AskForInbox(owned);
        }
    }

    private void AskForInbox(OwnedShard owned)
    {
        if (owned.IsDraining)
        {
            owned.IsReadingInbox = true; // Nothing that could overtake it is judged here any more.
        }
        else if (!owned.IsReadingInbox || owned.HasInboxFailed)
        {
            (owned.IsReadingInbox, owned.HasInboxFailed) = (true, false);
            _out.ReadInbox(owned.Shard, owned.Epoch, owned.InboxSeen);
        }
    }

    private void TakeInbox(CoreInput.InboxRead read)
    {
        if (!_owned.TryGetValue(read.Shard, out var owned) || owned.Epoch != read.Epoch || !owned.IsReadingInbox || owned.IsDraining)
        {
            return; // A shard that is being handed over has given back what lay there before: its next owner reads it all.
        }

        if (read.Page is not { } page)
        {
            owned.HasInboxFailed = true; // Whoever sees next that it has grown makes it read again.
            return;
        }

        owned.IsReadingInbox = false;
        owned.InboxSeen = Math.Max(owned.InboxSeen, page.Last);
        TakeInbox(page.Rows);
        foreach (var cell in _cells.Values.Where(cell => cell.Shard == read.Shard && cell.Behavior.TakesInbox).OrderBy(cell => cell.Id).ToArray())
        {
            Judge(cell);
            Schedule(cell);
        }
    }

    /// <summary>Earlier messages of the inbox, and the activation, stay before what is put in.</summary>
    private static LinkedListNode<WorkItem>? LastBeforeOthers(LinkedList<WorkItem> waiting)
    {
        LinkedListNode<WorkItem>? last = null;
        for (var next = waiting.First; next is { Value: { InboxNumber: > 0 } or { Message: Activated } }; next = next.Next)
        {
            last = next;
        }

        return last;
    }

    /// <summary>Puts messages before everything that waits. What is judged and not stored waits again, behind them.</summary>
    private void TakeInbox(ImmutableArray<InboxRow> rows)
    {
        foreach (var ofEntity in rows.Where(row => _kinds.ContainsKey(row.Message.To.Kind)).GroupBy(row => row.Message.To))
        {
            var cell = CellOf(ofEntity.Key);
            if (cell.Unanswered.Count > 0 || cell.QueuedEvents.Count > 0 || cell.Phase == CellPhase.LookingUp)
            {
                Reload(cell, AppendOutcome.InboxAhead);
            }

            var place = LastBeforeOthers(cell.Waiting);
            foreach (var row in ofEntity)
            {
                var item = new WorkItem { Message = _types.Decode(row.Message.Type, row.Message.Body), InboxNumber = row.Number };
                place = place is null ? cell.Waiting.AddFirst(item) : cell.Waiting.AddAfter(place, item);
            }

            cell.LastUsed = Now;
            Judge(cell);
        }
    }
}
