namespace TradeActors.Domain.Recorders;

/// <summary>What one recorder, or one subscription on one account, has done in the instrument's trading day, as its filters count it.</summary>
/// <param name="TradingDate">yyyy-MM-dd. A later date begins anew; an instrument whose date is still the earlier one counts on the present one.</param>
/// <param name="Entries">Accepted signals that entered.</param>
/// <param name="Offered">Entries that passed every other filter: what "every Nth" counts.</param>
/// <param name="Realized">Profit of what was closed, before commissions, account currency.</param>
/// <param name="LastEntryAt">When the last accepted entry was received; kept over the end of the day.</param>
public sealed record EntryTally(string TradingDate, int Entries, int Offered, decimal Realized, DateTimeOffset? LastEntryAt)
{
    public static readonly EntryTally None = new("", 0, 0, 0m, null);

    /// <summary>As it stands on a trading date: empty but for the last entry's time when the date is later.</summary>
    public EntryTally On(string tradingDate) =>
        string.CompareOrdinal(tradingDate, TradingDate) > 0 ? None with { TradingDate = tradingDate, LastEntryAt = LastEntryAt } : this;

    public EntryTally WithEntry(string tradingDate, DateTimeOffset receivedAt)
    {
        var today = On(tradingDate);
        return today with
        {
            Entries = today.Entries + 1,
            Offered = today.Offered + 1,
            LastEntryAt = today.LastEntryAt > receivedAt ? today.LastEntryAt : receivedAt,
        };
    }

    /// <summary>An entry that only "every Nth" refused.</summary>
    public EntryTally WithOffer(string tradingDate)
    {
        var today = On(tradingDate);
        return today with { Offered = today.Offered + 1 };
    }

    public EntryTally WithRealized(string tradingDate, decimal profit)
    {
        var today = On(tradingDate);
        return today with { Realized = today.Realized + profit };
    }
}
