using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Stored;
using TradeActors.Abstractions.Transport;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Cluster;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

/// <summary>The shell of one node of several: it owns the shards that fall to it, and its door reaches the entities of all.</summary>
public sealed class ClusterNode : EntityNode
{
    private readonly ClusterOptions _options;
    private readonly ClusterMessages _messages;
    private readonly ClusterLoop _loop;
    private readonly Action<ClusterNotice> _notices;
    private readonly NodeCalls _calls;
    private readonly ConcurrentDictionary<DoorQuestion, bool> _questions = new();
    private INodeTransport? _transport;
    private string? _disconnected = "It is connecting.";
    private string? _boardLost;
    private int _owned = -1;
    private TaskCompletionSource? _hasLeft;
    private volatile bool _isLeaving;

    /// <inheritdoc cref="LoopParts"/>
    /// <param name="options">Its loops are not asked for: a node of several has one.</param>
    /// <param name="clusterNotices">Called from several threads: log and return.</param>
    /// <param name="meters">Gives the meter <see cref="EntityNode.MeterName"/>.</param>
    public ClusterNode(
        EntityNodeOptions options,
        ClusterOptions cluster,
        IReadOnlyList<IEntityBehavior> kinds,
        StoredTypes types,
        IJournal journal,
        IEffectRunner effects,
        IQuoteInterest quotes,
        TimeProvider time,
        Action<CoreNotice> notices,
        Action<ClusterNotice> clusterNotices,
        IEntityObserver observer,
        IMeterFactory meters)
        : base(options, kinds.Select(kind => kind.Kind), time, new RuntimeMetrics(meters))
    {
        (_options, _notices) = (cluster, clusterNotices);
        _messages = new ClusterMessages(types, options.NodeName, cluster.Life);
        _calls = new NodeCalls(options.NodeName, cluster, time, Notice);
        _loop = new ClusterLoop(
            this, new LoopParts(new EntityCore(kinds, types, options.Core), options, journal, effects, quotes, time, notices, observer, Metrics), types, cluster,
            _messages);
        Metrics.ObserveCluster(() => Math.Max(0, Volatile.Read(ref _owned)), () => IsConnected);
    }

    /// <summary>What other nodes ask this one and tell all, besides what entities say. To be set up before the start.</summary>
    public NodeCalls Calls => _calls;

    /// <summary>Ends as soon as a part of the shell has. Faulted: a defect in the runtime itself; nothing is lost, but the process must be started again.</summary>
    public override Task Completion => _transport is { } transport ? Task.WhenAny(base.Completion, transport.Completion).Unwrap() : base.Completion;

    /// <inheritdoc/>
    public override ClusterView? View => _loop.Sight.View;

    /// <summary>Whether this node has seen the board within its lease, its clock is right, and it does not leave.</summary>
    public bool IsReady => _loop.Sight.IsReady && IsAlive;

    /// <summary>Whether this node's clock is near enough to the database's to take shards.</summary>
    public bool IsClockRight => Skew.Duration() <= _options.Region.SkewAtMost;

    /// <summary>How far this node's clock is from the database's at least.</summary>
    public TimeSpan Skew => _loop.Sight.Skew;

    /// <summary>Whether the message broker can be reached.</summary>
    public bool IsConnected => Disconnected is null;

    /// <summary>Why the message broker cannot be reached; null while it is.</summary>
    public string? Disconnected => Volatile.Read(ref _disconnected);

    /// <summary>Why the database does not answer; null while it does.</summary>
    public string? BoardLost => Volatile.Read(ref _boardLost);

    /// <summary>Whether it was told to hand over its shards.</summary>
    public bool IsLeaving => _isLeaving;

    internal override IReadOnlyList<CoreLoop> Loops => [_loop];

    public override Task StartAsync(CancellationToken ct)
    {
        _transport = _options.Connect(new Events(this));
        _loop.Use(_transport);
        _calls.Use(_transport);
        _loop.Start();
        return Task.CompletedTask;
    }

    /// <summary>Whether the board has not heard of a node for so long that its shards go to others.</summary>
    public bool IsGone(NodeRow node, ClusterView view) => view.At - node.SeenAt >= _options.Region.DeadAfter;

    /// <summary>Hands the shards over to other nodes, one after another in good order, and takes no more. Goes on answering at the door.</summary>
    public void Leave()
    {
        _isLeaving = true;
        _loop.Post(new RegionInput.Leave());
    }

    /// <summary>Takes shards again after <see cref="Leave"/>.</summary>
    public void Stay()
    {
        _isLeaving = false;
        _loop.Post(new RegionInput.Stay());
    }

    /// <summary>As <see cref="Leave"/>, and waits until everything is handed over: not at all when nobody could take it, and not for ever.</summary>
    public async Task LeaveAsync()
    {
        var hasLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _hasLeft, hasLeft);
        Leave();
        if (!_loop.Sight.HasLeft && IsConnected && View is { } view && view.Nodes.Any(node => node.Node != NodeName && node.TakesShards && !IsGone(node, view)))
        {
            await hasLeft.Task.WaitAsync(_options.LeaveWithin, Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private protected override async Task<object> CarryAsync(EntityId to, object message, string? inboxId, CancellationToken ct)
    {
        var question = new DoorQuestion(to, message, inboxId);
        _questions[question] = true;
        _loop.Post(question);
        try
        {
            // The router gives up first, unless the loop itself has stalled.
            return await question.Answer.Task.WaitAsync(_options.Router.GiveUpAfter + _options.Region.Lease, Time, ct).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new EntityUnavailableException("The loop of this node does not come round.", error);
        }
        finally
        {
            _questions.TryRemove(question, out _);
        }
    }

    private protected override async Task StopAsync()
    {
        var stopping = _loop.DisposeAsync().AsTask();
        await stopping.WaitAsync(_options.Region.Lease, Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _loop.GiveUp(); // Without a database nothing would ever be stored: what was judged and not answered is judged again elsewhere.
        await stopping.ConfigureAwait(false);
        foreach (var question in _questions.Keys)
        {
            question.Answer.TrySetException(new EntityUnavailableException("This node has stopped."));
        }

        if (_transport is not null)
        {
            await _transport.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal static Exception FailureOf(AskFailure failure, string detail) => Failure(failure, detail);

    internal void Notice(ClusterNotice notice) => _notices(notice);

    internal void Seen(ClusterSight sight)
    {
        if (sight.HasLeft)
        {
            Volatile.Read(ref _hasLeft)?.TrySetResult();
        }

        if (sight.View is { } view && view.Shards.Count(row => row.Owner == NodeName) is var owned && owned != _owned)
        {
            Volatile.Write(ref _owned, owned);
            Notice(new ClusterNotice.Owns(owned, view.Shards.Length));
        }
    }

    internal void BoardAnswered(Exception? error)
    {
        var before = Interlocked.Exchange(ref _boardLost, error?.Message);
        if (error is not null && before is null)
        {
            Notice(new ClusterNotice.BoardLost(error));
        }
        else if (error is null && before is not null)
        {
            Notice(new ClusterNotice.BoardFound());
        }
    }

    /// <summary>What the transport tells, handed to where it belongs. Decoding is done here, off the loop.</summary>
    private sealed class Events(ClusterNode node) : ITransportEvents
    {
        public void Connected()
        {
            Volatile.Write(ref node._disconnected, null);
            node.Notice(new ClusterNotice.Connected());
            node.TellAll(_ => true); // What was announced meanwhile is not known.
            node._calls.Connected();
        }

        public void Disconnected(string reason)
        {
            if (Interlocked.Exchange(ref node._disconnected, reason) != reason)
            {
                node.Notice(new ClusterNotice.Disconnected(reason));
            }
        }

        public void Registered(int shard, long registration) => node._loop.Post(new RegionInput.Registered(shard, registration));

        public void Ended(int shard, long registration, string reason) => node._loop.Post(new RegionInput.Ended(shard, registration));

        public void Delivered(int shard, long registration, long tag, TransportMessage message)
        {
            object? content = null;
            if (Understand(message, () => content = node._messages.ReadDelivered(message)))
            {
                node._loop.Post(new Arrival(shard, registration, tag, content));
            }
            else
            {
                node._transport?.Done(shard, registration, tag); // It would be no better the next time, and holds up what is behind it.
            }
        }

        public void Reply(TransportMessage message) => Understand(message, () =>
        {
            if (message.Type == ClusterMessages.Answers)
            {
                foreach (var answer in node._messages.ReadAnswers(message, error => node.Notice(new ClusterNotice.NotUnderstood(message.Type, error))))
                {
                    node._loop.Post(answer);
                }
            }
            else
            {
                node._calls.Take(message);
            }
        });

        public void Announced(TransportMessage message) => Understand(message, () =>
        {
            if (message.ReplyTo == node.NodeName)
            {
                return; // Our own.
            }

            if (message.Type == ClusterMessages.Commits)
            {
                foreach (var (id, seq) in ClusterMessages.ReadCommits(message))
                {
                    node.Tell(id, seq);
                }
            }
            else
            {
                node._calls.Shared(message);
            }
        });

        public void NotTaken(TransportMessage message)
        {
            if (message.Type == ClusterMessages.Question && node._messages.AskIdOf(message.CorrelationId) is { } askId)
            {
                node._loop.Post(new RemoteAnswer(askId, null, AskFailure.NotOwner, "No queue has taken the question."));
            }
        }

        private bool Understand(TransportMessage message, Action read)
        {
            try
            {
                read();
                return true;
            }
#pragma warning disable CA1031 // Bytes from elsewhere: a newer node, or nobody of ours. One message must not end the transport.
            catch (Exception error)
#pragma warning restore CA1031
            {
                node.Notice(new ClusterNotice.NotUnderstood(message.Type, error));
                return false;
            }
        }
    }
}
