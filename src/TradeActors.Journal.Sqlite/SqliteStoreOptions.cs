namespace TradeActors.Journal.Sqlite;

/// <summary>Where the one-process store lives and what its first start writes down.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>The folder of the database; made when it is missing. One process at a time.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Kept in the store at the first start; another number later is refused.</summary>
    /// <value>128.</value>
    public int ShardCount { get; init; } = 128;

    /// <summary>Makes the installation's incarnation: 4 of <c>a-z 0-9</c>. Called at the first start only.</summary>
    public required Func<string> NewIncarnation { get; init; }

    /// <summary>Dates the rows that nobody else dates (tenants, the installation).</summary>
    public required TimeProvider TimeProvider { get; init; }

    /// <summary>Read connections kept open: how many reads run at the same time.</summary>
    /// <value>4.</value>
    public int Readers { get; init; } = 4;

    /// <summary>Runs inside the writer right before every COMMIT. Tests fail it to see a transaction that stores nothing.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <summary>Runs inside the writer right after every COMMIT, before anybody is answered. Tests fail it to lose the answer.</summary>
    internal Action? AfterCommit { get; set; }
}
