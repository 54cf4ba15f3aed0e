using System.Data;
using System.Data.Common;

namespace TradeActors.Journal.Sql;

/// <summary>A statement that is carried out once for each of many rows, in their order.</summary>
/// <remarks>
/// For candles by the thousand. An engine across a network gets them in one batch, without a round trip for each; SQLite has no batches, and keeps
/// one prepared command whose parameters get new values.
/// </remarks>
internal sealed class RowCommand<T>(string sql, params ColumnOf<T>[] columns)
{
    /// <summary>The parameters of each row. Made before the write, which everybody else's writes wait for.</summary>
    public IReadOnlyList<object[]> Bind(IEnumerable<T> rows) =>
        [.. rows.Select(row => Array.ConvertAll(columns, column => column.Value(row) ?? DBNull.Value))];

    /// <returns>How many rows of the table it wrote or removed.</returns>
    public int Execute(DbConnection db, IReadOnlyList<object[]> rows) =>
        rows.Count == 0 ? 0 : db.CanCreateBatch ? ExecuteInOneBatch(db, rows) : ExecuteOneByOne(db, rows);

    private int ExecuteInOneBatch(DbConnection db, IReadOnlyList<object[]> rows)
    {
        using var batch = db.CreateBatch();
        foreach (var row in rows)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = sql;
            AddParameters(command.Parameters, command.CreateParameter);
            SetValues(command.Parameters, row);
            batch.BatchCommands.Add(command);
        }

        return batch.ExecuteNonQuery();
    }

    private int ExecuteOneByOne(DbConnection db, IReadOnlyList<object[]> rows)
    {
        using var command = db.CreateCommand();
        command.CommandText = sql;
        AddParameters(command.Parameters, command.CreateParameter);
        var written = 0;
        foreach (var row in rows)
        {
            SetValues(command.Parameters, row);
            written += command.ExecuteNonQuery();
        }

        return written;
    }

    private void AddParameters(DbParameterCollection parameters, Func<DbParameter> create)
    {
        foreach (var column in columns)
        {
            var parameter = create();
            parameter.ParameterName = column.Parameter;
            parameter.DbType = column.Type;
            parameters.Add(parameter);
        }
    }

    private static void SetValues(DbParameterCollection parameters, object[] row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            parameters[i].Value = row[i];
        }
    }
}

/// <param name="Parameter">As the statement names it.</param>
/// <param name="Value">Null for NULL.</param>
internal sealed record ColumnOf<T>(string Parameter, DbType Type, Func<T, object?> Value);
