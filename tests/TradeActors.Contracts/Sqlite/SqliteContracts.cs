using TradeActors.Contracts.Journal;
using TradeActors.Contracts.Market;
using TradeActors.Contracts.ReadModel;
using TradeActors.Contracts.Users;

namespace TradeActors.Contracts.Sqlite;

public sealed class SqliteJournalTests() : JournalContract(new SqliteData());

public sealed class SqliteInboxTests() : InboxContract(new SqliteData());

public sealed class SqliteReadStoreTests() : ReadStoreContract(new SqliteData());

public sealed class SqliteLiveStoreTests() : LiveStoreContract(new SqliteData());

public sealed class SqliteUserStoreTests() : UserStoreContract(new SqliteData());

public sealed class SqliteQuoteStoreTests() : QuoteStoreContract(new SqliteData());

public sealed class SqliteCandleStoreTests() : CandleStoreContract(new SqliteData());

public sealed class SqliteEquityStoreTests() : EquityStoreContract(new SqliteData());

/// <summary>A database in a folder of the test's own.</summary>
internal sealed class SqliteData : IStoreData
{
    private readonly TempFolder _folder = new();

    public async Task<IStoreUnderTest> OpenAsync(int shardCount) => await SqliteStoreUnderTest.OpenAsync(_folder.Path, shardCount);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
