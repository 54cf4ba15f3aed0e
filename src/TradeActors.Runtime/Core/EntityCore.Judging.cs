using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <content>How one message is judged: order and repeats, look-up, decision, rows, and what happens when the entity fails on it.</content>
public sealed partial class EntityCore
{
    private static readonly DeliveryNoted Noted = new();

    /// <summary>Judges what waits, one message after another, on speculative state. Does not wait for commits.</summary>
    private void Judge(Cell cell)
    {
        while (cell.Phase == CellPhase.Active && cell.Waiting.First is { } first && !MustWaitForInbox(cell))
        {
            var item = first.Value;
            if (item.Source is { } source && !IsNext(cell, source, out var acknowledged))
            {
                cell.Waiting.RemoveFirst();
                Hold(cell, new Judged(item, cell.Head, ClockOf(cell), [], cell.Speculative, null, null, [], acknowledged));
                continue;
            }

            if (item.LookedUp is null && Guard(cell, item, () => cell.Behavior.Lookup(cell.Id, cell.Speculative.Domain, item.Message), out var keys)
                && item.RowsRead < keys.Length)
            {
                cell.Phase = CellPhase.LookingUp;
                cell.WantedRow = keys[item.RowsRead];
                LookUpWhenCommitted(cell);
                return;
            }

            if (cell.Phase != CellPhase.Active || !Guard(cell, item, () => Decide(cell, item), out var verdict))
            {
                continue; // The failed message backs off or has been parked; the loop condition tells which.
            }

            cell.Waiting.RemoveFirst();
            Take(cell, item, verdict!);
        }
    }

    /// <summary>Rows of what is judged and not yet committed would not be seen: the look-up waits for them.</summary>
    private void LookUpWhenCommitted(Cell cell)
    {
        if (cell.WantedRow is { } key && cell.CommittedSeq == cell.Head)
        {
            cell.WantedRow = null;
            _out.LookUp(cell.Id, cell.Activation, key);
        }
    }

    /// <summary>
    /// Whether a numbered message is the one that the receiver expects. A repeat is acknowledged again; at a gap the acknowledgement of what is here
    /// tells the sender where to resume.
    /// </summary>
    private static bool IsNext(
        Cell cell, (EntityId Sender, string Lane, long Number, long Previous) source, out Acknowledgement? acknowledged)
    {
        var last = cell.Speculative.Delivery.LastReceived(source.Sender, source.Lane);
        var isNext = source.Number > last && source.Previous <= last;
        acknowledged = isNext ? null : new Acknowledgement(cell.Id, source.Sender, source.Lane, last);
        return isNext;
    }

    private sealed record Verdict(
        Reaction Reaction, ImmutableArray<EventRow> Events, IReadOnlyList<RowChange> Rows, CellState State, IReadOnlyList<Envelope> Sends);

    private Verdict Decide(Cell cell, WorkItem item)
    {
        var context = new EntityContext(cell.Id, ClockOf(cell), item.Source?.Sender, item.Source?.Lane, item.LookedUp);
        var reaction = cell.Behavior.Decide(cell.Speculative.Domain, item.Message, context);
        return item.AskId is null || reaction.Reply is not null
            ? Record(cell, item, reaction)
            : throw new InvalidOperationException($"{item.Message.GetType().Name} was asked and got no reply.");
    }

    /// <summary>Turns a reaction into rows and the state behind them, without touching the cell.</summary>
    private Verdict Record(Cell cell, WorkItem item, Reaction reaction)
    {
        var events = reaction.Events;
        if (events.IsEmpty && (item.Source is not null || !reaction.Sends.IsEmpty))
        {
            events = [Noted];
        }

        if (events.IsEmpty)
        {
            return new Verdict(reaction, [], [], cell.Speculative, []);
        }

        var delivery = cell.Speculative.Delivery;
        var acks = cell.UnstoredAcks.ToArray();
        foreach (var (receiver, number) in acks)
        {
            delivery = delivery.Acknowledge(receiver, number);
        }

        (EntityId, string, long)? from = null;
        if (item.Source is { } source)
        {
            delivery = delivery.Receive(source.Sender, source.Lane, source.Number);
            from = (source.Sender, source.Lane, source.Number);
        }

        var sends = new List<Envelope>(reaction.Sends.Length);
        var stored = new List<(EntityId To, long Number, object Message)>(reaction.Sends.Length);
        foreach (var send in reaction.Sends)
        {
            delivery = delivery.Send(send.To, send.Message, out var number);
            sends.Add(new Envelope(cell.Id, send.To, "", number, number - 1, send.Message));
            stored.Add((send.To, number, send.Message));
        }

        var now = EventTimeOf(cell);
        var meta = DeliveryJson.WriteMeta(from, stored, acks, _types);
        var sink = new RowSink();
        foreach (var text in reaction.Texts)
        {
            sink.Put(new RowKey(ReadTable.Texts, cell.Id.Tenant, cell.Id.Key, text.Id), now.ToUnixTimeMilliseconds(), "", new TextRow(text.Text));
        }

        var rows = ImmutableArray.CreateBuilder<EventRow>(events.Length);
        var domain = cell.Speculative.Domain;
        var seq = cell.Head;
        foreach (var @event in events)
        {
            var (name, payload) = _types.Encode(@event);
            rows.Add(new EventRow(++seq, name, payload, rows.Count == 0 ? meta : null, now));
            domain = Fold(cell, domain, new StampedEvent(seq, now, @event), sink);
        }

        var pending = ReferenceEquals(domain, cell.Speculative.Domain) ? cell.Speculative.Pending : cell.Behavior.Pending(cell.Id, domain);
        return new Verdict(reaction, rows.MoveToImmutable(), sink.Changes, new CellState(domain, delivery, pending), sends);
    }

    /// <summary>To the millisecond, as journals keep it: the rows that a replay makes of an event are those that were stored with it.</summary>
    private DateTimeOffset EventTimeOf(Cell cell)
    {
        var time = ClockOf(cell);
        return new DateTimeOffset(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), time.Offset);
    }

    private static object Fold(Cell cell, object domain, StampedEvent stamped, RowSink sink)
    {
        if (stamped.Event is RuntimeEvent)
        {
            return domain;
        }

        var after = cell.Behavior.Apply(domain, stamped.Event);
        cell.Behavior.Project(cell.Id, domain, stamped, after, sink);
        return after;
    }

    private void Take(Cell cell, WorkItem item, Verdict verdict)
    {
        Acknowledgement? acknowledge = item.Source is { } source ? new Acknowledgement(cell.Id, source.Sender, source.Lane, source.Number) : null;
        Queue(cell, verdict);
        Hold(cell, new Judged(item, cell.Head, ClockOf(cell), verdict.Reaction.Events, verdict.State, verdict.Reaction.Reply, null, verdict.Sends, acknowledge)
        {
            Warnings = verdict.Reaction.Warnings,
        });
    }

    private void Queue(Cell cell, Verdict verdict)
    {
        cell.Speculative = verdict.State;
        if (verdict.Events.IsEmpty)
        {
            return;
        }

        cell.Head += verdict.Events.Length;
        cell.QueuedEvents.AddRange(verdict.Events);
        cell.QueuedRows.AddRange(verdict.Rows);
        cell.UnstoredAcks.Clear();
        cell.AckFlushAt = null;
        MarkDirty(cell);
    }

    /// <summary>Keeps the answers until what they rest on is committed; if it already is, gives them now (PROTOCOL 3).</summary>
    private void Hold(Cell cell, Judged judged)
    {
        if (judged.After == cell.CommittedSeq && cell.Unanswered.Count == 0)
        {
            Release(cell, judged);
            if (judged.Item.Message is Activated)
            {
                cell.IsSettled = true;
                AfterCommit(cell);
            }
        }
        else
        {
            cell.Unanswered.Enqueue(judged);
        }
    }

    private void Release(Cell cell, Judged judged)
    {
        if (judged.Item.AskId is { } askId)
        {
            if (judged.Failure is { } failure)
            {
                _out.Fail(askId, failure, (string)judged.Reply!);
            }
            else
            {
                _out.Reply(askId, judged.Reply!);
            }
        }

        if (judged.Acknowledge is { } acknowledge)
        {
            _out.Acknowledge(acknowledge);
        }

        if (judged.Item.InboxNumber > 0)
        {
            _out.DropInbox(cell.Shard, judged.Item.InboxNumber);
        }

        Done(judged.Item.Tag);

        foreach (var send in judged.Sends)
        {
            _out.Send(send);
        }

        foreach (var warning in judged.Warnings)
        {
            _out.Notice(new CoreNotice.Warned(cell.Id, warning));
        }
    }

    /// <summary>Runs a behaviour's method; a failure backs the cell off or, after the last attempt, parks the message.</summary>
    private bool Guard<T>(Cell cell, WorkItem item, Func<T> method, out T? result)
    {
        try
        {
            result = method();
            return true;
        }
#pragma warning disable CA1031 // A defect in one entity's rules must not stop the others; it is shown, retried and then parked.
        catch (Exception error)
#pragma warning restore CA1031
        {
            result = default;
            Failed(cell, item, error);
            return false;
        }
    }

    private void Failed(Cell cell, WorkItem item, Exception error)
    {
        var name = item.Message.GetType().Name;
        item.Attempts++;
        if (item.Attempts < _options.AttemptsBeforeParking)
        {
            _out.Notice(new CoreNotice.DecisionFailed(cell.Id, name, item.Attempts, error));
            cell.Phase = CellPhase.BackingOff;
            cell.RetryAt = Now + _options.BackOffFor(item.Attempts);
            cell.RetryIsLoad = false;
            Schedule(cell);
            return;
        }

        cell.Waiting.RemoveFirst();
        _out.Notice(new CoreNotice.MessageParked(cell.Id, name, error));
        Park(cell, item, error);
    }

    private void Park(Cell cell, WorkItem item, Exception error)
    {
        var (name, body) = _types.TryEncode(item.Message);
        var from = item.Source is { } source ? $"{source.Sender}#{source.Lane}#{source.Number}" : null;
        using var message = System.Text.Json.JsonDocument.Parse(body);
        var parked = new MessageParked(name, message.RootElement.Clone(), $"{error.GetType().Name}: {error.Message}", from);
        var context = new EntityContext(cell.Id, ClockOf(cell), item.Source?.Sender, item.Source?.Lane);
        var verdict = Record(cell, item, new Reaction([parked], cell.Behavior.WhenParked(item.Message, context), null));
        var row = new ParkedRow(cell.Id.ToString(), verdict.Events[0].Seq, name, parked.Error, from, verdict.Events[0].StoredAt);
        var key = new RowKey(ReadTable.Parked, "", "", $"{cell.Id}/{row.Seq}");
        var change = new RowChange(key, new Row(key, row.ParkedAt.ToUnixTimeMilliseconds(), "", RowJson.Serialize(row)));
        Queue(cell, verdict with { Rows = [change] });
        Acknowledgement? acknowledge = item.Source is { } numbered ? new Acknowledgement(cell.Id, numbered.Sender, numbered.Lane, numbered.Number) : null;
        Hold(cell, new Judged(item, cell.Head, ClockOf(cell), [parked], verdict.State, parked.Error, AskFailure.Parked, verdict.Sends, acknowledge));
    }

    /// <summary>Collects row changes; the last one for a key wins, as the journal will have it.</summary>
    private sealed class RowSink : IRowSink
    {
        public List<RowChange> Changes { get; } = [];

        public void Put(RowKey key, long sort, string state, object doc) =>
            Changes.Add(new RowChange(key, new Row(key, sort, state, RowJson.Serialize(doc))));

        public void Drop(RowKey key) => Changes.Add(new RowChange(key, null));
    }
}
