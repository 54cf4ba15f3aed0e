using System.Text.Json;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Orders;
using TradeActors.PaperExchange;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>What must hold when the world has come to rest.</summary>
internal sealed class FinalChecks(SimWorld world)
{
    public void Run()
    {
        foreach (var id in world.Journal.Streams)
        {
            CheckReplay(id);
        }

        foreach (var book in world.Model.PaperBooks)
        {
            book.Check((PaperExchangeState)Replay(book.ExchangeId, fromSnapshot: false));
        }

        foreach (var account in world.Model.Accounts)
        {
            CheckAccount(account, (AccountState)Replay(account.Id, fromSnapshot: false));
        }

        new SignalChecks(world).Run();
    }

    private IEntityBehavior RulesOf(EntityId id) => world.Rules.First(rules => rules.Kind == id.Kind);

    private object Replay(EntityId id, bool fromSnapshot)
    {
        var rules = RulesOf(id);
        var (state, seq) = (rules.Empty, 0L);
        if (fromSnapshot && world.Journal.Snapshot(id) is { } snapshot && snapshot.Schema == rules.SnapshotSchema)
        {
            using var stored = JsonDocument.Parse(snapshot.State);
            state = world.Types.Decode(
                stored.RootElement.GetProperty("type").GetString()!, System.Text.Encoding.UTF8.GetBytes(stored.RootElement.GetProperty("state").GetRawText()));
            seq = snapshot.Seq;
        }

        foreach (var row in world.Journal.Events(id).Skip((int)seq))
        {
            var @event = world.Read(row);
            state = @event is RuntimeEvent ? state : rules.Apply(state, @event);
        }

        return state;
    }

    /// <summary>A snapshot is a cache: with it and without it the same state comes of a stream.</summary>
    private void CheckReplay(EntityId id)
    {
        var (_, whole) = world.Types.Encode(Replay(id, fromSnapshot: false));
        var (_, shortened) = world.Types.Encode(Replay(id, fromSnapshot: true));
        if (!whole.AsSpan().SequenceEqual(shortened))
        {
            throw new SimulationFailure("ReplayIsState", $"{id} by its events is {Text(whole)}, and with its snapshot {Text(shortened)}.");
        }

        CheckDelivery(id);
    }

    private void CheckDelivery(EntityId id)
    {
        if (world.Journal.Snapshot(id) is not { } snapshot)
        {
            return;
        }

        var model = new DeliveryModel(id);
        foreach (var row in world.Journal.Events(id).Take((int)snapshot.Seq))
        {
            model.Stored(row);
        }

        using var stored = JsonDocument.Parse(snapshot.State);
        var received = stored.RootElement.GetProperty("received").EnumerateObject().Select(lane => (lane.Name, lane.Value.GetInt64()));
        var sent = stored.RootElement.GetProperty("out").EnumerateObject().Select(lane => (
            lane.Name, lane.Value.GetProperty("last").GetInt64(), (long)lane.Value.GetProperty("waiting").GetArrayLength()));
        if (!received.OrderBy(lane => lane.Name, StringComparer.Ordinal).SequenceEqual(model.Received.Select(lane => (lane.Key, lane.Value)))
            || !sent.OrderBy(lane => lane.Name, StringComparer.Ordinal).SequenceEqual(
                model.Sent.Select(lane => (lane.Key, lane.Value.Last, lane.Value.Last - lane.Value.Acknowledged))))
        {
            throw new SimulationFailure("ReplayIsState", $"The delivery part of the snapshot of {id} at {snapshot.Seq} is not what its events say.");
        }
    }

    private void CheckAccount(AccountModel model, AccountState state)
    {
        var broker = world.Book(model.ConnectionId);
        var unbooked = broker.Fills.FirstOrDefault(fill => !model.ExecIds.Contains(fill.ExecId));
        Require(unbooked is null, model, $"{unbooked} is not booked.");
        Require(model.ExecIds.Count == broker.Fills.Count, model, "More fills are booked than were made.");

        foreach (var (symbol, quantity) in broker.Positions)
        {
            var booked = model.Positions.GetValueOrDefault(symbol);
            Require(booked == quantity, model, $"The broker holds {quantity} {symbol}; {booked} is booked.");
            Require(state.Net(symbol) == booked, model, $"Its state says {state.Net(symbol)} {symbol}, its fills {booked}.");
            var shares = state.Shares.Values.Where(share => share.Symbol == symbol).Sum(share => share.Quantity);
            Require(shares == booked, model, $"Its shares of {symbol} make {shares}, its fills {booked}.");
        }

        foreach (var share in state.Shares.Values)
        {
            var key = AccountModel.Key(share.Owner, share.Symbol);
            Require(share.Quantity == model.Shares.GetValueOrDefault(key), model, $"{share} is not {model.Shares.GetValueOrDefault(key)}, the sum of its fills.");
        }

        foreach (var order in state.Orders.Values)
        {
            CheckOrder(model, order, broker);
        }
    }

    private static void CheckOrder(AccountModel model, AccountOrder order, IBrokerBook broker)
    {
        var known = model.Orders[order.ClOrdId];
        Require(order.CumQty == known.CumQty && order.CumQty <= order.Terms.OrderQty, model, $"{order.ClOrdId} has {order.CumQty} filled; its fills make {known.CumQty}.");
        var booked = broker.Orders.FirstOrDefault(booked => booked.ClOrdId == order.ClOrdId);
        Require(
            order.IsLive ? order.Status == OrdStatus.Abandoned || booked is { IsWorking: true } : booked is null or { IsWorking: false },
            model, $"{order.ClOrdId} is {order.Status} here and {booked?.Status.ToString() ?? "not known"} at the broker.");
    }

    private static void Require(bool holds, AccountModel model, string otherwise)
    {
        if (!holds)
        {
            throw new SimulationFailure("BooksAgree", $"{model.Id}: {otherwise}");
        }
    }

    private static string Text(byte[] json) => System.Text.Encoding.UTF8.GetString(json);
}
