using System.Collections.Immutable;
using System.Threading.Channels;
using Npgsql;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using TradeActors.Journal.Sql;

namespace TradeActors.Journal.Postgres;

/// <summary>
/// Loads of entities: those that wait are asked for together, in one statement on one connection. Thousands fall to a node at once when another dies; with a
/// connection for each there was none left for anything else, its sign of life included.
/// </summary>
internal sealed class LoadQueue : IAsyncDisposable
{
    private const int AtOnce = 100;

    /// <summary>So that the server reads for one while the answer of another is being read here.</summary>
    private const int Readers = 2;

    private readonly PostgresDb _db;
    private readonly Channel<LoadCall> _calls = Channel.CreateUnbounded<LoadCall>(); // Bounded by the entities of a node, each of which waits for one load.
    private readonly Task _loops;

    public LoadQueue(PostgresDb db)
    {
        _db = db;
        _loops = Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Run(LoopAsync)));
    }

    private sealed record LoadCall(EntityId Id, int Schema)
    {
        public TaskCompletionSource<StoredEntity> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <exception cref="JournalUnavailableException">The store cannot be read now, or is closed.</exception>
    public Task<StoredEntity> LoadAsync(EntityId id, int schema, CancellationToken ct)
    {
        var call = new LoadCall(id, schema);
        return _calls.Writer.TryWrite(call) ? call.Done.Task.WaitAsync(ct) : throw new JournalUnavailableException("The store is closed.");
    }

    /// <summary>Carries out what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _calls.Writer.TryComplete();
        await _loops.ConfigureAwait(false);
    }

    private async Task LoopAsync()
    {
        var group = new List<LoadCall>(AtOnce);
        while (await _calls.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (group.Count < AtOnce && _calls.Reader.TryRead(out var call))
            {
                group.Add(call);
            }

            await LoadAsync(group).ConfigureAwait(false);
            group.Clear();
        }
    }

    private async Task LoadAsync(List<LoadCall> group)
    {
        try
        {
            var loaded = await _db.ReadAsync((connection, token) => LoadAsync(connection, group, token), CancellationToken.None).ConfigureAwait(false);
            foreach (var (call, entity) in group.Zip(loaded))
            {
                call.Done.SetResult(entity);
            }
        }
#pragma warning disable CA1031 // Whatever it is, those who wait must hear of it; they try again.
        catch (Exception error)
#pragma warning restore CA1031
        {
            group.ForEach(call => call.Done.SetException(error));
        }
    }

    private static async Task<StoredEntity[]> LoadAsync(NpgsqlConnection connection, List<LoadCall> group, CancellationToken ct)
    {
        var batch = connection.CreateBatch();
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(PostgresJournal.Load).Next(group.Select(call => call.Id.ToString()).ToArray()).Next(group.Select(call => call.Schema).ToArray());
            var reader = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                return await ReadAsync(reader, group.Count, ct).ConfigureAwait(false);
            }
        }
    }

    private static async Task<StoredEntity[]> ReadAsync(NpgsqlDataReader reader, int count, CancellationToken ct)
    {
        var snapshots = new SnapshotRow?[count];
        var events = new List<EventRow>?[count];
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            var (n, isSnapshot, seq, content) = ((int)reader.GetInt64(0) - 1, reader.GetInt32(1) == 0, reader.GetInt64(2), reader.GetFieldValue<byte[]>(5));
            if (isSnapshot)
            {
                snapshots[n] = new(seq, (int)reader.GetInt64(3), content);
            }
            else
            {
                var meta = reader.IsDBNull(6) ? null : reader.GetFieldValue<byte[]>(6);
                (events[n] ??= []).Add(new(seq, reader.GetString(4), content, meta, UnixMs.ToDate(reader.GetInt64(3))));
            }
        }

        // They come in order, which no server promises for what is joined.
        return [.. snapshots.Zip(events, (snapshot, rows) => new StoredEntity(snapshot, rows is null ? [] : [.. rows.OrderBy(row => row.Seq)]))];
    }
}
