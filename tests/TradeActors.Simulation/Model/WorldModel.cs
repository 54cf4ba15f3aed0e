using System.Runtime.InteropServices;
using System.Text.Json;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
using TradeActors.Domain.Market;
using TradeActors.Domain.Operations;
using TradeActors.Domain.Orders;
using TradeActors.Domain.Recorders;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>
/// What should be true, kept by means of its own: it reads every stored event, sees every order at the brokers and hears every answer, and knows
/// nothing of how the system decides.
/// </summary>
internal sealed class WorldModel(SimWorld world)
{
    /// <summary>The longest that an intent may wait for its order to be sent (PROTOCOL 1).</summary>
    private static readonly TimeSpan SendWindow = TimeSpan.FromSeconds(2);

    private readonly Dictionary<EntityId, RecorderModel> _recorders = [];
    private readonly Dictionary<EntityId, AccountModel> _accounts = [];
    private readonly Dictionary<EntityId, ConnectionModel> _connections = [];
    private readonly Dictionary<EntityId, OperationModel> _operations = [];
    private readonly Dictionary<EntityId, DeliveryModel> _deliveries = [];
    private readonly Dictionary<EntityId, PaperBook> _paperBooks = [];
    private readonly LossModel _losses = new(world);
    private readonly SortedSet<string> _acknowledged = new(StringComparer.Ordinal);
    private static readonly byte[] Tenant = System.Text.Encoding.UTF8.GetBytes($"{SimWorld.Tenant}/");
    private static readonly byte[] OtherTenant = System.Text.Encoding.UTF8.GetBytes($"{SimWorld.OtherTenant}/");

    private readonly WireModel _wire = new(world.Types);
    private readonly SnapshotModel _snapshots = new(world);
    private readonly SortedDictionary<int, long> _epochs = [];

    /// <summary>Told to be safe in the inbox, and not judged yet: by id, when that was said.</summary>
    private readonly SortedDictionary<string, (EntityId Recorder, DateTimeOffset At)> _inInbox = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _parked = new(StringComparer.Ordinal);

    public AccountModel Account(EntityId id) => Get(_accounts, id, () => new AccountModel(id));

    /// <summary>Deliveries of which a client has heard that they are safe.</summary>
    public IEnumerable<string> Acknowledged => _acknowledged;

    public IEnumerable<RecorderModel> Recorders => _recorders.Values;

    public RecorderModel Recorder(EntityId id) => Get(_recorders, id, () => new RecorderModel(id, world));

    public ConnectionModel Connection(EntityId id) => Get(_connections, id, () => new ConnectionModel(id, world));

    private DeliveryModel Delivery(EntityId id) => Get(_deliveries, id, () => new DeliveryModel(id));

    public MarketModel Market { get; } = new(world);

    public IEnumerable<PaperBook> PaperBooks => _paperBooks.Values;

    public PaperBook PaperBook(EntityId connection, PaperSettings settings) => Get(_paperBooks, connection, () => new PaperBook(connection, settings, world));

    public PaperBook PaperBookOf(EntityId exchange)
    {
        var connection = exchange with { Kind = EntityKind.Connection };
        return PaperBook(connection, world.Paper.Settings(connection)!);
    }

    public IEnumerable<AccountModel> Accounts => _accounts.Values;

    public IEnumerable<ConnectionModel> Connections => _connections.Values;

    public IEnumerable<DeliveryModel> Deliveries => _deliveries.Values;

    public int Acknowledgements => _acknowledged.Count;

    /// <summary>Signals that their recorder failed on, stored as such.</summary>
    public IEnumerable<string> SetAside => _parked;

    public int Accepted => _recorders.Values.Sum(recorder => recorder.FanOuts.Count);

    /// <summary>An account has stored what became of its part of a fan-out.</summary>
    public void Delivered() => world.Deliveries++;

    /// <summary>A core wants this sent, for the first time or again.</summary>
    public void Sent(Envelope envelope) => _wire.Sent(envelope);

    public void Sent(FanOutEnvelope envelope)
    {
        foreach (var member in _wire.Sent(envelope))
        {
            if (envelope.Message is RecorderSignal signal)
            {
                CheckSignal(envelope, signal, member);
            }
        }
    }

    /// <summary>What a recorder sends is what acceptance has fixed, and goes to whom it has named (PROTOCOL 5).</summary>
    private void CheckSignal(FanOutEnvelope envelope, RecorderSignal signal, FanOutMember member)
    {
        var lane = Recorder(envelope.From).Lane(member.Lane);
        var isFixed = lane?.FanOuts.FindLast(fanOut => fanOut.Number == envelope.Number) is { } accepted && lane.Account == member.To
            && accepted.SignalId == signal.SignalId && _wire.HashOf(accepted.Plan) == _wire.HashOf(signal.Plan)
            && _wire.HashOf(accepted.Settings) == _wire.HashOf(signal.Settings) && _wire.HashOf(accepted.Terms) == _wire.HashOf(member.Terms);
        if (!isFixed)
        {
            throw new SimulationFailure("AcceptanceFixesMeaning", $"{envelope.From} sends {signal.SignalId} to {member.To} as {envelope.Number} of {member.Lane}; it was not accepted so.");
        }
    }

    public void Claimed(ShardClaim claim) => _epochs[claim.Shard] = claim.Epoch;

    /// <summary>A refused part has stored nothing, and there was a reason to refuse it (PROTOCOL 8).</summary>
    public void Refused(EntityAppend part, AppendOutcome outcome)
    {
        var head = _deliveries.TryGetValue(part.Id, out var delivery) ? delivery.Seq : 0;
        if (outcome != AppendOutcome.InboxAhead && part.Epoch == _epochs.GetValueOrDefault(part.Shard) && part.ExpectedSeq == head)
        {
            throw new SimulationFailure("RefusedForAReason", $"{part.Id}@{part.ExpectedSeq} is refused under epoch {part.Epoch}, and both are right.");
        }

        var newest = world.Journal.Events(part.Id).TakeLast(part.Events.Length).Select(row => row.Payload).ToArray();
        if (part.Events.FirstOrDefault(row => newest.Any(payload => ReferenceEquals(payload, row.Payload))) is { } left)
        {
            throw new SimulationFailure("AllOrNothing", $"Event {left.Seq} of {part.Id} is stored, and its part was refused.");
        }
    }

    public void Snapshotted(EntityId id, SnapshotRow snapshot) => _snapshots.Stored(id, snapshot);

    /// <summary>All of an append is stored: whoever has work left is noted as one to load (PROTOCOL 4).</summary>
    public void Appended(EntityAppend part)
    {
        CheckWalls(part);
        if (part.Epoch != _epochs.GetValueOrDefault(part.Shard))
        {
            throw new SimulationFailure("OneWriter", $"{part.Id} was written under epoch {part.Epoch} while its shard is at {_epochs[part.Shard]}.");
        }

        var id = part.Id;
        var (due, why) = id.Kind switch
        {
            EntityKind.Account when _accounts.TryGetValue(id, out var account) => account.DueAt(),
            EntityKind.Connection when _connections.TryGetValue(id, out var connection) => connection.DueAt(),
            EntityKind.Recorder when _recorders.TryGetValue(id, out var recorder) && recorder.Unsettled() is { } open => (DateTimeOffset.MinValue, open),
            EntityKind.Operation when _operations.TryGetValue(id, out var operation) => operation.DueAt(),
            _ => ((DateTimeOffset?)null, (string?)null),
        };
        if (_deliveries.TryGetValue(id, out var delivery) && delivery.Unsettled() is { } unheard)
        {
            (due, why) = (DateTimeOffset.MinValue, unheard);
        }

        if (due is { } time && !(world.Journal.Wake(id) <= time))
        {
            throw new SimulationFailure("WorkIsNoted", $"{id} has work left ({why}) and is to be loaded {world.Journal.Wake(id)?.ToString("O") ?? "never"}.");
        }
    }

    /// <summary>Nothing that is stored for one tenant speaks of another (promise 7).</summary>
    private void CheckWalls(EntityAppend part)
    {
        if (world.Workloads.Length == 1 || part.Id.Tenant == Operation.InstallationTenant)
        {
            return;
        }

        var other = part.Id.Tenant == SimWorld.Tenant ? OtherTenant : Tenant;
        foreach (var row in part.Events)
        {
            if (row.Payload.AsSpan().IndexOf(other) >= 0 || row.Meta.AsSpan().IndexOf(other) >= 0)
            {
                throw new SimulationFailure("TenantsAreWalls", $"Event {row.Seq} of {part.Id} ({row.Type}) speaks of another tenant.");
            }
        }

        foreach (var (key, _) in part.Rows)
        {
            if (key.Tenant.Length > 0 && key.Tenant != part.Id.Tenant)
            {
                throw new SimulationFailure("TenantsAreWalls", $"{part.Id} writes a row of {key}.");
            }
        }
    }

    /// <summary>An event has been stored.</summary>
    public void Stored(EntityId id, EventRow row)
    {
        Delivery(id).Stored(row);
        world.Coverage.Hit(PathKind.StoredEvent, row.Type);
        switch (world.Read(row))
        {
            case DeliveryNoted:
                break;
            case MessageParked parked:
                Parked(id, parked);
                break;
            case RecorderEvent e:
                Recorder(id).Stored(e);
                break;
            case AccountEvent e:
                Account(id).Stored(e, this);
                _losses.Stored(id, e);
                break;
            case ConnectionEvent e:
                CheckIntent(id, e);
                Connection(id).Stored(e, world.Now);
                break;
            case var e when id.Kind == EntityKind.PaperExchange:
                PaperBookOf(id).Stored(e);
                break;
            case OperationEvent e:
                Get(_operations, id, () => new OperationModel(id, this)).Stored(e);
                break;
        }
    }

    /// <summary>A shell has been told to give this answer: what it says must be in the journal already.</summary>
    public void Answered(object message, object reply)
    {
        var isStored = (message, reply) switch
        {
            (ReceiveSignal m, SignalJudged { State: SignalState.Accepted }) => _recorders.Values.Any(recorder => recorder.IsAccepted(m.SignalId)),
            (ReceiveSignal m, SignalJudged) => _recorders.Values.Any(recorder => recorder.HasSeen(m.SignalId)),
            (PlaceManualOrder m, ManualOrderTaken) => _accounts.Values.Any(account => account.Orders.ContainsKey(m.ClOrdId!)),
            (CancelManually m, ManualOrderTaken taken) => _accounts.Values.Any(account =>
                account.Orders.TryGetValue(m.ClOrdId, out var order) && (order.IsCancelAsked || order.IsOver)),
            (HaltAccount, HaltTaken taken) => _accounts.Values.Any(account => account.Halts >= taken.Halts),
            (WithdrawEntries m, EntriesWithdrawn) => _connections.Values.Any(connection => connection.Halts >= m.Halts),
            (EntriesWithdrawn m, AccountDone) => _accounts.Values.Any(account => account.ConfirmedHalts >= m.Halts),
            (StartOperation, OperationStored) => _operations.Count > 0,
            (PutSubscription or RemoveSubscription, SubscriptionStored stored) =>
                _recorders.Values.Any(recorder => recorder.VersionOf(stored.SubscriptionId) >= stored.Version),
            (SetSubscription m, AccountDone) => _accounts.Values.Any(account => account.VersionOf(m.SubscriptionId) >= m.Version),
            _ => true,
        };
        if (!isStored)
        {
            throw new SimulationFailure("RepliesRestOnCommitted", $"{message} was answered with {reply}, and nothing of it is stored.");
        }
    }

    /// <summary>A client has heard that its signal is safe.</summary>
    public void Acknowledge(EntityId recorder, string signalId, object reply)
    {
        if (reply is LeftInInbox)
        {
            _acknowledged.Add(signalId);
            if (!Recorder(recorder).HasSeen(signalId) && !_parked.Contains(signalId))
            {
                _inInbox[signalId] = (recorder, world.Now);
                if (!world.Journal.Inbox.Any(message => message.Id == signalId))
                {
                    throw new SimulationFailure("NothingAcknowledgedIsLost", $"{signalId} was said to lie in the inbox, and does not.");
                }
            }
        }

        if (reply is SignalJudged)
        {
            _acknowledged.Add(signalId);
            if (!Recorder(recorder).HasSeen(signalId))
            {
                throw new SimulationFailure("NothingAcknowledgedIsLost", $"{signalId} was answered {reply} and is not in the stream of {recorder}.");
            }
        }
    }

    /// <summary>An order is being written to a broker's socket.</summary>
    public void OrderSent(EntityId connection, SubmitOrder order, BrokerTraits traits)
    {
        var intent = Connection(connection).Intent(order.ClOrdId)
            ?? throw new SimulationFailure("NoOrderWithoutIntent", $"{order.ClOrdId} is being sent and its intent is not stored.");
        if (world.Now > intent.StoredAt + SendWindow)
        {
            throw new SimulationFailure("NoLateSend", $"{order.ClOrdId} is being sent, and its intent was stored at {intent.StoredAt:O}.");
        }

        intent.Sends++;
        if (intent.Sends > intent.Attempts || (intent.Sends > 1 && !traits.RefusesDuplicates))
        {
            throw new SimulationFailure(
                "NoBlindResend", $"{order.ClOrdId} is sent {intent.Sends} times on {intent.Attempts} stored intents; duplicates refused: {traits.RefusesDuplicates}.");
        }
    }

    /// <summary>The broker has refused to look at it: nothing has come of that send.</summary>
    public void OrderTurnedAway(EntityId connection, string clOrdId) => Connection(connection).Intent(clOrdId)!.Sends--;

    /// <summary>A cancel is being written to a broker's socket.</summary>
    public void CancelSent(EntityId connection, string clOrdId)
    {
        if (!world.Brokers[connection].Orders.Any(order => order.ClOrdId == clOrdId))
        {
            throw new SimulationFailure("CancelNeverOvertakes", $"{clOrdId} is being canceled, and has not reached the broker.");
        }
    }

    public void BrokerTook(EntityId connection, BookedOrder order)
    {
        var account = Account(new EntityId(connection.Tenant, EntityKind.Account, connection.Key));
        if (!account.Orders.TryGetValue(order.ClOrdId, out var planned) || planned.Terms != order.Terms)
        {
            throw new SimulationFailure("NoOrderWithoutPlan", $"The broker took {order.ClOrdId} ({order.Terms}), which the account has not planned so.");
        }

        if (world.Book(connection).Orders.Count(other => other.ClOrdId == order.ClOrdId) > 1)
        {
            throw new SimulationFailure("OneOrderPerPlan", $"The broker holds {order.ClOrdId} twice.");
        }
    }

    public void BrokerTraded(IBrokerBook broker, BookedFill fill, decimal position)
    {
        var account = world.AccountOf(broker.Connection);
        // What nobody could count beforehand may stand on top of the limit, and no more than that.
        var limit = account.Limits.MaxPosition?.Default
            + broker.Fills.Where(other => other.IsUnforeseen && other.Symbol == fill.Symbol).Sum(other => Math.Abs(other.SignedQty));
        // Against other owners' opposite shares a close may rightly open.
        if (Account(account.Id).Owners(fill.Symbol) <= 1 && Math.Abs(position) > limit)
        {
            throw new SimulationFailure("LimitsHold", $"{fill} brings {account.Id} to {position} {fill.Symbol}; {limit} is allowed.");
        }
    }

    /// <summary>A signal has been judged. Whatever a client was told to be safe before this one came must have been judged by then (PROTOCOL 6).</summary>
    public void Judged(EntityId recorder, string signalId)
    {
        _inInbox.Remove(signalId);
        if (world.DeliveryOf(signalId) is not { } meaning)
        {
            return;
        }

        foreach (var (waiting, (of, at)) in _inInbox)
        {
            if (of == recorder && at < meaning.ReceivedAt)
            {
                throw new SimulationFailure("InboxNotOvertaken", $"{signalId} came after {waiting} was said to lie in the inbox, and is judged before it.");
            }
        }
    }

    /// <summary>The account has been told that the order will fill no further.</summary>
    public bool IsOver(EntityId connection, string clOrdId) =>
        Account(new EntityId(connection.Tenant, EntityKind.Account, connection.Key)).Orders.TryGetValue(clOrdId, out var order) && order.IsOver;

    /// <summary>One that reached the broker when it could be taken for never placed is not meant: it is found and canceled.</summary>
    public bool IsWorkingAtBroker(EntityId connection, string clOrdId) =>
        world.Book(connection).Orders.Any(order => order.ClOrdId == clOrdId && order is { IsWorking: true, IsUnforeseen: false });

    /// <summary>The first thing that is not at rest; null when everything is.</summary>
    public string? Unsettled()
    {
        if (world.Door.Unanswered > 0)
        {
            return $"{world.Door.Unanswered} requests have no answer.";
        }

        if (_inInbox.Keys.FirstOrDefault() is { } waiting)
        {
            return $"{waiting} lies in the inbox and is not judged.";
        }

        return _deliveries.Values.Select(delivery => delivery.Unsettled()).FirstOrDefault(open => open is not null)
            ?? _recorders.Values.Select(recorder => recorder.Unsettled()).FirstOrDefault(open => open is not null)
            ?? _recorders.Values.SelectMany(recorder => recorder.Lanes).Select(lane => Account(lane.Account).Unsettled(lane)).FirstOrDefault(open => open is not null)
            ?? _accounts.Values.Select(account => account.Unsettled(world.Book(account.ConnectionId), world.Now)).FirstOrDefault(open => open is not null)
            ?? _operations.Values.Select(operation => operation.Unsettled()).FirstOrDefault(open => open is not null)
            ?? _connections.Values.Select(connection => connection.Unsettled(world.Book(connection.Id))).FirstOrDefault(open => open is not null)
            ?? _paperBooks.Values.Select(book => book.Unsettled()).FirstOrDefault(open => open is not null);
    }

    /// <summary>Whether the account itself has said that what the operation ordered has come true.</summary>
    public bool HasSettled(EntityId account, EntityId operation) => _accounts.TryGetValue(account, out var model) && model.Settled.Contains(operation);

    public bool HasAbandoned(EntityId account) =>
        _accounts.TryGetValue(account, out var model) && model.Orders.Values.Any(order => order.Status == OrdStatus.Abandoned);

    /// <summary>
    /// A halt that was confirmed is final: what was planned before it and not sent never will be (PROTOCOL 11). And no entry is sent that has become too
    /// old meanwhile.
    /// </summary>
    private void CheckIntent(EntityId connection, ConnectionEvent @event)
    {
        var clOrdId = (@event as IntentStored)?.ClOrdId ?? (@event as IntentRenewed)?.ClOrdId;
        var account = Account(new EntityId(connection.Tenant, EntityKind.Account, connection.Key));
        if (clOrdId is not null && account.Orders[clOrdId] is { Purpose: OrderPurpose.Entry } order && order.Halts < account.ConfirmedHalts)
        {
            throw new SimulationFailure(
                "HaltIsFinal", $"{clOrdId} was planned after {order.Halts} halts and gets an intent after {account.ConfirmedHalts} confirmed ones.");
        }

        var at = (@event as IntentStored)?.At ?? (@event as IntentRenewed)?.At;
        if (clOrdId is not null && account.Orders[clOrdId].EnterBy < at)
        {
            throw new SimulationFailure("LateIsNotTraded", $"The entry {clOrdId} gets an intent at {at:O}; it was to be made by {account.Orders[clOrdId].EnterBy:O}.");
        }
    }

    /// <summary>The fan-out that this recorder has fixed for a lane at this place; null when there is none.</summary>
    public FanOutModel? Expected(EntityId account, string recorderKey, string lane, int place) =>
        Recorder(new EntityId(account.Tenant, EntityKind.Recorder, recorderKey)).Lane(lane)?.FanOuts.ElementAtOrDefault(place);

    private void Parked(EntityId id, MessageParked parked)
    {
        if (id.Kind == EntityKind.Recorder && parked.Message.TryGetProperty("signalId", out var signalId))
        {
            _parked.Add(signalId.GetString()!); // Set aside for good, and shown to the operator.
            _inInbox.Remove(signalId.GetString()!);
        }

        if (parked.From is { } from && id.Kind == EntityKind.Account)
        {
            var parts = from.Split('#');
            if (parts[1].Length > 0 && EntityId.Parse(parts[0]).Kind == EntityKind.Recorder)
            {
                Account(id).Pass(EntityId.Parse(parts[0]).Key, parts[1], long.Parse(parts[2]), null, this);
            }
        }
    }

    private static T Get<T>(Dictionary<EntityId, T> models, EntityId id, Func<T> make)
    {
        ref var model = ref CollectionsMarshal.GetValueRefOrAddDefault(models, id, out _);
        return model ??= make();
    }
}

/// <summary>Delivery between entities, read from the meta column alone: marks only rise, and everything sent is acknowledged in the end.</summary>
internal sealed class DeliveryModel(EntityId id)
{
    private DateTimeOffset _at;

    /// <summary>Of the last event.</summary>
    public long Seq { get; private set; }

    private readonly Dictionary<(string Sender, string Lane), long> _received = [];

    /// <summary>By sender, or <c>sender#lane</c>, in the order of those names.</summary>
    public IEnumerable<KeyValuePair<string, long>> Received => _received
        .Select(way => KeyValuePair.Create(way.Key.Lane.Length == 0 ? way.Key.Sender : $"{way.Key.Sender}#{way.Key.Lane}", way.Value))
        .OrderBy(way => way.Key, StringComparer.Ordinal);

    public SortedDictionary<string, (long Last, long Acknowledged)> Sent { get; } = new(StringComparer.Ordinal);

    public void Stored(EventRow row)
    {
        if (row.Seq != ++Seq)
        {
            throw new SimulationFailure("StreamsGapless", $"{id} goes on with event {row.Seq} where {Seq} must stand.");
        }

        if (row.StoredAt < _at)
        {
            throw new SimulationFailure("TimeRunsForward", $"Event {row.Seq} of {id} is of {row.StoredAt:O}, after one of {_at:O}.");
        }

        _at = row.StoredAt;

        if (row.Meta is null)
        {
            return;
        }

        if (ReadReceipt(row))
        {
            return;
        }

        using var meta = JsonDocument.Parse(row.Meta);
        if (meta.RootElement.TryGetProperty("from", out var from))
        {
            Receive(from[0].GetString()!, from[1].GetString()!, from[2].GetInt64(), row.Seq);
        }

        if (meta.RootElement.TryGetProperty("acks", out var acks))
        {
            foreach (var ack in acks.EnumerateArray())
            {
                var (last, known) = Sent[ack[0].GetString()!];
                Sent[ack[0].GetString()!] = (last, Math.Max(known, ack[1].GetInt64()));
            }
        }

        if (meta.RootElement.TryGetProperty("sends", out var sends))
        {
            foreach (var send in sends.EnumerateArray())
            {
                var to = send.GetProperty("to").GetString()!;
                var (last, known) = Sent.GetValueOrDefault(to);
                if (send.GetProperty("n").GetInt64() != last + 1)
                {
                    throw new SimulationFailure("SendsGapless", $"{id} sends message {send.GetProperty("n")} to {to} after {last}, at event {row.Seq}.");
                }

                Sent[to] = (last + 1, known);
            }
        }
    }

    /// <summary>The most frequent meta by far holds where the message came from and nothing else: read without building a document.</summary>
    private bool ReadReceipt(EventRow row)
    {
        var json = new Utf8JsonReader(row.Meta);
        if (!json.Read() || !json.Read() || !json.ValueTextEquals("from"u8) || !json.Read() || !json.Read())
        {
            return false;
        }

        var sender = json.GetString()!;
        json.Read();
        var lane = json.GetString()!;
        json.Read();
        var number = json.GetInt64();
        if (!json.Read() || !json.Read() || json.TokenType != JsonTokenType.EndObject)
        {
            return false;
        }

        Receive(sender, lane, number, row.Seq);
        return true;
    }

    private void Receive(string sender, string lane, long number, long seq)
    {
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_received, (sender, lane), out _);
        if (number <= last)
        {
            throw new SimulationFailure("HandledOnce", $"{id} handled message {number} of {sender}#{lane} again, at event {seq}.");
        }

        if (lane.Length == 0 && number != last + 1)
        {
            throw new SimulationFailure("HandledInOrder", $"{id} handled message {number} of {sender} after {last}.");
        }

        last = number;
    }

    public string? Unsettled() => Sent.Where(lane => lane.Value.Acknowledged < lane.Value.Last)
        .Select(lane => $"{id} has no acknowledgement of message {lane.Value.Acknowledged + 1} to {lane.Key}.").FirstOrDefault();
}
