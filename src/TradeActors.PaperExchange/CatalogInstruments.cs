using TradeActors.Domain.Instruments;

namespace TradeActors.PaperExchange;

/// <summary>The instrument catalog as the paper exchange asks for it.</summary>
/// <param name="keepsSessionHours"><c>tradeactors:market:session-hours</c>.</param>
public sealed class CatalogInstruments(bool keepsSessionHours) : IPaperInstruments
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
