using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

/// <summary>The shell of an installation of one process, which owns every shard.</summary>
public sealed class SingleNode : EntityNode
{
    private readonly IJournal _journal;
    private readonly SingleLoop[] _loops;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<object>> _asks = new();
    private ImmutableArray<ShardRow> _shards = [];
    private long _lastAsk;

    /// <inheritdoc cref="LoopParts"/>
    /// <param name="meters">Gives the meter <see cref="EntityNode.MeterName"/>.</param>
    public SingleNode(
        EntityNodeOptions options,
        IReadOnlyList<IEntityBehavior> kinds,
        StoredTypes types,
        IJournal journal,
        IEffectRunner effects,
        IQuoteInterest quotes,
        TimeProvider time,
        Action<CoreNotice> notices,
        IEntityObserver observer,
        IMeterFactory meters)
        : base(options, kinds.Select(kind => kind.Kind), time, new RuntimeMetrics(meters))
    {
        _journal = journal;
        _loops = [.. Enumerable.Range(0, options.Loops).Select(_ => new SingleLoop(
            this, new LoopParts(new EntityCore(kinds, types, options.Core), options, journal, effects, quotes, time, notices, observer, Metrics)))];
    }

    /// <inheritdoc/>
    public override ClusterView? View
    {
        get
        {
            var now = Time.GetUtcNow();
            return _shards.IsEmpty ? null : new ClusterView(now, [new NodeRow(NodeName, now, TakesShards: true)], _shards);
        }
    }

    internal override IReadOnlyList<CoreLoop> Loops => _loops;

    public override async Task StartAsync(CancellationToken ct)
    {
        var claims = await _journal.ClaimAsync([.. Enumerable.Range(0, ShardCount)], NodeName, ct).ConfigureAwait(false);
        _shards = [.. claims.OrderBy(claim => claim.Shard).Select(claim => new ShardRow(claim.Shard, claim.Epoch, NodeName, "", claim.InboxLast))];
        foreach (var loop in _loops)
        {
            loop.Start();
        }

        foreach (var group in claims.GroupBy(claim => LoopOf(claim.Shard)))
        {
            group.Key.Post(new CoreInput.ShardsClaimed([.. group]));
        }
    }

    /// <remarks>Nothing is left in an inbox: this process is the only one that could read it.</remarks>
    private protected override async Task<object> CarryAsync(EntityId to, object message, string? inboxId, CancellationToken ct)
    {
        var id = Interlocked.Increment(ref _lastAsk);
        var answer = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asks[id] = answer;
        try
        {
            LoopOf(to).Post(new CoreInput.Ask(id, to, message));
            return await answer.Task.WaitAsync(AskTimeout, Time, ct).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new EntityUnavailableException($"{to} has not answered within {AskTimeout.TotalSeconds:0} s.", error);
        }
        finally
        {
            _asks.TryRemove(id, out _);
        }
    }

    private protected override async Task StopAsync()
    {
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

    internal void Refuse(long askId, AskFailure failure, string detail)
    {
        if (_asks.TryGetValue(askId, out var ask))
        {
            ask.TrySetException(Failure(failure, detail));
        }
    }
}
