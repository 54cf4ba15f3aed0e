using System.Collections.Immutable;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Market;
using TradeActors.Market;
using TradeActors.PaperExchange;
using TradeActors.Runtime.Shell;

namespace TradeActors.Node.Hosting;

/// <summary>
/// Joins the quote pipeline with the entities, which want each other: quotes go to the node's loops, and the loops say which contracts they want.
/// The two ends are set once, before either starts.
/// </summary>
internal sealed class MarketWiring : IQuoteConsumer, IQuoteInterest
{
    public MarketPipeline Pipeline { get => field ?? throw new InvalidOperationException("The pipeline is not wired yet."); set; }

    public EntityNode Node { get => field ?? throw new InvalidOperationException("The node is not wired yet."); set; }

    public ValueTask DeliverAsync(string symbol, ImmutableArray<Quote> inOrder, CancellationToken ct) => new(Node.DeliverQuotesAsync(symbol, inOrder));

    public Quote? Began(string symbol) => Pipeline.InterestBegan(symbol);

    public void Ended(string symbol) => Pipeline.InterestEnded(symbol);
}

/// <summary>The instrument catalog as the paper exchange asks for it.</summary>
/// <param name="keepsSessionHours"><c>tradeactors:market:session-hours</c>.</param>
internal sealed class CatalogInstruments(bool keepsSessionHours) : IPaperInstruments
{
    public PaperInstrument? Find(string symbol) => InstrumentCatalog.FindContract(symbol) is { Instrument: var instrument }
        ? new PaperInstrument(instrument.TickSize, instrument.PointValue, instrument.QuantityStep, PaperMarginDefaults.Of(instrument))
        : null;

    public string RootOf(string symbol) => InstrumentCatalog.FindContract(symbol)!.Instrument.Root;

    public DateTimeOffset? ClosedUntil(string symbol, DateTimeOffset at)
    {
        if (!keepsSessionHours)
        {
            return null;
        }

        var instant = NodaTime.Instant.FromDateTimeOffset(at);
        var opens = InstrumentCatalog.FindContract(symbol)!.Instrument.Calendar.NextOpening(instant);
        return opens == instant ? null : opens.ToDateTimeOffset();
    }

    /// <summary>The end of the first session that is not over yet.</summary>
    public DateTimeOffset DayEnd(string symbol, DateTimeOffset now)
    {
        var calendar = InstrumentCatalog.FindContract(symbol)!.Instrument.Calendar;
        var date = calendar.TradingDate(NodaTime.Instant.FromDateTimeOffset(now));
        while (true)
        {
            if (calendar.IsTradingDate(date) && calendar.SessionEnd(date).ToDateTimeOffset() is var end && end > now)
            {
                return end;
            }

            date = date.PlusDays(1);
        }
    }
}
