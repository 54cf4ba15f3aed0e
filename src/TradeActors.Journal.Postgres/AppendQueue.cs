using System.Collections.Immutable;
using System.Threading.Channels;
using Npgsql;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Journal.Postgres;

/// <summary>The one writer of appends: takes all waiting calls, sends them in one round trip that is one transaction, and answers them after it.</summary>
/// <remarks>While one transaction is under way the next one's calls gather, so the group grows with the load. More writers at a time made it slower.</remarks>
internal sealed class AppendQueue : IAsyncDisposable
{
    /// <summary>Calls that may wait; callers beyond it wait for room.</summary>
    private const int Room = 1024;

    /// <summary>Rows after which a transaction takes no further call, so that the first one's answer does not wait for ever.</summary>
    private const int MaxWeight = 8192;

    private readonly PostgresDb _db;
    private readonly Channel<AppendCall> _calls = Channel.CreateBounded<AppendCall>(new BoundedChannelOptions(Room) { SingleReader = true });
    private readonly Task _loop;
    private NpgsqlConnection? _connection;

    public AppendQueue(PostgresDb db)
    {
        _db = db;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Calls that wait for their transaction.</summary>
    public int Waiting => _calls.Reader.Count;

    /// <param name="ct">Ends only the wait for room: a queued append is carried out and its true outcome returned.</param>
    public async Task<ImmutableArray<AppendOutcome>> AppendAsync(ImmutableArray<EntityAppend> parts, CancellationToken ct)
    {
        var call = new AppendCall(parts);
        try
        {
            await _calls.Writer.WriteAsync(call, ct).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new JournalUnavailableException("The store is closed.", e);
        }

        return await call.Done.ConfigureAwait(false);
    }

    /// <summary>Takes no more calls and carries out those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        _calls.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await DropConnectionAsync().ConfigureAwait(false);
    }

    private async Task LoopAsync()
    {
        var group = new List<AppendCall>();
        while (await _calls.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var weight = 0;
            while (weight < MaxWeight && _calls.Reader.TryRead(out var call))
            {
                group.Add(call);
                weight += call.Weight;
            }

            await StoreAsync(group, isRetry: false).ConfigureAwait(false);
            group.Clear();
        }
    }

    private async Task StoreAsync(List<AppendCall> group, bool isRetry)
    {
        NpgsqlBatch batch;
        try
        {
            batch = await PrepareAsync(group).ConfigureAwait(false);
            await _db.BeforeCommitAsync().ConfigureAwait(false);
        }
        catch (Exception e) // Whatever it was, nothing is sent.
        {
            await DropConnectionAsync().ConfigureAwait(false);
            group.ForEach(call => call.Fail(PostgresDb.Unavailable(e)));
            return;
        }

        List<AppendOutcome> outcomes;
        try
        {
            outcomes = await SendAsync(batch).ConfigureAwait(false);
            await _db.AfterCommitAsync().ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.InvariantSeverity == "ERROR") // The server has undone it, and says why. FATAL may come after a commit.
        {
            await RefuseAsync(group, e, isRetry).ConfigureAwait(false);
            return;
        }
        catch (Exception e) // The server may have carried it out or not: only reading can tell.
        {
            await DropConnectionAsync().ConfigureAwait(false);
            group.ForEach(call => call.Fail(PostgresDb.Unknown(e)));
            return;
        }

        var next = 0;
        foreach (var call in group)
        {
            call.Complete([.. outcomes.GetRange(next, call.Parts.Length)]);
            next += call.Parts.Length;
        }
    }

    private async Task RefuseAsync(List<AppendCall> group, PostgresException cause, bool isRetry)
    {
        // An append whose connection was lost may still be under way at the server and win: now it is stored, and judged as it must be.
        if (cause.SqlState == PostgresErrorCodes.UniqueViolation && !isRetry)
        {
            await StoreAsync(group, isRetry: true).ConfigureAwait(false);
        }
        else if (group.Count > 1 && cause.SqlState[..2] is "22" or "54")
        {
            // Data of one of them that the server does not take. The others need not suffer for it: each on its own.
            foreach (var call in group)
            {
                await StoreAsync([call], isRetry).ConfigureAwait(false);
            }
        }
        else
        {
            group.ForEach(call => call.Fail(new JournalUnavailableException($"Nothing was stored: {cause.MessageText}", cause)));
        }
    }

    private async Task<NpgsqlBatch> PrepareAsync(List<AppendCall> group)
    {
        _connection ??= await _db.OpenAsync(CancellationToken.None).ConfigureAwait(false);
        var batch = _connection.CreateBatch();
        var statements = Statements(group);
        AppendStatement.AddFence(batch, statements);
        statements.ForEach(statement => statement.AddTo(batch));
        return batch;
    }

    private static List<AppendStatement> Statements(List<AppendCall> group)
    {
        var statements = new List<AppendStatement> { new() };
        foreach (var part in group.SelectMany(call => call.Parts))
        {
            if (!statements[^1].TryAdd(part))
            {
                statements.Add(new AppendStatement());
                statements[^1].TryAdd(part);
            }
        }

        return statements;
    }

    private static async Task<List<AppendOutcome>> SendAsync(NpgsqlBatch batch)
    {
        var outcomes = new List<AppendOutcome>();
        await using (batch.ConfigureAwait(false))
        {
            var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.NextResultAsync().ConfigureAwait(false))
                {
                    while (await reader.ReadAsync().ConfigureAwait(false))
                    {
                        outcomes.Add((AppendOutcome)reader.GetInt32(0));
                    }
                }
            }
        }

        return outcomes;
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
