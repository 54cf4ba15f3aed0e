using System.Data.Common;
using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Postgres;

/// <summary>Pooled connections, and what their failures mean.</summary>
internal sealed class PostgresDb(NpgsqlDataSource source, PostgresStoreOptions seams) : ISqlRunner
{
    /// <summary>Any number that nobody else in this database uses.</summary>
    private const long SmallWrites = 0x7472_6164_6501;

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken ct) => source.OpenConnectionAsync(ct);

    /// <summary>Reads, and once more on a new connection when the pooled one had died with its server.</summary>
    /// <exception cref="JournalUnavailableException">The database cannot be read now.</exception>
    public async Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken ct)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                var connection = await source.OpenConnectionAsync(ct).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    return await read(connection, ct).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (isFirst && IsConnectionLost(e))
            {
                source.Clear();
            }
            catch (Exception e) when (IsFailure(e))
            {
                throw Unavailable(e);
            }
        }
    }

    /// <summary>Writes in one transaction.</summary>
    /// <exception cref="JournalUnavailableException">Nothing was stored.</exception>
    /// <exception cref="JournalUnknownOutcomeException">It may have been stored or not.</exception>
    public async Task<T> WriteAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> write, CancellationToken ct)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var isSent = false;
            try
            {
                var connection = await source.OpenConnectionAsync(ct).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    var transaction = await connection.BeginTransactionAsync(ct).ConfigureAwait(false);
                    await using (transaction.ConfigureAwait(false))
                    {
                        var result = await write(connection, ct).ConfigureAwait(false);
                        await BeforeCommitAsync().ConfigureAwait(false);
                        isSent = true;
                        // Without the caller's token: whoever gives up during a commit could not tell what became of it.
                        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                        await AfterCommitAsync().ConfigureAwait(false);
                        return result;
                    }
                }
            }
            catch (Exception e) when (isSent)
            {
                throw Unknown(e);
            }
            catch (Exception e) when (isFirst && IsConnectionLost(e))
            {
                source.Clear();
            }
            catch (Exception e) when (IsFailure(e))
            {
                throw Unavailable(e);
            }
        }
    }

    /// <remarks>Such reads are rare and small: they hold a pool thread for as long as a round trip takes.</remarks>
    Task<T> ISqlRunner.ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct) => ReadAsync((db, _) => Task.FromResult(read(db)), ct);

    /// <remarks>Read under the tenants' role, which for the empty tenant sees nothing.</remarks>
    Task<T> ISqlRunner.ReadTenantAsync<T>(string tenant, Func<DbConnection, T> read, CancellationToken ct) => ReadAsync(
        async (db, token) =>
        {
            var transaction = await db.BeginTransactionAsync(token).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var asTenant = db.CreateBatch();
                await using (asTenant.ConfigureAwait(false))
                {
                    asTenant.Add(PostgresReadStore.AsTenant).Next(tenant);
                    await asTenant.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                }

                return read(db);
            }
        }, ct);

    /// <remarks>One after another in the whole cluster: such writes are judged by what others have written, and are rare.</remarks>
    Task<T> ISqlRunner.WriteAsync<T>(Func<DbConnection, T> write, int weight, CancellationToken ct) => WriteAsync(
        async (db, token) =>
        {
            var turn = db.CreateCommand();
            await using (turn.ConfigureAwait(false))
            {
                turn.CommandText = "SELECT pg_advisory_xact_lock($1)";
                turn.Parameters.Add(new NpgsqlParameter<long> { TypedValue = SmallWrites });
                await turn.ExecuteNonQueryAsync(token).ConfigureAwait(false);
            }

            return write(db);
        }, ct);

    public Task BeforeCommitAsync() => seams.BeforeCommit?.Invoke() ?? Task.CompletedTask;

    public Task AfterCommitAsync() => seams.AfterCommit?.Invoke() ?? Task.CompletedTask;

    public static JournalUnavailableException Unavailable(Exception e) => new($"The database did not answer: {e.Message}", e);

    public static JournalUnknownOutcomeException Unknown(Exception e) => new($"The commit gave no answer: {e.Message}", e);

    /// <summary>The server, the way to it, one of its bounds on waiting, or a store that was closed; not a defect of the caller.</summary>
    public static bool IsFailure(Exception e) => e is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException or ObjectDisposedException;

    /// <summary>The connection is gone. A server that ends it says so itself (class 57P) unless it was cut off.</summary>
    public static bool IsConnectionLost(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow } => true,
        PostgresException => false,
        NpgsqlException { InnerException: TimeoutException } => false,
        _ => e is NpgsqlException or IOException or System.Net.Sockets.SocketException,
    };
}
