using Dapper;
using TradeActors.Abstractions.Users;

namespace TradeActors.Journal.Sqlite;

/// <remarks>Synchronous, as Data Protection asks for it. Called a few times in a process's life.</remarks>
internal sealed class SqliteKeyRingStore(WriteQueue writes, ReaderPool readers) : IKeyRingStore
{
    /// <returns>In order of their names.</returns>
    public IReadOnlyList<string> LoadAll() =>
        readers.Read<IReadOnlyList<string>>(session => [.. session.Connection.Query<string>("SELECT xml FROM keyring ORDER BY name")]);

    /// <summary>Returns when it is stored. A second element of the same name replaces the first.</summary>
    public void Save(string name, string xml) =>
        writes.RunAsync(
            session => session.Connection.Execute(
                "INSERT INTO keyring (name, xml) VALUES (@name, @xml) ON CONFLICT (name) DO UPDATE SET xml = excluded.xml", new { name, xml }),
            weight: 1, CancellationToken.None).GetAwaiter().GetResult();
}
