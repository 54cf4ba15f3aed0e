using System.Collections.Immutable;
using System.Diagnostics;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;

namespace TradeActors.Benchmarks.Parts;

/// <summary>Passes everything on, counts stored events by type, and keeps what was stored while it is told to.</summary>
internal sealed class ObservedJournal(IJournal inner) : IJournal
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly List<(string Type, long Count, TaskCompletionSource<long> Reached)> _waiters = [];
    private List<EntityAppend>? _kept;

    /// <summary>Completes when this many more events of the type are stored, with the <see cref="Stopwatch"/> time of their commit.</summary>
    public Task<long> MoreOf(string type, long count)
    {
        lock (_gate)
        {
            var reached = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((type, _counts.GetValueOrDefault(type) + count, reached));
            return reached.Task;
        }
    }

    public void Keep()
    {
        lock (_gate)
        {
            _kept = [];
        }
    }

    /// <summary>What was stored since <see cref="Keep"/>, in order; begins anew.</summary>
    public IReadOnlyList<EntityAppend> Kept()
    {
        lock (_gate)
        {
            var kept = _kept!;
            _kept = [];
            return kept;
        }
    }

    public async Task<ImmutableArray<AppendOutcome>> AppendAsync(ImmutableArray<EntityAppend> parts, CancellationToken ct)
    {
        var outcomes = await inner.AppendAsync(parts, ct).ConfigureAwait(false);
        Note(parts, outcomes, Stopwatch.GetTimestamp());
        return outcomes;
    }

    public Task<StoredEntity> LoadAsync(EntityId id, int snapshotSchema, CancellationToken ct) => inner.LoadAsync(id, snapshotSchema, ct);

    public Task<ImmutableArray<ShardClaim>> ClaimAsync(ImmutableArray<int> shards, string node, CancellationToken ct) => inner.ClaimAsync(shards, node, ct);

    public Task<Row?> LookupAsync(RowKey key, CancellationToken ct) => inner.LookupAsync(key, ct);

    public Task<long> PutInboxAsync(int shard, InboxMessage message, CancellationToken ct) => inner.PutInboxAsync(shard, message, ct);

    public Task<InboxPage> ReadInboxAsync(int shard, long after, CancellationToken ct) => inner.ReadInboxAsync(shard, after, ct);

    public Task DropInboxAsync(int shard, long number, CancellationToken ct) => inner.DropInboxAsync(shard, number, ct);

    private void Note(ImmutableArray<EntityAppend> parts, ImmutableArray<AppendOutcome> outcomes, long at)
    {
        lock (_gate)
        {
            for (var i = 0; i < parts.Length; i++)
            {
                if (outcomes[i] != AppendOutcome.Stored)
                {
                    throw new InvalidOperationException($"{parts[i].Id}: {outcomes[i]} in a benchmark.");
                }

                _kept?.Add(parts[i]);
                foreach (var row in parts[i].Events)
                {
                    _counts[row.Type] = _counts.GetValueOrDefault(row.Type) + 1;
                }
            }

            _waiters.RemoveAll(waiter => _counts.GetValueOrDefault(waiter.Type) >= waiter.Count && waiter.Reached.TrySetResult(at));
        }
    }
}
