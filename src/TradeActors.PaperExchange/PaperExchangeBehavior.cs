using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;

namespace TradeActors.PaperExchange;

/// <summary>Binds <see cref="PaperExchange"/> to the entity port: one book per connection, under the connection's key.</summary>
public sealed class PaperExchangeBehavior(IPaperInstruments instruments) : IEntityBehavior
{
    public string Kind => EntityKind.PaperExchange;

    public int SnapshotSchema => 3;

    public object Empty => PaperExchangeState.Empty;

    public Reaction Decide(object state, object message, in EntityContext context)
    {
        var lookedUp = context.LookedUp is { } row ? RowJson.Deserialize<BrokerOrder>(row.Doc) : null;
        return PaperExchange.Decide((PaperExchangeState)state, message, new PaperContext(context.Self.Key, context.Now, instruments, lookedUp));
    }

    public object Apply(object state, object @event) => PaperExchange.Apply((PaperExchangeState)state, @event);

    public Pending Pending(EntityId self, object state)
    {
        var working = ((PaperExchangeState)state).Working;
        return new Pending(
            [],
            [
                .. Timer(PaperExchange.ArrivalTimer, working.Values.Min(order => order.WorksFrom)),
                .. Timer(PaperExchange.DayEndTimer, working.Values.Min(order => order.ExpireAt)),
            ],
            [],
            [.. working.Values.Select(order => order.Terms.Symbol).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    private static ImmutableArray<EntityTimer> Timer(string key, DateTimeOffset? due) => due is { } at ? [new EntityTimer(key, at)] : [];

    /// <summary>One row per ClOrdID: written when the order is placed, so that the id is known for ever, and again with its end.</summary>
    public void Project(EntityId self, object before, StampedEvent @event, object after, IRowSink rows)
    {
        var (number, isNew) = @event.Event switch
        {
            PaperOrderAccepted e => (e.Order, true),
            PaperOrderRejected e => (e.Order, true),
            PaperOrderFilled e => (e.Order, false),
            PaperOrderCanceled e => (e.Order, false),
            PaperOrderExpired e => (e.Order, false),
            _ => (0L, false),
        };
        var state = (PaperExchangeState)after;
        if ((isNew || state.Finished.ContainsKey(number)) && state.Find(number) is { ClOrdId: { } clOrdId } order && IsNewest(state, clOrdId, number))
        {
            rows.Put(RowOf(self, clOrdId), number, order.Status.ToString(), order);
        }
    }

    public ImmutableArray<RowKey> Lookup(EntityId self, object state, object message) => (PaperExchangeState)state switch
    {
        { HasEvicted: true } book when NameToLookUp(book, message) is { } clOrdId && !book.ByClOrdId.ContainsKey(clOrdId) => [RowOf(self, clOrdId)],
        _ => [],
    };

    private static string? NameToLookUp(PaperExchangeState book, object message) => message switch
    {
        PlacePaperOrder m when book.Settings!.RefusesDuplicates => m.ClOrdId,
        FindPaperOrder m => m.ClOrdId,
        _ => null,
    };

    // Where duplicates are let in, the end of an older one must not overwrite the row of a newer.
    private static bool IsNewest(PaperExchangeState state, string clOrdId, long number) => state.ByClOrdId.GetValueOrDefault(clOrdId) == number;

    private static RowKey RowOf(EntityId self, string clOrdId) => new(ReadTable.PaperOrders, self.Tenant, self.Key, clOrdId);
}
