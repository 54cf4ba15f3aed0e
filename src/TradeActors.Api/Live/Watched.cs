using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Accounts;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;

namespace TradeActors.Api.Live;

/// <summary>What a topic tells of: one account or one recorder.</summary>
/// <param name="Tenant">The caller's own, from its token.</param>
internal readonly record struct Watched(string Tenant, string Kind, string Id)
{
    /// <summary>As clients write it.</summary>
    public string Name => $"{Kind}:{Id}";

    public LiveTopic Topic => new(Tenant, Name);

    public EntityId Entity => new(Tenant, Kind, Id);

    /// <summary>What REST reads to show it.</summary>
    public RowKey Row => new(Kind == EntityKind.Account ? ReadTable.Accounts : ReadTable.Recorders, Tenant, "", Id);
}

/// <summary>Shows rows as REST does.</summary>
internal sealed class Snapshots(IQuoteBook quotes, TimeProvider time)
{
    public object Of(Row row) => row.Key.Table == ReadTable.Accounts
        ? AccountView.Of(RowJson.Deserialize<AccountRow>(row.Doc), quotes, time.GetUtcNow())
        : RowJson.Deserialize<RecorderRow>(row.Doc);
}

internal static class Symbols
{
    /// <exception cref="ApiProblemException">404 for a symbol that is not known.</exception>
    public static string ContractOf(string symbol, DateTimeOffset now) => InstrumentCatalog.Resolve(symbol, now) is { Succeeded: true } known
        ? known.Contract.Symbol
        : throw new ApiProblemException(404, "UnknownSymbol", "Not found", InstrumentCatalog.Resolve(symbol, now).Error!);
}
