using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Journal.Sqlite;
using Xunit;

namespace TradeActors.Contracts;

public sealed class SqliteBackupTests : IDisposable
{
    private static readonly EntityId Entity = new("acme", EntityKind.Recorder, "r1");
    private static readonly RowKey OldText = new(ReadTable.Texts, "acme", "r1", "old");
    private static readonly RowKey NewText = new(ReadTable.Texts, "acme", "r1", "new");

    private readonly string _folder = Directory.CreateTempSubdirectory("tradeactors-backup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Backup_of_a_store_in_use_restores_its_events_under_a_new_incarnation()
    {
        var backup = Path.Combine(_folder, "backup.db");
        await using (var store = await OpenAsync("first", "aaaa"))
        {
            await AppendAsync(store);
            SqliteBackup.Take(Path.Combine(_folder, "first"), backup);
        }

        SqliteBackup.Restore(backup, Path.Combine(_folder, "second"), () => "bbbb");
        await using var restored = await OpenAsync("second", "cccc");
        Assert.Equal("bbbb", restored.Installation.Incarnation);
        Assert.Single((await restored.Journal.LoadAsync(Entity, 1, CancellationToken.None)).Events);
    }

    [Fact]
    public async Task Neither_backup_nor_restore_overwrites_anything()
    {
        await using (await OpenAsync("first", "aaaa"))
        {
        }

        var (directory, backup) = (Path.Combine(_folder, "first"), Path.Combine(_folder, "backup.db"));
        SqliteBackup.Take(directory, backup);
        Assert.Throws<StoreOpenException>(() => SqliteBackup.Take(directory, backup));
        Assert.Throws<StoreOpenException>(() => SqliteBackup.Restore(backup, directory, () => "bbbb"));
        Assert.Throws<StoreOpenException>(() => SqliteBackup.Take(Path.Combine(_folder, "nowhere"), Path.Combine(_folder, "other.db")));
    }

    [Fact]
    public async Task Only_texts_whose_time_is_over_are_removed()
    {
        await using var store = await OpenAsync("first", "aaaa");
        await AppendAsync(store);
        Assert.Equal(1, await store.Retention.TrimAsync(ReadTable.Texts, before: 200, most: 10, CancellationToken.None));
        Assert.Equal(0, await store.Retention.TrimAsync(ReadTable.Texts, before: 200, most: 10, CancellationToken.None));
        Assert.Null(await store.Reads.GetAsync(OldText, CancellationToken.None));
        Assert.NotNull(await store.Reads.GetAsync(NewText, CancellationToken.None));
    }

    private Task<SqliteStore> OpenAsync(string name, string incarnation) => SqliteStore.OpenAsync(
        new SqliteStoreOptions
        {
            DataDirectory = Path.Combine(_folder, name),
            ShardCount = 8,
            NewIncarnation = () => incarnation,
            TimeProvider = TimeProvider.System,
        },
        CancellationToken.None);

    private static async Task AppendAsync(SqliteStore store)
    {
        var shard = Entity.ShardHash(8);
        var claim = (await store.Journal.ClaimAsync([shard], "test", CancellationToken.None)).Single();
        RowChange[] rows = [new(OldText, new Row(OldText, 100, "", "{}"u8.ToArray())), new(NewText, new Row(NewText, 300, "", "{}"u8.ToArray()))];
        var outcomes = await store.Journal.AppendAsync(
            [new EntityAppend(Entity, shard, claim.Epoch, 0, [new EventRow(1, "test.v1", "{}"u8.ToArray(), null, DateTimeOffset.UnixEpoch)], [.. rows], null, null)],
            CancellationToken.None);
        Assert.Equal(AppendOutcome.Stored, outcomes.Single());
    }
}
