using System.Globalization;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Market;
using TradeActors.Domain.Orders;

namespace TradeActors.Api.Udf;

/// <summary>A tenant's own fills as marks on the chart.</summary>
internal static class UdfFills
{
    // Marks are for the eye: the newest fills of so many accounts, and no more than a chart can show.
    private const int MostAccounts = 100;
    private const int MostPerAccount = 500;

    /// <summary>Each mark stands at the bar of its fill, as charts demand.</summary>
    public static async Task<UdfMarks> MarksAsync(UdfRange range, string tenant, IReadStore store, CancellationToken ct)
    {
        var marks = new List<(string Id, long Bar, FillRow Fill, string Account)>();
        foreach (var row in await store.ListAsync(new RowQuery(ReadTable.Accounts, tenant, "", MostAccounts), ct).ConfigureAwait(false))
        {
            var account = RowJson.Deserialize<AccountRow>(row.Doc);
            var fills = await store.ListAsync(
                new RowQuery(ReadTable.Fills, tenant, account.Id, MostPerAccount, NewestFirst: true), ct).ConfigureAwait(false);
            marks.AddRange(
                from stored in fills
                let fill = RowJson.Deserialize<FillRow>(stored.Doc)
                where fill.Symbol == range.Contract.Symbol
                let bar = CandleTime.StartOf(range.Resolution, range.Contract.Instrument, fill.At)
                where bar >= range.From && bar <= range.To
                select ($"{account.Id}/{fill.Id}", bar.ToUnixTimeSeconds(), fill, account.Name));
        }

        marks.Sort((a, b) => (a.Bar, a.Fill.At).CompareTo((b.Bar, b.Fill.At)));
        return new UdfMarks(
            [.. marks.Select(mark => mark.Id)], [.. marks.Select(mark => mark.Bar)], [.. marks.Select(mark => IsBuy(mark.Fill) ? "green" : "red")],
            [.. marks.Select(mark => Text(mark.Fill, mark.Account))], [.. marks.Select(mark => IsBuy(mark.Fill) ? "B" : "S")],
            [.. marks.Select(_ => "white")], [.. marks.Select(_ => 14)]);
    }

    private static bool IsBuy(FillRow fill) => fill.Side == Side.Buy;

    private static string Text(FillRow fill, string account) => string.Create(
        CultureInfo.InvariantCulture, $"{(IsBuy(fill) ? "Bought" : "Sold")} {fill.Quantity} at {fill.Price} ({account})");
}
