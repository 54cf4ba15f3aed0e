using Npgsql;

namespace TradeActors.Journal.Postgres;

internal static class Parameters
{
    /// <summary>Adds the next positional parameter.</summary>
    public static NpgsqlParameterCollection Next<T>(this NpgsqlParameterCollection parameters, T value)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return parameters;
    }

    /// <summary>Adds a statement to the batch; its parameters are what is returned.</summary>
    public static NpgsqlParameterCollection Add(this NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command.Parameters;
    }
}
