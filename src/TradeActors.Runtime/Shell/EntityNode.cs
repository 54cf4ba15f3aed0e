using System.Collections.Concurrent;
using System.Collections.Immutable;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

/// <summary>Where the node's entities get quotes from. Called on the loops: return at once.</summary>
public interface IQuoteInterest
{
    /// <summary>Some entity of this node wants the symbol's quotes. Counted: every call is matched by one to <see cref="Ended"/>.</summary>
    /// <returns>The last known quote; whatever comes after it is delivered.</returns>
    Quote? Began(string symbol);

    void Ended(string symbol);
}

/// <summary>Bounds of the shell.</summary>
public sealed record EntityNodeOptions
{
    /// <summary>Stands in the shard rows.</summary>
    public required string NodeName { get; init; }

    /// <summary>Loops of a <see cref="SingleNode"/> that share the shards; each runs one <see cref="EntityCore"/>.</summary>
    /// <value>1: one loop judges far more than one disk can store.</value>
    public int Loops { get; init; } = 1;

    /// <summary>An ask without an answer after this is given up; its message may still be carried out.</summary>
    /// <value>10 s.</value>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Asks that may be out at once; more are refused.</summary>
    /// <value>20,000.</value>
    public int MaxAsks { get; init; } = 20_000;

    /// <summary>A loop that has not come round for this long may have lost its shards: its effects touch nothing.</summary>
    /// <value>5 s.</value>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    public CoreOptions Core { get; init; } = new();
}

/// <summary>
/// The shell of the runtime in one process: runs cores on loops, carries messages to and from them, and connects them with journal, effects and quotes.
/// </summary>
/// <remarks>All public members are safe to call from any thread.</remarks>
public abstract class EntityNode : IEntityGateway, IEntityWatch, IAsyncDisposable
{
    /// <summary>Of the meter that measures asks, appends and loops.</summary>
    public const string MeterName = "TradeActors.Runtime";

    private readonly ConcurrentDictionary<EntityId, ImmutableArray<Action<long>>> _watchers = new();
    private readonly EntityNodeOptions _options;
    private int _asksOut;
    private volatile bool _isStopping;

    private protected EntityNode(EntityNodeOptions options, IEnumerable<string> kinds, TimeProvider time, RuntimeMetrics metrics)
    {
        (_options, Time, Metrics) = (options, time, metrics);
        Kinds = [.. kinds.Order(StringComparer.Ordinal)];
        metrics.Observe(() => Loops.Sum(loop => loop.Waiting), () => Volatile.Read(ref _asksOut), () => LoadedEntities);
    }

    /// <summary>Entities in memory.</summary>
    public int LoadedEntities => Loops.Sum(loop => loop.LoadedEntities);

    /// <summary>Every kind of entity that this node can carry, sorted.</summary>
    public ImmutableArray<string> Kinds { get; }

    public int ShardCount => _options.Core.ShardCount;

    public string NodeName => _options.NodeName;

    /// <summary>The nodes and shards as this node last saw them, about a second ago; null before the first time.</summary>
    public abstract ClusterView? View { get; }

    /// <summary>Whether every loop has come round within its lease.</summary>
    public bool IsAlive => Loops.All(loop => loop.IsWithinLease && !loop.Completion.IsFaulted);

    /// <summary>Ends when a loop has ended. Faulted: a defect in the runtime itself; nothing is lost, but the process must be started again.</summary>
    public virtual Task Completion => Task.WhenAny(Loops.Select(loop => loop.Completion)).Unwrap();

    internal abstract IReadOnlyList<CoreLoop> Loops { get; }

    private protected TimeProvider Time { get; }

    private protected RuntimeMetrics Metrics { get; }

    private protected TimeSpan AskTimeout => _options.AskTimeout;

    /// <summary>Takes its shards and begins to work, entities with pending work first.</summary>
    public abstract Task StartAsync(CancellationToken ct);

    /// <summary>Whether this node writes the entity, as far as it knows: for work that one node of all should do. No fence.</summary>
    public bool Owns(EntityId id) => View is { } view && view.Shards[id.ShardHash(ShardCount)].Owner == NodeName;

    /// <summary>Whether this is the one node of all that does what is done once for all, as far as it knows: it owns the first shard. No fence.</summary>
    public bool IsKeeper => View is { } view && view.Shards[0].Owner == NodeName;

    public Task<object> AskAsync(EntityId to, object message, CancellationToken ct) => TimedAsync(to, message, inboxId: null, ct);

    public Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct) => TimedAsync(to, message, inboxId, ct);

    public IDisposable Watch(EntityId id, Action<long> onCommitted)
    {
        _watchers.AddOrUpdate(id, [onCommitted], (_, known) => known.Add(onCommitted));
        return new Watching(this, id, onCommitted);
    }

    /// <summary>Entities in memory, ordered by id.</summary>
    /// <param name="kind">Only this kind; null for all.</param>
    /// <param name="after">Only those behind this id; null for all.</param>
    /// <param name="most">How many at most.</param>
    /// <exception cref="EntityUnavailableException">A loop does not answer.</exception>
    public async Task<IReadOnlyList<LoadedEntity>> LoadedAsync(string? kind, EntityId? after, int most, CancellationToken ct)
    {
        var parts = await Task.WhenAll(Loops.Select(loop => loop.LookAsync(core => core.Loaded(kind, after, most), ct))).ConfigureAwait(false);
        return [.. parts.SelectMany(part => part).OrderBy(entity => entity.Id).Take(most)];
    }

    /// <summary>What all loops have to do.</summary>
    /// <exception cref="EntityUnavailableException">A loop does not answer.</exception>
    public async Task<EntityWork> WorkAsync(CancellationToken ct)
    {
        var parts = await Task.WhenAll(Loops.Select(loop => loop.LookAsync(core => core.Work(), ct))).ConfigureAwait(false);
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (kind, count) in parts.SelectMany(part => part.LoadedByKind))
        {
            kinds[kind] = kinds.GetValueOrDefault(kind) + count;
        }

        return new EntityWork(
            kinds, parts.Sum(part => part.Waiting), parts.Sum(part => part.Storing), parts.Sum(part => part.Unacknowledged), parts.Sum(part => part.FanOuts),
            parts.Min(part => part.OverdueSince));
    }

    /// <summary>Hands quotes of one contract to every entity with an interest in it; completes when the loops have taken them.</summary>
    public async Task DeliverQuotesAsync(string symbol, ImmutableArray<Quote> inOrder)
    {
        foreach (var loop in Loops)
        {
            await loop.PostAndWaitAsync(new CoreInput.Quotes(symbol, inOrder)).ConfigureAwait(false);
        }
    }

    /// <summary>Takes no more asks, stores everything judged and answers what rests on it. What is unfinished goes on at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        await StopAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the loops, and then whatever still waits for an answer.</summary>
    private protected abstract Task StopAsync();

    /// <param name="inboxId">Null for what may not be left in the inbox.</param>
    private protected abstract Task<object> CarryAsync(EntityId to, object message, string? inboxId, CancellationToken ct);

    /// <summary>Tells whoever watches this entity here.</summary>
    internal void Tell(EntityId id, long seq)
    {
        if (_watchers.TryGetValue(id, out var watchers))
        {
            foreach (var watcher in watchers)
            {
                watcher(seq);
            }
        }
    }

    /// <summary>Makes whoever watches entities of these shards here look again: announcements may have been missed.</summary>
    /// <param name="isWanted">By shard.</param>
    internal void TellAll(Func<int, bool> isWanted)
    {
        foreach (var id in _watchers.Keys.Where(id => isWanted(id.ShardHash(ShardCount))))
        {
            Tell(id, 0);
        }
    }

    private async Task<object> TimedAsync(EntityId to, object message, string? inboxId, CancellationToken ct)
    {
        var started = Time.GetTimestamp();
        var outcome = AskOutcome.Unavailable;
        try
        {
            var reply = await BoundedAsync(to, message, inboxId, ct).ConfigureAwait(false);
            outcome = reply is LeftInInbox ? AskOutcome.Left : AskOutcome.Answered;
            return reply;
        }
        catch (MessageParkedException)
        {
            outcome = AskOutcome.Parked;
            throw;
        }
        finally
        {
            Metrics.Asked(to.Kind, message, outcome, Time.GetElapsedTime(started));
        }
    }

    private async Task<object> BoundedAsync(EntityId to, object message, string? inboxId, CancellationToken ct)
    {
        if (_isStopping)
        {
            throw new EntityUnavailableException("This node is stopping.");
        }

        try
        {
            return Interlocked.Increment(ref _asksOut) <= _options.MaxAsks
                ? await CarryAsync(to, message, inboxId, ct).ConfigureAwait(false)
                : throw new EntityUnavailableException($"{_options.MaxAsks} requests are waiting already.");
        }
        finally
        {
            Interlocked.Decrement(ref _asksOut);
        }
    }

    private protected static Exception Failure(AskFailure failure, string detail) =>
        failure == AskFailure.Parked ? new MessageParkedException(detail) : new EntityUnavailableException(detail);

    private sealed class Watching(EntityNode node, EntityId id, Action<long> watcher) : IDisposable
    {
        public void Dispose()
        {
            while (node._watchers.TryGetValue(id, out var known))
            {
                var left = known.Remove(watcher);
                var isDone = left.IsEmpty
                    ? node._watchers.TryRemove(new KeyValuePair<EntityId, ImmutableArray<Action<long>>>(id, known))
                    : node._watchers.TryUpdate(id, left, known);
                if (isDone)
                {
                    return;
                }
            }
        }
    }
}
