using System.Text.Json;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;
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
    private readonly SortedDictionary<EntityId, RecorderModel> _recorders = [];
    private readonly SortedDictionary<EntityId, AccountModel> _accounts = [];
    private readonly SortedDictionary<EntityId, ConnectionModel> _connections = [];
    private readonly SortedDictionary<EntityId, OperationModel> _operations = [];
    private readonly SortedDictionary<EntityId, DeliveryModel> _deliveries = [];
    private readonly SortedSet<string> _acknowledged = new(StringComparer.Ordinal);

    public AccountModel Account(EntityId id) => Get(_accounts, id, () => new AccountModel(id));

    public RecorderModel Recorder(EntityId id) => Get(_recorders, id, () => new RecorderModel(id, world));

    public ConnectionModel Connection(EntityId id) => Get(_connections, id, () => new ConnectionModel(id, world));

    public IEnumerable<AccountModel> Accounts => _accounts.Values;

    public IEnumerable<ConnectionModel> Connections => _connections.Values;

    public IEnumerable<DeliveryModel> Deliveries => _deliveries.Values;

    public int Acknowledgements => _acknowledged.Count;

    public int Accepted => _recorders.Values.Sum(recorder => recorder.FanOuts.Count);

    /// <summary>An event has been stored.</summary>
    public void Stored(EntityId id, EventRow row)
    {
        Get(_deliveries, id, () => new DeliveryModel(id)).Stored(row);
        switch (world.Types.Decode(row.Type, row.Payload))
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
                break;
            case ConnectionEvent e:
                CheckHalt(id, e);
                Connection(id).Stored(e);
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
    public void Acknowledged(EntityId recorder, string signalId, object reply)
    {
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
        if (world.Now > intent.SendBefore)
        {
            throw new SimulationFailure("NoLateSend", $"{order.ClOrdId} is being sent after its deadline of {intent.SendBefore:O}.");
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

        if (world.Brokers[connection].Orders.Count(other => other.ClOrdId == order.ClOrdId) > 1)
        {
            throw new SimulationFailure("OneOrderPerPlan", $"The broker holds {order.ClOrdId} twice.");
        }
    }

    /// <summary>The largest position that the account may open; null for any.</summary>
    public decimal? LimitOf(EntityId account) => world.Workload.Accounts.First(known => known.Id == account).Limits.MaxPosition?.Default;

    public void BrokerTraded(SimBroker broker, BookedFill fill, decimal position)
    {
        var account = world.Workload.Accounts.First(account => account.Connection == broker.Connection);
        // What nobody could count beforehand may stand on top of the limit, and no more than that.
        var limit = account.Limits.MaxPosition?.Default
            + broker.Fills.Where(other => other.IsUnforeseen && other.Symbol == fill.Symbol).Sum(other => Math.Abs(other.SignedQty));
        // Against other owners' opposite shares a close may rightly open.
        if (Account(account.Id).Owners(fill.Symbol) <= 1 && Math.Abs(position) > limit)
        {
            throw new SimulationFailure("LimitsHold", $"{fill} brings {account.Id} to {position} {fill.Symbol}; {limit} is allowed.");
        }
    }

    /// <summary>The account has been told that the order will fill no further.</summary>
    public bool IsOver(EntityId connection, string clOrdId) =>
        Account(new EntityId(connection.Tenant, EntityKind.Account, connection.Key)).Orders.TryGetValue(clOrdId, out var order) && order.IsOver;

    /// <summary>One that reached the broker when it could be taken for never placed is not meant: it is found and canceled.</summary>
    public bool IsWorkingAtBroker(EntityId connection, string clOrdId) =>
        world.Brokers[connection].Orders.Any(order => order.ClOrdId == clOrdId && order is { IsWorking: true, IsUnforeseen: false });

    /// <summary>The first thing that is not at rest; null when everything is.</summary>
    public string? Unsettled()
    {
        if (world.Door.Unanswered > 0)
        {
            return $"{world.Door.Unanswered} requests have no answer.";
        }

        return _deliveries.Values.Select(delivery => delivery.Unsettled()).FirstOrDefault(open => open is not null)
            ?? _recorders.Values.Select(recorder => recorder.Unsettled()).FirstOrDefault(open => open is not null)
            ?? _recorders.Values.SelectMany(recorder => recorder.Lanes).Select(lane => Account(lane.Account).Unsettled(lane)).FirstOrDefault(open => open is not null)
            ?? _accounts.Values.Select(account => account.Unsettled(world.Brokers[account.ConnectionId], world.Now)).FirstOrDefault(open => open is not null)
            ?? _operations.Values.Select(operation => operation.Unsettled()).FirstOrDefault(open => open is not null)
            ?? _connections.Values.Select(connection => connection.Unsettled(world.Brokers[connection.Id])).FirstOrDefault(open => open is not null);
    }

    /// <summary>Whether the account itself has said that what the operation ordered has come true.</summary>
    public bool HasSettled(EntityId account, EntityId operation) => _accounts.TryGetValue(account, out var model) && model.Settled.Contains(operation);

    public bool HasAbandoned(EntityId account) =>
        _accounts.TryGetValue(account, out var model) && model.Orders.Values.Any(order => order.Status == OrdStatus.Abandoned);

    /// <summary>A halt that was confirmed is final: what was planned before it and not sent never will be (PROTOCOL 11).</summary>
    private void CheckHalt(EntityId connection, ConnectionEvent @event)
    {
        var clOrdId = (@event as IntentStored)?.ClOrdId ?? (@event as IntentRenewed)?.ClOrdId;
        var account = Account(new EntityId(connection.Tenant, EntityKind.Account, connection.Key));
        if (clOrdId is not null && account.Orders[clOrdId] is { Purpose: OrderPurpose.Entry } order && order.Halts < account.ConfirmedHalts)
        {
            throw new SimulationFailure(
                "HaltIsFinal", $"{clOrdId} was planned after {order.Halts} halts and gets an intent after {account.ConfirmedHalts} confirmed ones.");
        }
    }

    /// <summary>The fan-out that this recorder has fixed for a lane at this place; null when there is none.</summary>
    public FanOutModel? Expected(string recorderKey, string lane, int place) =>
        Recorder(new EntityId(SimWorld.Tenant, EntityKind.Recorder, recorderKey)).Lane(lane)?.FanOuts.ElementAtOrDefault(place);

    private void Parked(EntityId id, MessageParked parked)
    {
        if (parked.From is { } from && id.Kind == EntityKind.Account)
        {
            var parts = from.Split('#');
            if (parts[1].Length > 0 && EntityId.Parse(parts[0]).Kind == EntityKind.Recorder)
            {
                Account(id).Pass(EntityId.Parse(parts[0]).Key, parts[1], long.Parse(parts[2]), null, this);
            }
        }
    }

    private static T Get<T>(SortedDictionary<EntityId, T> models, EntityId id, Func<T> make)
    {
        if (!models.TryGetValue(id, out var model))
        {
            models.Add(id, model = make());
        }

        return model;
    }
}

/// <summary>Delivery between entities, read from the meta column alone: marks only rise, and everything sent is acknowledged in the end.</summary>
internal sealed class DeliveryModel(EntityId id)
{
    private long _seq;

    public SortedDictionary<string, long> Received { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, (long Last, long Acknowledged)> Sent { get; } = new(StringComparer.Ordinal);

    public void Stored(EventRow row)
    {
        if (row.Seq != ++_seq)
        {
            throw new SimulationFailure("StreamsGapless", $"{id} goes on with event {row.Seq} where {_seq} must stand.");
        }

        if (row.Meta is null)
        {
            return;
        }

        using var meta = JsonDocument.Parse(row.Meta);
        if (meta.RootElement.TryGetProperty("from", out var from))
        {
            var lane = from[1].GetString()!.Length == 0 ? from[0].GetString()! : $"{from[0].GetString()}#{from[1].GetString()}";
            var number = from[2].GetInt64();
            if (number <= Received.GetValueOrDefault(lane))
            {
                throw new SimulationFailure("HandledOnce", $"{id} handled message {number} of {lane} again, at event {row.Seq}.");
            }

            if (from[1].GetString()!.Length == 0 && number != Received.GetValueOrDefault(lane) + 1)
            {
                throw new SimulationFailure("HandledInOrder", $"{id} handled message {number} of {lane} after {Received.GetValueOrDefault(lane)}.");
            }

            Received[lane] = number;
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
                Sent[to] = (send.GetProperty("n").GetInt64(), Sent.GetValueOrDefault(to).Acknowledged);
            }
        }
    }

    public string? Unsettled() => Sent.Where(lane => lane.Value.Acknowledged < lane.Value.Last)
        .Select(lane => $"{id} has no acknowledgement of message {lane.Value.Acknowledged + 1} to {lane.Key}.").FirstOrDefault();
}
