using TradeActors.Domain.Accounts;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Orders;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Model;

/// <summary>
/// No account opens anything once it has lost what it may in a day, open loss included: by its own fills, and by the last quotes that some node knew when
/// it decided.
/// </summary>
internal sealed class LossModel(SimWorld world)
{
    private readonly SortedDictionary<EntityId, Book> _books = [];

    private sealed class Book
    {
        public decimal? Limit { get; set; }
        public decimal Realized { get; set; }
        public SortedDictionary<string, (decimal Quantity, decimal Cost)> Positions { get; } = new(StringComparer.Ordinal);
    }

    public void Stored(EntityId account, AccountEvent @event)
    {
        if (!_books.TryGetValue(account, out var book))
        {
            _books.Add(account, book = new Book());
        }

        switch (@event)
        {
            case AccountOpened e:
                book.Limit = e.Limits.MaxDailyLoss;
                break;
            case LimitsChanged e:
                book.Limit = e.Limits.MaxDailyLoss;
                break;
            case TradeBooked e:
                Trade(book, e);
                break;
            case OrderPlanned { Purpose: OrderPurpose.Entry } e when book.Limit is { } limit:
                Check(account, book, e, limit);
                break;
        }
    }

    private static void Trade(Book book, TradeBooked e)
    {
        var (quantity, cost) = book.Positions.GetValueOrDefault(e.Symbol);
        var signed = e.LastQty * e.Side.Sign;
        var closed = Math.Sign(quantity) == -Math.Sign(signed) ? Math.Min(Math.Abs(quantity), e.LastQty) : 0m;
        var closedCost = closed == 0m ? 0m : cost * closed / Math.Abs(quantity);
        var opened = e.LastQty - closed;
        book.Realized += ((e.LastPx * closed * Math.Sign(quantity)) - closedCost) * PointValue(e.Symbol) - e.Commission;
        book.Positions[e.Symbol] = (quantity + signed, cost - closedCost + (opened * e.LastPx * e.Side.Sign));
    }

    private void Check(EntityId account, Book book, OrderPlanned e, decimal limit)
    {
        var held = book.Positions.GetValueOrDefault(e.Terms.Symbol).Quantity;
        if (held * -e.Terms.Side.Sign >= e.Terms.OrderQty)
        {
            return; // May only have reduced.
        }

        // A hair's breadth for averages that were rounded on the way.
        if (!world.Nodes.Any(node => Worth(book, node.Number, e.At) > -limit - 0.001m))
        {
            throw new SimulationFailure(
                "LossLimitHolds", $"{account} has realized {book.Realized}, may lose {limit}, and has planned {e.ClOrdId}: no node knew quotes that allow it.");
        }
    }

    /// <summary>Realised and open together, by the kindest of the quotes that this node knew then; null when one is missing.</summary>
    private decimal? Worth(Book book, int node, DateTimeOffset at)
    {
        decimal? sum = book.Realized;
        foreach (var (symbol, (quantity, cost)) in book.Positions.Where(position => position.Value.Quantity != 0m))
        {
            sum += world.Model.Market.LastAt(node, symbol, at)
                .Max(quote => quote is null ? (decimal?)null : (((quantity > 0m ? quote.Bid : quote.Ask) * quantity) - cost) * PointValue(symbol));
        }

        return sum;
    }

    private static decimal PointValue(string symbol) => InstrumentCatalog.FindContract(symbol)?.Instrument.PointValue ?? 1m;
}
