using System.Security.Cryptography;
using TradeActors.Journal.Sqlite;

namespace TradeActors.Node.Configuration;

/// <summary>The commands <c>backup</c> and <c>restore</c>.</summary>
internal static class Backup
{
    public static int Take(string target, string[] args)
    {
        var settings = Settings(args);
        SqliteBackup.Take(settings.DataDirectory, Path.GetFullPath(target));
        Console.WriteLine($"Backed up {settings.DataDirectory} to {Path.GetFullPath(target)} ({new FileInfo(target).Length:N0} bytes).");
        return 0;
    }

    public static int Restore(string source, string[] args)
    {
        var settings = Settings(args);
        SqliteBackup.Restore(Path.GetFullPath(source), settings.DataDirectory, NewIncarnation);
        Console.WriteLine($"Restored {Path.GetFullPath(source)} into {settings.DataDirectory}. Start the node on it as usual.");
        return 0;
    }

    /// <summary>What makes the ids of this installation its own.</summary>
    public static string NewIncarnation() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 4);

    private static NodeSettings Settings(string[] args)
    {
        var configuration = new ConfigurationManager();
        NodeConfiguration.AddTo(configuration, args);
        var values = SettingValues.Read(configuration, KnownSettings.All);
        return values.Of(KnownSettings.Storage) == "sqlite" ? NodeSettings.Read(values) : throw new SettingException(
            "backup and restore are for the SQLite file of one node. For PostgreSQL use pg_dump and pg_restore: docs/how-to/back-up-postgres.md.");
    }
}
