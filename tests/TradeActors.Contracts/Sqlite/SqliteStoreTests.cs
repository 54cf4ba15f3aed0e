using System.Globalization;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Journal.Sqlite;
using Xunit;

namespace TradeActors.Contracts.Sqlite;

/// <summary>What is SQLite's own: the folder, its lock, the schema version, and a disk that fails.</summary>
public sealed class SqliteStoreTests : IDisposable
{
    private const int ShardCount = 8;

    private readonly TempFolder _folder = new();

    private string DatabaseFile => Path.Combine(_folder.Path, "tradeactors.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Missing_folder_is_made()
    {
        var inner = Path.Combine(_folder.Path, "a", "b");
        await using var store = await OpenAsync(inner);
        Assert.True(File.Exists(Path.Combine(inner, "tradeactors.db")));
    }

    [Fact]
    public async Task Folder_in_use_is_refused_with_the_pid_of_its_holder_and_free_after_the_close()
    {
        var first = await OpenAsync(_folder.Path);
        var refused = await Assert.ThrowsAsync<StoreOpenException>(() => OpenAsync(_folder.Path));
        Assert.Contains(_folder.Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
        await first.DisposeAsync();
        await using var second = await OpenAsync(_folder.Path);
    }

    [Fact]
    public async Task Lock_and_pid_files_left_by_a_killed_process_do_not_stop_the_next()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "tradeactors.lock"), "");
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "tradeactors.pid"), "1");
        await using var store = await OpenAsync(_folder.Path);
    }

    [Fact]
    public async Task Other_shard_count_is_refused_and_named()
    {
        await (await OpenAsync(_folder.Path)).DisposeAsync();
        var refused = await Assert.ThrowsAsync<StoreOpenException>(() => SqliteStoreUnderTest.OpenAsync(_folder.Path, 16));
        Assert.Contains("8 shards", refused.Message, StringComparison.Ordinal);
        Assert.Contains("16 are configured", refused.Message, StringComparison.Ordinal);
        await using var store = await OpenAsync(_folder.Path);
    }

    [Fact]
    public async Task Newer_schema_is_refused_with_both_versions()
    {
        await (await OpenAsync(_folder.Path)).DisposeAsync();
        using (var db = Connect())
        {
            db.Execute("PRAGMA user_version = 99");
        }

        var refused = await Assert.ThrowsAsync<StoreOpenException>(() => OpenAsync(_folder.Path));
        Assert.Contains("version 99", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"up to {Migrations.Newest}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_of_the_first_schema_gets_what_came_later_and_keeps_what_it_has()
    {
        Batteries_V2.Init();
        using (var db = Connect())
        {
            Migrations.Apply(db, DatabaseFile, upTo: 1);
            db.Execute(
                """
                INSERT INTO installation (one, incarnation, shard_count, created_at) VALUES (1, 'k3x9', 8, 0);
                INSERT INTO shards (shard, epoch, node, inbox_last) VALUES (0, 0, '', 0), (1, 0, '', 0), (2, 0, '', 0), (3, 0, '', 0), (4, 0, '', 0), (5, 0, '', 0),
                    (6, 0, '', 0), (7, 0, '', 0);
                INSERT INTO tenants (id, name, created_at) VALUES ('t1', 'T1', 1000);
                INSERT INTO users (id, tenant, email, email_key, password_hash, roles, created_at)
                    VALUES ('u1', 't1', 'ann@example.com', 'ANN@EXAMPLE.COM', 'hash', 'operator,owner', 1000);
                INSERT INTO events (entity, seq, type, payload, stored_at) VALUES (@account, 1, 'x', x'7b7d', 1000);
                """, new { account = Given.Account("a").ToString() });
        }

        await using var later = await OpenAsync(_folder.Path);
        Assert.Single((await later.Journal.LoadAsync(Given.Account("a"), 1, default)).Events);
        Assert.Equal(
            new UserRecord("u1", "t1", "ann@example.com", "hash", "operator,owner", DateTimeOffset.FromUnixTimeMilliseconds(1000)),
            await later.Users.FindByEmailAsync("ann@example.com", default));
        Assert.Empty(await later.Reads.ListKeysAsync(ReadTable.Operations, null, default));
        Assert.Empty(await later.Reads.ListKeysAsync(ReadTable.OperationResults, null, default));
    }

    [Theory]
    [InlineData(ReadTable.Orders, "createdAt")]
    [InlineData(ReadTable.Fills, "at")]
    [InlineData(ReadTable.Signals, "receivedAt")]
    public async Task Rows_that_the_second_schema_had_by_number_stand_by_time_then(ReadTable table, string member)
    {
        DateTimeOffset[] times = [Given.At, Given.At.AddMilliseconds(1), Given.At.AddTicks(25_001), Given.At.AddHours(-1)];
        Row[] rows = [.. times.Select((at, i) => Given.Row($"o{i}", sort: 70_000 + i, table: table) with { Doc = Given.Bytes($$"""{"{{member}}":"{{at:O}}"}""") })];
        var store = await OpenAsync(_folder.Path);
        var part = new EntityAppend(Given.Account("a"), 0, await ClaimAsync(store), 0, [Given.Event(1)], [.. rows.Select(Given.Put)], null, null);
        Same.Items([AppendOutcome.Stored], await store.Journal.AppendAsync([part], default));
        await store.DisposeAsync();
        using (var db = Connect())
        {
            db.Execute("DROP TABLE candles; DROP TABLE equity; DROP TABLE inbox; PRAGMA user_version = 3");
        }

        await using var later = await OpenAsync(_folder.Path);
        var found = await later.Reads.ListAsync(new RowQuery(table, "acme", "a1", 10), default);
        Assert.Equal(["o3", "o0", "o1", "o2"], found.Select(row => row.Key.Id));
        Assert.Equal(
            new[] { 3, 0, 1, 2 }.Select(i => (TimedSort.Of(times[i], 70_000 + i), Encoding.UTF8.GetString(rows[i].Doc))),
            found.Select(row => (row.Sort, Encoding.UTF8.GetString(row.Doc))));
    }

    [Fact]
    public void Sort_values_by_time_follow_time_and_then_number_at_both_ends_of_the_calendar()
    {
        var at = Given.At;
        long[] ordered =
        [
            TimedSort.From(DateTimeOffset.MinValue), TimedSort.Of(DateTimeOffset.UnixEpoch.AddTicks(-1), 5), TimedSort.From(DateTimeOffset.UnixEpoch), TimedSort.From(at),
            TimedSort.Of(at, 1), TimedSort.Of(at, 2), TimedSort.Of(at, 16_383), TimedSort.From(at.AddMilliseconds(1)), TimedSort.Of(DateTimeOffset.MaxValue, 1),
        ];
        Assert.Equal(ordered.Distinct().Order(), ordered);
    }

    [Fact]
    public async Task Folder_below_a_file_is_refused_with_folder_and_user()
    {
        var file = Path.Combine(_folder.Path, "file");
        await File.WriteAllTextAsync(file, "");
        await AssertNotWritableAsync(Path.Combine(file, "data"));
    }

    [Fact]
    public async Task Folder_on_a_read_only_file_system_is_refused_with_folder_and_user()
    {
        // A folder without write permission would not stop root; the kernel's own file system stops everybody.
        if (OperatingSystem.IsLinux())
        {
            await AssertNotWritableAsync("/proc/tradeactors-data");
        }
    }

    [Fact]
    public async Task Database_that_cannot_be_opened_is_refused_and_the_folder_freed()
    {
        Directory.CreateDirectory(DatabaseFile);
        var refused = await Assert.ThrowsAsync<StoreOpenException>(() => OpenAsync(_folder.Path));
        Assert.Contains(DatabaseFile, refused.Message, StringComparison.Ordinal);
        Directory.Delete(DatabaseFile);
        await using var store = await OpenAsync(_folder.Path);
    }

    [Fact]
    public async Task File_that_is_no_database_is_refused()
    {
        await File.WriteAllTextAsync(DatabaseFile, new string('x', 4096));
        var refused = await Assert.ThrowsAsync<StoreOpenException>(() => OpenAsync(_folder.Path));
        Assert.Contains("not a database", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ABCD")]
    [InlineData("abc")]
    [InlineData("ab-d")]
    public async Task Incarnation_of_another_shape_is_a_defect_of_the_caller(string incarnation)
    {
        var options = new SqliteStoreOptions
        {
            DataDirectory = _folder.Path,
            NewIncarnation = () => incarnation,
            TimeProvider = TimeProvider.System,
        };
        await Assert.ThrowsAsync<ArgumentException>(() => SqliteStore.OpenAsync(options, default));
        await using var store = await OpenAsync(_folder.Path);
    }

    [Fact]
    public async Task Database_is_durable_at_every_commit()
    {
        await using (await OpenAsync(_folder.Path))
        {
            using var db = Connect();
            Assert.Equal("wal", db.ExecuteScalar<string>("PRAGMA journal_mode"));
        }

        using var session = SqliteSession.OpenWriter(DatabaseFile);
        Assert.Equal(2, session.Connection.ExecuteScalar<int>("PRAGMA synchronous"));
        Assert.Equal(1, session.Connection.ExecuteScalar<int>("PRAGMA foreign_keys"));
    }

    [Fact]
    public async Task Close_empties_the_write_ahead_log()
    {
        await using (var store = await OpenAsync(_folder.Path))
        {
            await AppendAsync(store, await ClaimAsync(store), 0);
        }

        Assert.False(File.Exists(DatabaseFile + "-wal"));
    }

    [Fact]
    public async Task Long_log_is_copied_into_the_database_while_the_store_runs()
    {
        await using var store = await OpenAsync(_folder.Path);
        var epoch = await ClaimAsync(store);
        var payload = new byte[1 << 20];
        for (var head = 0; head < 120; head++)
        {
            var part = new EntityAppend(Given.Account("a"), 0, epoch, head, [new(head + 1, "x.v1", payload, null, Given.At)], [], null, null);
            Same.Items([AppendOutcome.Stored], await store.Journal.AppendAsync([part], default));
        }

        Assert.InRange(new FileInfo(DatabaseFile + "-wal").Length, 1, 80 << 20);
        Assert.Equal(120, (await store.Journal.LoadAsync(Given.Account("a"), 1, default)).Events.Length);
    }

    [Fact]
    public async Task Io_error_at_commit_is_an_unknown_outcome_and_ends_writing_until_a_restart()
    {
        var store = await OpenAsync(_folder.Path);
        var epoch = await ClaimAsync(store);
        store.FailAfterCommit(new SqliteException("disk I/O error", raw.SQLITE_IOERR));
        await Assert.ThrowsAsync<JournalUnknownOutcomeException>(() => AppendAsync(store, epoch, 0));
        await AssertBrokenAsync(store, epoch);
        await store.DisposeAsync();

        await using var again = await OpenAsync(_folder.Path);
        Same.Events(Given.Events(1, 1), (await again.Journal.LoadAsync(Given.Account("a"), 1, default)).Events);
        await AppendAsync(again, epoch, 1);
    }

    [Fact]
    public async Task Io_error_before_commit_stores_nothing_and_ends_writing_until_a_restart()
    {
        await using var store = await OpenAsync(_folder.Path);
        var epoch = await ClaimAsync(store);
        store.FailBeforeCommit(new SqliteException("disk I/O error", raw.SQLITE_IOERR));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => AppendAsync(store, epoch, 0));
        await AssertBrokenAsync(store, epoch);
    }

    [Fact]
    public async Task Defect_in_one_call_does_not_fail_those_that_share_its_transaction()
    {
        await using var store = await OpenAsync(_folder.Path);
        var epoch = await ClaimAsync(store);
        Task good, bad, later;
        using (store.HoldNextTransaction())
        {
            var blocker = AppendAsync(store, epoch, 0);
            good = AppendAsync(store, epoch, 1);
            bad = store.Journal.AppendAsync(
                [new(Given.Account("b"), 0, epoch, 0, [new(1, null!, [], null, Given.At)], [], null, null)], default);
            later = AppendAsync(store, epoch, 2);
        }

        await Task.WhenAll(good, later);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => bad);
    }

    [Fact]
    public void Lists_walk_an_index_and_sort_nothing()
    {
        using var session = SqliteSession.OpenWriter(DatabaseFile);
        Migrations.Apply(session.Connection, DatabaseFile);
        foreach (var table in ReadTables.All)
        {
            foreach (var (newestFirst, lower, upper) in Stretches)
            {
                AssertWalk(session, table.List(newestFirst, lower, upper, hasState: false), $"{table.Name}_by_sort", lower, upper);
                if (table.HasStates)
                {
                    AssertWalk(session, table.List(newestFirst, lower, upper, hasState: true), $"{table.Name}_by_state", lower, upper);
                }
            }
        }
    }

    private static IEnumerable<(bool NewestFirst, SortBound Lower, SortBound Upper)> Stretches =>
        from newestFirst in new[] { false, true }
        from lower in Enum.GetValues<SortBound>()
        from upper in Enum.GetValues<SortBound>()
        where upper != SortBound.Value
        select (newestFirst, lower, upper);

    /// <summary>The statement goes to its bounds through the index: it reads no row that it does not answer.</summary>
    private static void AssertWalk(SqliteSession session, string sql, string index, SortBound lower, SortBound upper)
    {
        var plan = string.Join('\n', session.Connection.Query("EXPLAIN QUERY PLAN " + sql, Parameters()).Select(row => (string)row.detail));
        Assert.StartsWith($"SEARCH ", plan, StringComparison.Ordinal);
        Assert.Contains(index, plan, StringComparison.Ordinal);
        Assert.Equal(
            (lower is SortBound.Value or SortBound.PastValue, lower == SortBound.PastRow, upper == SortBound.PastValue, upper == SortBound.PastRow),
            (plan.Contains(" sort>?", StringComparison.Ordinal), plan.Contains("(sort,id)>", StringComparison.Ordinal),
                plan.Contains(" sort<?", StringComparison.Ordinal), plan.Contains("(sort,id)<", StringComparison.Ordinal)));
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    private static DynamicParameters Parameters()
    {
        var parameters = new DynamicParameters();
        for (var i = 1; i <= 8; i++)
        {
            parameters.Add($"?{i}", 1);
        }

        return parameters;
    }

    private static async Task AssertNotWritableAsync(string directory)
    {
        var refused = await Assert.ThrowsAsync<StoreOpenException>(() => OpenAsync(directory));
        Assert.Contains(directory, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.UserName, refused.Message, StringComparison.Ordinal);
    }

    private static async Task AssertBrokenAsync(SqliteStoreUnderTest store, long epoch)
    {
        Assert.NotNull(store.Store.Fault);
        var refused = await Assert.ThrowsAsync<JournalUnavailableException>(() => AppendAsync(store, epoch, 0));
        Assert.Contains("restart the process", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => store.Journal.LoadAsync(Given.Account("a"), 1, default));
    }

    private static Task<SqliteStoreUnderTest> OpenAsync(string directory) => SqliteStoreUnderTest.OpenAsync(directory, ShardCount);

    private static async Task<long> ClaimAsync(SqliteStoreUnderTest store) => (await store.Journal.ClaimAsync([0], "n1", default))[0].Epoch;

    private static async Task AppendAsync(SqliteStoreUnderTest store, long epoch, long head)
    {
        var part = new EntityAppend(Given.Account("a"), 0, epoch, head, [Given.Event(head + 1)], [], null, null);
        Same.Items([AppendOutcome.Stored], await store.Journal.AppendAsync([part], default));
    }

    private SqliteConnection Connect()
    {
        var db = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        db.Open();
        return db;
    }
}
