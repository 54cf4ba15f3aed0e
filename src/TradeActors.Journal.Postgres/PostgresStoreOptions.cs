namespace TradeActors.Journal.Postgres;

/// <summary>Where a cluster's store lives and what its first start writes down.</summary>
public sealed class PostgresStoreOptions
{
    /// <summary>Npgsql's keywords. What it does not name is set as this engine needs it: no GSS encryption, statements prepared, bounds on waiting.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Kept in the store at the first start; another number later is refused.</summary>
    /// <value>128.</value>
    public int ShardCount { get; init; } = 128;

    /// <summary>Makes the installation's incarnation: 4 of <c>a-z 0-9</c>. Called at the first start only.</summary>
    public required Func<string> NewIncarnation { get; init; }

    /// <summary>For how long a claim waits before it ends whoever holds the shards. Rows have the server's time.</summary>
    /// <value>The system's.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Runs right before a transaction is sent or committed. Tests fail it to see a transaction that stores nothing.</summary>
    internal Func<Task>? BeforeCommit { get; set; }

    /// <summary>Runs right after a commit, before anybody is answered. Tests fail it to lose the answer.</summary>
    internal Func<Task>? AfterCommit { get; set; }
}
