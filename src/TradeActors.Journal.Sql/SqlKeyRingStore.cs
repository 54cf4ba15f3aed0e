using Dapper;
using TradeActors.Abstractions.Users;

namespace TradeActors.Journal.Sql;

/// <remarks>Synchronous, as Data Protection asks for it. Called a few times in a process's life.</remarks>
public sealed class SqlKeyRingStore(ISqlRunner runner) : IKeyRingStore
{
    /// <returns>In order of their names.</returns>
    public IReadOnlyList<string> LoadAll() =>
        runner.ReadShortAsync<IReadOnlyList<string>>(db => [.. db.Query<string>("SELECT xml FROM keyring ORDER BY name")], CancellationToken.None)
            .GetAwaiter().GetResult();

    /// <summary>Returns when it is stored. A second element of the same name replaces the first.</summary>
    public void Save(string name, string xml) =>
        runner.WriteAsync(
            db => db.Execute(
                "INSERT INTO keyring (name, xml) VALUES (@name, @xml) ON CONFLICT (name) DO UPDATE SET xml = excluded.xml", new { name, xml }),
            weight: 1, CancellationToken.None).GetAwaiter().GetResult();
}
