using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Common;

namespace TradeActors.Runtime.Core;

/// <summary>
/// The runtime without I/O: it owns the cells of some shards, takes one input at a time and says through <see cref="ICoreOutput"/> what must be
/// done. It reads no clock and starts no thread, so the very same code runs under the node's shell and, seeded, in the simulation.
/// </summary>
/// <remarks>
/// Not safe for concurrent use: one caller at a time. The caller feeds inputs with <see cref="Step"/> and calls <see cref="Flush"/> when it has
/// none left for the moment; everything judged since goes to the journal as one append (group commit). Read next: EntityCore.Judging.cs (one
/// message), EntityCore.Committing.cs (what follows a commit), EntityCore.Alarms.cs (time).
/// </remarks>
public sealed partial class EntityCore
{
    private readonly SortedDictionary<string, IEntityBehavior> _kinds = new(StringComparer.Ordinal);
    private readonly StoredTypes _types;
    private readonly CoreOptions _options;
    private readonly SortedDictionary<int, OwnedShard> _owned = [];
    private readonly Dictionary<EntityId, Cell> _cells = [];
    private ICoreOutput _out = null!;
    private long _lastActivation;

    public EntityCore(IEnumerable<IEntityBehavior> kinds, StoredTypes types, CoreOptions options)
    {
        foreach (var kind in kinds)
        {
            _kinds.Add(kind.Kind, kind);
        }

        _types = types;
        _options = options;
    }

    /// <summary>The latest time given; never runs backwards.</summary>
    public DateTimeOffset Now { get; private set; } = DateTimeOffset.MinValue;

    public int LoadedEntities => _cells.Count;

    /// <summary>Nothing is being stored or waits to be.</summary>
    public bool IsIdle => _inFlight is null && _dirty.Count == 0;

    public IEnumerable<int> OwnedShards => _owned.Keys;

    public bool Owns(int shard) => _owned.ContainsKey(shard);

    /// <summary>Raised whenever the journal has refused this node as an owner.</summary>
    public long ShardsRefused { get; private set; }

    /// <summary>Takes one input. Replies, sends and effects that rest on nothing uncommitted come out at once, the others after their append.</summary>
    /// <param name="now">The caller's clock, UTC. An earlier value than before is ignored.</param>
    public void Step(CoreInput input, DateTimeOffset now, ICoreOutput output)
    {
        _out = output;
        Now = now > Now ? now : Now;
        switch (input)
        {
            case CoreInput.Ask ask:
                TakeAsk(ask);
                break;
            case CoreInput.Delivered delivered:
                TakeDelivered(delivered.Envelope, QueueTag.Of(delivered.Tag));
                break;
            case CoreInput.FanOutDelivered fanOut:
                TakeFanOut(fanOut.Envelope, fanOut.Tag);
                break;
            case CoreInput.Acknowledged acknowledged:
                TakeAcknowledgement(acknowledged.Acknowledgement);
                Done(QueueTag.Of(acknowledged.Tag));
                break;
            case CoreInput.Loaded loaded:
                TakeLoaded(loaded);
                break;
            case CoreInput.LoadFailed failed:
                TakeLoadFailed(failed);
                break;
            case CoreInput.LookedUp lookedUp:
                TakeLookedUp(lookedUp);
                break;
            case CoreInput.Appended appended:
                TakeAppended(appended);
                break;
            case CoreInput.EffectReported reported:
                TakeEffectReport(reported);
                break;
            case CoreInput.Quotes quotes:
                TakeQuotes(quotes);
                break;
            case CoreInput.QuoteFor quote:
                TakeQuoteFor(quote);
                break;
            case CoreInput.ShardsClaimed claimed:
                TakeShards(claimed.Claims);
                break;
            case CoreInput.ShardLost lost:
                DropShard(lost.Shard);
                break;
            case CoreInput.DrainShard drain:
                Drain(drain.Shard);
                break;
            case CoreInput.InboxGrew grew:
                TakeInboxGrew(grew);
                break;
            case CoreInput.InboxRead read:
                TakeInbox(read);
                break;
            case CoreInput.ClockTick:
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"No rule for {input.GetType().Name}.");
        }

        RingAlarms();
    }

    /// <summary>The cell that takes a message; null when its shard is not owned, or is being handed over.</summary>
    private Cell? Receiver(EntityId id) =>
        _owned.TryGetValue(id.ShardHash(_options.ShardCount), out var owned) && !owned.IsDraining && _kinds.ContainsKey(id.Kind) ? CellOf(id) : null;

    private void TakeAsk(CoreInput.Ask ask)
    {
        var item = new WorkItem { Message = ask.Message, AskId = ask.AskId, Tag = QueueTag.Of(ask.Tag) };
        if (Receiver(ask.To) is not { } cell)
        {
            HandBack(ask.To, item);
        }
        else if (cell is { Phase: CellPhase.BackingOff, RetryIsLoad: true })
        {
            Fail(item, AskFailure.Unavailable, $"{ask.To} cannot be loaded now.");
        }
        else if (cell.Waiting.Count >= _options.MaxWaiting)
        {
            Fail(item, AskFailure.Busy, $"{cell.Waiting.Count} messages wait for {ask.To}.");
        }
        else
        {
            Enqueue(cell, item);
        }
    }

    // A message that comes while too many wait is dropped: its sender repeats it until it is acknowledged.
    private void TakeDelivered(Envelope envelope, QueueTag? tag)
    {
        if (Receiver(envelope.To) is not { } cell)
        {
            return; // The next owner gets it.
        }

        if (cell.Waiting.Count < _options.MaxWaiting)
        {
            Enqueue(cell, new WorkItem { Message = envelope.Message, Source = (envelope.From, envelope.Lane, envelope.Number, envelope.Previous), Tag = tag });
        }
        else
        {
            Done(tag);
        }
    }

    private void TakeFanOut(FanOutEnvelope envelope, long tag)
    {
        if (!_owned.TryGetValue(envelope.Shard, out var owned) || owned.IsDraining)
        {
            return; // The next owner gets it.
        }

        var shared = QueueTag.Of(tag, envelope.Members.Length);
        foreach (var member in envelope.Members)
        {
            TakeDelivered(
                new Envelope(envelope.From, member.To, member.Lane, envelope.Number, member.Previous, new FanOutPart(envelope.Number, envelope.Message, member.Terms)),
                shared);
        }
    }

    private void TakeEffectReport(CoreInput.EffectReported reported)
    {
        if (Current(reported.Id, reported.Activation) is { } cell)
        {
            Enqueue(cell, new WorkItem { Message = reported.Message });
        }
    }

    private void TakeQuotes(CoreInput.Quotes quotes)
    {
        if (!_interest.TryGetValue(quotes.Symbol, out var interested))
        {
            return;
        }

        foreach (var id in interested.Where(id => !_cells[id].Owned.IsDraining).ToArray())
        {
            foreach (var quote in quotes.InOrder)
            {
                Enqueue(_cells[id], new WorkItem { Message = new QuoteArrived(quote) });
            }
        }
    }

    private void TakeQuoteFor(CoreInput.QuoteFor quote)
    {
        if (_cells.TryGetValue(quote.Id, out var cell) && cell.Interest.Contains(quote.Quote.Symbol))
        {
            Enqueue(cell, new WorkItem { Message = new QuoteArrived(quote.Quote, IsReminder: true) });
        }
    }

    private void TakeShards(ImmutableArray<ShardClaim> claims)
    {
        foreach (var claim in claims)
        {
            DropShard(claim.Shard);
            var owned = new OwnedShard(claim.Shard, claim.Epoch) { InboxSeen = claim.InboxLast };
            _owned[claim.Shard] = owned;
            foreach (var wake in claim.Wakes)
            {
                _wakes[wake.Id] = wake.Due;
                _alarms.Enqueue(wake.Id, wake.Due);
            }

            TakeInbox(claim.Inbox);
        }
    }

    /// <summary>Forgets a shard: its asks fail, its effects stop, and what was sent to it will be sent again to its new owner.</summary>
    private void DropShard(int shard)
    {
        if (!_owned.Remove(shard))
        {
            return;
        }

        foreach (var cell in _cells.Values.Where(cell => cell.Shard == shard).OrderBy(cell => cell.Id).ToArray())
        {
            foreach (var item in cell.Unanswered.Select(judged => judged.Item).Concat(cell.Waiting))
            {
                HandBack(cell.Id, item);
            }

            Remove(cell);
        }

        foreach (var id in _wakes.Keys.Where(id => id.ShardHash(_options.ShardCount) == shard).ToArray())
        {
            _wakes.Remove(id);
        }
    }

    /// <summary>The time that the entity is given: this node's, unless an earlier node's was ahead of it.</summary>
    private DateTimeOffset ClockOf(Cell cell) => cell.Clock = Later(cell.Clock, Now);

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private Cell? Current(EntityId id, long activation) =>
        _cells.TryGetValue(id, out var cell) && cell.Activation == activation ? cell : null;

    private Cell CellOf(EntityId id)
    {
        if (_cells.TryGetValue(id, out var cell))
        {
            return cell;
        }

        cell = new Cell(id, _kinds[id.Kind], _owned[id.ShardHash(_options.ShardCount)]);
        _cells.Add(id, cell);
        _wakes.Remove(id);
        StartLoad(cell);
        return cell;
    }

    private void Remove(Cell cell)
    {
        StopEffects(cell);
        EndInterest(cell);
        _cells.Remove(cell.Id);
    }

    private void StartLoad(Cell cell)
    {
        cell.Phase = CellPhase.Loading;
        cell.Activation = ++_lastActivation;
        cell.LastUsed = Now;
        cell.IsSettled = false;
        _out.Load(cell.Id, cell.Activation, cell.Behavior.SnapshotSchema);
    }

    private void TakeLoaded(CoreInput.Loaded loaded)
    {
        if (Current(loaded.Id, loaded.Activation) is not { Phase: CellPhase.Loading } cell)
        {
            return;
        }

        try
        {
            Replay(cell, loaded.Stored);
        }
#pragma warning disable CA1031 // An unreadable stream must not stop the other entities: it is tried again with back-off and shown.
        catch (Exception error)
#pragma warning restore CA1031
        {
            BackOffLoad(cell, error.Message);
            return;
        }

        cell.Phase = CellPhase.Active;
        cell.LoadAttempts = 0;
        DropTakenQuotes(cell);
        if (cell.IsInDoubt)
        {
            Note(cell);
        }

        if (cell.Head > 0)
        {
            cell.Waiting.AddFirst(new WorkItem { Message = new Activated() });
        }
        else
        {
            cell.IsSettled = true;
        }

        Judge(cell);
        Schedule(cell);
    }

    /// <summary>
    /// Commands prove to be repeats when they run again after a commit that went unheard; a quote carries nothing by which it could. What it led to is stored,
    /// and so is what came after it: judged again it would meet orders that were placed later.
    /// </summary>
    private static void DropTakenQuotes(Cell cell)
    {
        for (var node = cell.Waiting.First; node is not null;)
        {
            var (item, next) = (node.Value, node.Next);
            if (item.JudgedBy <= cell.CommittedSeq)
            {
                cell.Waiting.Remove(node);
            }

            item.JudgedBy = cell.IsInDoubt ? item.JudgedBy : null;
            node = next;
        }
    }

    private void Replay(Cell cell, StoredEntity stored)
    {
        var delivery = Delivery.Empty;
        var domain = cell.Behavior.Empty;
        var at = DateTimeOffset.MinValue;
        cell.SnapshotSeq = 0;
        cell.SnapshotBytes = 0;
        if (stored.Snapshot is { } snapshot)
        {
            (delivery, domain, at) = DeliveryJson.ReadSnapshot(snapshot.State, _types);
            cell.SnapshotSeq = snapshot.Seq;
            cell.SnapshotBytes = snapshot.State.Length;
        }

        var seq = cell.SnapshotSeq;
        foreach (var row in stored.Events)
        {
            if (row.Seq != ++seq)
            {
                throw new InvalidDataException($"The stream of {cell.Id} has event {row.Seq} where {seq} must stand.");
            }

            var @event = _types.Decode(row.Type, row.Payload);
            domain = @event is RuntimeEvent ? domain : cell.Behavior.Apply(domain, @event);
            delivery = delivery.Apply(row.Meta, _types);
            at = Later(at, row.StoredAt);
        }

        cell.Committed = cell.Speculative = new CellState(domain, delivery, cell.Behavior.Pending(cell.Id, domain));
        cell.ResendNow = delivery.Unacknowledged > 0;
        cell.HasOldFanOuts = !cell.Committed.Pending.FanOuts.IsEmpty;
        cell.Sends.Clear();
        foreach (var (receiver, _) in delivery.Out.Where(lane => !lane.Value.Waiting.IsEmpty))
        {
            cell.Sends[receiver] = new Unacknowledged(Now, new Repeats(Now));
        }

        cell.CommittedSeq = cell.Head = seq;
        cell.CommittedAt = at;
        cell.Clock = Later(cell.Clock, at);
        // What the wake row says is not read back: writing it once more is cheap, trusting a guess is not.
        cell.StoredWake = null;
        cell.WakeKnown = seq == 0;
    }

    private void TakeLoadFailed(CoreInput.LoadFailed failed)
    {
        if (Current(failed.Id, failed.Activation) is { } cell)
        {
            BackOffLoad(cell, failed.Error);
        }
    }

    private void BackOffLoad(Cell cell, string error)
    {
        Requeue(cell);
        var delay = _options.BackOffFor(++cell.LoadAttempts);
        var inbox = cell.Waiting.Where(item => item.InboxNumber > 0).ToArray(); // Nobody would send these again.
        foreach (var item in cell.Waiting.Except(inbox))
        {
            Fail(item, AskFailure.Unavailable, $"{cell.Id} cannot be loaded: {error}");
        }

        cell.Waiting.Clear();
        foreach (var item in inbox)
        {
            cell.Waiting.AddLast(item);
        }

        cell.Phase = CellPhase.BackingOff;
        cell.RetryAt = Now + delay;
        cell.RetryIsLoad = true;
        _out.Notice(new CoreNotice.LoadFailed(cell.Id, error, delay));
        Schedule(cell);
    }

    private void TakeLookedUp(CoreInput.LookedUp lookedUp)
    {
        if (Current(lookedUp.Id, lookedUp.Activation) is not { Phase: CellPhase.LookingUp } cell)
        {
            return;
        }

        var item = cell.Waiting.First!.Value;
        item.RowsRead++;
        item.LookedUp = lookedUp.Row;
        cell.Phase = CellPhase.Active;
        Judge(cell);
        Schedule(cell); // An alarm that came up meanwhile has found nothing to do.
    }

    private void Enqueue(Cell cell, WorkItem item)
    {
        cell.LastUsed = Now;
        cell.Waiting.AddLast(item);
        Judge(cell);
    }

    private void Fail(WorkItem item, AskFailure failure, string detail)
    {
        if (item.AskId is { } askId)
        {
            _out.Fail(askId, failure, detail);
        }

        Done(item.Tag);
    }
}
