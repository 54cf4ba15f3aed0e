using System.Data.Common;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Sql;

/// <summary>How an engine carries out the plain SQL of the small stores. Safe from any thread.</summary>
/// <remarks>
/// One text serves SQLite 3.35 and PostgreSQL 15. Booleans are parameters, never 0 or 1; dates are Unix milliseconds; decimals are text. Columns that
/// are sorted by text need PostgreSQL's collation "C", which is SQLite's own order.
/// </remarks>
public interface ISqlRunner
{
    /// <summary>For a read of any length. Each statement sees everything that was committed before the call.</summary>
    /// <param name="read">Leaves no reader open. The connection is its own until it returns.</param>
    /// <exception cref="JournalUnavailableException">The store cannot be read now.</exception>
    Task<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct);

    /// <summary>For a read of one row, or few: an engine that answers at once may do so on the caller's thread.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    Task<T> ReadShortAsync<T>(Func<DbConnection, T> read, CancellationToken ct) => ReadAsync(read, ct);

    /// <summary>For a read of one tenant's data: an engine that can shows it no other tenant's rows, whatever the statement asks for.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    Task<T> ReadTenantAsync<T>(string tenant, Func<DbConnection, T> read, CancellationToken ct) => ReadAsync(read, ct);

    /// <summary>Carries out the work in one transaction and commits it.</summary>
    /// <remarks>The works of an installation are carried out one after another: what a work has read still holds when it writes.</remarks>
    /// <param name="write">May be called again after a rollback: has no effect outside the transaction, and leaves its beginning and end alone.</param>
    /// <param name="weight">About how many rows it writes.</param>
    /// <exception cref="JournalUnavailableException">Nothing was stored.</exception>
    /// <exception cref="JournalUnknownOutcomeException">It may have been stored or not.</exception>
    /// <exception cref="ArgumentException">The work threw it. Nothing was stored.</exception>
    Task<T> WriteAsync<T>(Func<DbConnection, T> write, int weight, CancellationToken ct);
}
