using System.Globalization;
using Dapper;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Sqlite;

/// <summary>Copies of the whole store.</summary>
public static class SqliteBackup
{
    /// <summary>Writes a consistent copy of the store into a new file, also while a node works on it.</summary>
    /// <exception cref="StoreOpenException">There is no store, the target exists, or it cannot be written.</exception>
    public static void Take(string dataDirectory, string target)
    {
        SQLitePCL.Batteries_V2.Init();
        var file = Path.Combine(dataDirectory, SqliteStore.FileName);
        if (!File.Exists(file))
        {
            throw new StoreOpenException($"There is no store in '{dataDirectory}'. Name the node's data directory.");
        }

        if (File.Exists(target))
        {
            throw new StoreOpenException($"'{target}' exists already. Name a new file: a backup never overwrites one.");
        }

        try
        {
            using var session = SqliteSession.OpenForCopy(file);
            session.Connection.Execute("VACUUM INTO @target", new { target });
        }
        catch (Microsoft.Data.Sqlite.SqliteException error)
        {
            throw new StoreOpenException($"The backup could not be written to '{target}': {error.Message}", error);
        }
    }

    /// <summary>
    /// Makes a data directory from a backup. The installation gets a new incarnation: orders decided from now on carry ids that no order of the time
    /// after the backup can have had (PROTOCOL 7).
    /// </summary>
    /// <exception cref="StoreOpenException">The backup is none, or the directory holds a store already.</exception>
    public static void Restore(string backup, string dataDirectory, Func<string> newIncarnation)
    {
        SQLitePCL.Batteries_V2.Init();
        if (!File.Exists(backup))
        {
            throw new StoreOpenException($"There is no backup '{backup}'.");
        }

        using var directory = DirectoryLock.Take(dataDirectory);
        var file = Path.Combine(directory.Path, SqliteStore.FileName);
        if (File.Exists(file))
        {
            throw new StoreOpenException($"'{dataDirectory}' holds a store already. Restore into an empty directory, or move that one away first.");
        }

        var unfinished = $"{file}.restoring";
        try
        {
            File.Copy(backup, unfinished, overwrite: true);
            SetIncarnation(unfinished, newIncarnation());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException)
        {
            throw new StoreOpenException($"'{backup}' could not be restored: {error.Message}", error);
        }

        File.Move(unfinished, file); // The last step: a restore that was cut off leaves no store behind.
    }

    private static void SetIncarnation(string file, string incarnation)
    {
        using var session = SqliteSession.OpenForCopy(file);
        var changed = session.Connection.Execute("UPDATE installation SET incarnation = @incarnation", new { incarnation });
        if (changed != 1)
        {
            throw new StoreOpenException(string.Create(CultureInfo.InvariantCulture, $"The backup names {changed} installations instead of one: it is damaged."));
        }

        session.Execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    }
}
