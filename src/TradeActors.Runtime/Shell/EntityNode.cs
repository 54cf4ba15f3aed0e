using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Stored;
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

    /// <summary>Loops that share the shards; each runs one <see cref="EntityCore"/>.</summary>
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
/// The shell of the runtime within one process: runs the cores on loops, carries messages between them, and connects them with journal, effects
/// and quotes. Owns every shard of the installation.
/// </summary>
/// <remarks>All public members are safe to call from any thread.</remarks>
public sealed class EntityNode : IEntityGateway, IEntityWatch, IAsyncDisposable
{
    /// <summary>Of the meter that measures asks, appends and loops.</summary>
    public const string MeterName = "TradeActors.Runtime";

    private readonly EntityNodeOptions _options;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly CoreLoop[] _loops;
    private readonly RuntimeMetrics _metrics;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<object>> _asks = new();
    private readonly ConcurrentDictionary<EntityId, ImmutableArray<Action<long>>> _watchers = new();
    private long _lastAsk;
    private int _asksOut;
    private volatile bool _isStopping;

    /// <param name="effects">Gets its own results back through <see cref="EffectRun.Report"/>.</param>
    /// <param name="notices">Called on the loops: log and return.</param>
    /// <param name="meters">Gives the meter <see cref="MeterName"/>.</param>
    public EntityNode(
        EntityNodeOptions options,
        IEnumerable<IEntityBehavior> kinds,
        StoredTypes types,
        IJournal journal,
        IEffectRunner effects,
        IQuoteInterest quotes,
        TimeProvider time,
        Action<CoreNotice> notices,
        IEntityObserver observer,
        IMeterFactory meters)
    {
        _options = options;
        _journal = journal;
        _time = time;
        _metrics = new RuntimeMetrics(meters);
        var behaviors = kinds.ToArray();
        Kinds = [.. behaviors.Select(behavior => behavior.Kind).Order(StringComparer.Ordinal)];
        _loops = [.. Enumerable.Range(0, options.Loops).Select(_ =>
            new CoreLoop(this, new EntityCore(behaviors, types, options.Core), options, journal, effects, quotes, time, notices, observer, _metrics))];
        _metrics.Observe(() => _loops.Sum(loop => loop.Waiting), () => Volatile.Read(ref _asksOut), () => LoadedEntities);
    }

    /// <summary>Entities in memory.</summary>
    public int LoadedEntities => _loops.Sum(loop => loop.LoadedEntities);

    /// <summary>Every kind of entity that this node can carry, sorted.</summary>
    public ImmutableArray<string> Kinds { get; }

    public int ShardCount => _options.Core.ShardCount;

    public string NodeName => _options.NodeName;

    /// <summary>The epoch of each shard, by its number; empty before the start.</summary>
    public ImmutableArray<long> Epochs { get; private set; } = [];

    /// <summary>Whether every loop has come round within its lease.</summary>
    public bool IsAlive => _loops.All(loop => loop.IsWithinLease && !loop.Completion.IsFaulted);

    /// <summary>Ends when a loop has ended. Faulted: a defect in the runtime itself; nothing is lost, but the process must be started again.</summary>
    public Task Completion => Task.WhenAny(_loops.Select(loop => loop.Completion)).Unwrap();

    /// <summary>Claims every shard and begins to work, entities with pending work first.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        var claims = await _journal.ClaimAsync([.. Enumerable.Range(0, ShardCount)], NodeName, ct).ConfigureAwait(false);
        Epochs = [.. claims.OrderBy(claim => claim.Shard).Select(claim => claim.Epoch)];
        foreach (var loop in _loops)
        {
            loop.Start();
        }

        foreach (var group in claims.GroupBy(claim => LoopOf(claim.Shard)))
        {
            group.Key.Post(new CoreInput.ShardsClaimed([.. group]));
        }
    }

    public async Task<object> AskAsync(EntityId to, object message, CancellationToken ct)
    {
        var started = _time.GetTimestamp();
        var outcome = AskOutcome.Unavailable;
        try
        {
            var reply = await AskUntimedAsync(to, message, ct).ConfigureAwait(false);
            outcome = AskOutcome.Answered;
            return reply;
        }
        catch (MessageParkedException)
        {
            outcome = AskOutcome.Parked;
            throw;
        }
        finally
        {
            _metrics.Asked(to.Kind, message, outcome, _time.GetElapsedTime(started));
        }
    }

    /// <summary>Simply asks: this node owns every shard, so there is no other owner for whom it could be left.</summary>
    public Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct) => AskAsync(to, message, ct);

    private async Task<object> AskUntimedAsync(EntityId to, object message, CancellationToken ct)
    {
        if (_isStopping)
        {
            throw new EntityUnavailableException("This node is stopping.");
        }

        if (Interlocked.Increment(ref _asksOut) > _options.MaxAsks)
        {
            Interlocked.Decrement(ref _asksOut);
            throw new EntityUnavailableException($"{_options.MaxAsks} requests are waiting already.");
        }

        var id = Interlocked.Increment(ref _lastAsk);
        var answer = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asks[id] = answer;
        try
        {
            LoopOf(to).Post(new CoreInput.Ask(id, to, message));
            return await answer.Task.WaitAsync(_options.AskTimeout, _time, ct).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new EntityUnavailableException($"{to} has not answered within {_options.AskTimeout.TotalSeconds:0} s.", error);
        }
        finally
        {
            _asks.TryRemove(id, out _);
            Interlocked.Decrement(ref _asksOut);
        }
    }

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
        var parts = await Task.WhenAll(_loops.Select(loop => loop.LookAsync(core => core.Loaded(kind, after, most), ct))).ConfigureAwait(false);
        return [.. parts.SelectMany(part => part).OrderBy(entity => entity.Id).Take(most)];
    }

    /// <summary>What all loops have to do.</summary>
    /// <exception cref="EntityUnavailableException">A loop does not answer.</exception>
    public async Task<EntityWork> WorkAsync(CancellationToken ct)
    {
        var parts = await Task.WhenAll(_loops.Select(loop => loop.LookAsync(core => core.Work(), ct))).ConfigureAwait(false);
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
        foreach (var loop in _loops)
        {
            await loop.PostAndWaitAsync(new CoreInput.Quotes(symbol, inOrder)).ConfigureAwait(false);
        }
    }

    /// <summary>Takes no more asks, stores everything judged and answers what rests on it. What is unfinished goes on at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        foreach (var loop in _loops)
        {
            await loop.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var ask in _asks.Values)
        {
            ask.TrySetException(new EntityUnavailableException("This node has stopped."));
        }
    }

    internal CoreLoop LoopOf(EntityId id) => LoopOf(id.ShardHash(ShardCount));

    internal CoreLoop LoopOf(int shard) => _loops[shard % _loops.Length];

    internal void Answer(long askId, object reply)
    {
        if (_asks.TryGetValue(askId, out var ask))
        {
            ask.TrySetResult(reply);
        }
    }

    internal void Refuse(long askId, Exception error)
    {
        if (_asks.TryGetValue(askId, out var ask))
        {
            ask.TrySetException(error);
        }
    }

    internal void Announce(EntityId id, long seq)
    {
        if (_watchers.TryGetValue(id, out var watchers))
        {
            foreach (var watcher in watchers)
            {
                watcher(seq);
            }
        }
    }

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
