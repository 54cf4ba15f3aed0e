using Npgsql;

namespace TradeActors.Integration.Postgres;

/// <summary>Looks into the database past the program under test.</summary>
internal static class Psql
{
    public static async Task<string> AskAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
#pragma warning disable CA2100 // Every statement is a constant of these tests.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        return (await command.ExecuteScalarAsync())?.ToString() ?? "";
    }
}
