using System.Collections.Immutable;
using System.Threading.Channels;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

/// <summary>Runs one <see cref="EntityCore"/>: feeds it inputs one at a time and does what it says.</summary>
/// <remarks>
/// The inbox is not bounded here: asks are bounded by the node, quotes by their one outstanding delivery per contract, and the rest are results of
/// what the core itself has started.
/// </remarks>
internal sealed class CoreLoop : ICoreOutput, IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly EntityNode _node;
    private readonly EntityCore _core;
    private readonly EntityNodeOptions _options;
    private readonly IJournal _journal;
    private readonly IEffectRunner _effects;
    private readonly IQuoteInterest _quotes;
    private readonly TimeProvider _time;
    private readonly Action<CoreNotice> _notices;
    private readonly IEntityObserver _observer;
    private readonly RuntimeMetrics _metrics;
    private readonly Channel<Item> _inbox = Channel.CreateUnbounded<Item>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Queue<CoreInput> _own = [];
    private readonly SortedDictionary<(EntityId, string), StartedEffect> _started = [];
    private readonly ITimer _alarm;
    private Task _loop = Task.CompletedTask;
    private long _lastBeat;
    private long _posted;
    private long _taken;
    private int _loadedEntities;
    private volatile bool _isStopping;

    public CoreLoop(
        EntityNode node, EntityCore core, EntityNodeOptions options, IJournal journal, IEffectRunner effects, IQuoteInterest quotes, TimeProvider time,
        Action<CoreNotice> notices, IEntityObserver observer, RuntimeMetrics metrics)
    {
        (_node, _core, _options, _journal, _effects, _quotes, _time, _notices) = (node, core, options, journal, effects, quotes, time, notices);
        (_observer, _metrics) = (observer, metrics);
        _lastBeat = time.GetTimestamp();
        _alarm = time.CreateTimer(_ => Post(new CoreInput.ClockTick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="Input">Null for a look.</param>
    private sealed record Item(CoreInput? Input, TaskCompletionSource? Done, Action<EntityCore>? Look = null);

    /// <summary>Whether an effect may still touch the world. Read by other threads.</summary>
    private sealed class StartedEffect
    {
        private volatile bool _isStopped;

        public bool IsStopped
        {
            get => _isStopped;
            set => _isStopped = value;
        }
    }

    public int LoadedEntities => Volatile.Read(ref _loadedEntities);

    /// <summary>Inputs that wait; about right while the loop runs.</summary>
    public long Waiting => Math.Max(0, Interlocked.Read(ref _posted) - Interlocked.Read(ref _taken));

    public bool IsWithinLease => _time.GetElapsedTime(Volatile.Read(ref _lastBeat)) < _options.Lease;

    /// <summary>Ends when the loop does; faulted by a defect in the runtime itself.</summary>
    public Task Completion => _loop;

    public void Start() => _loop = Task.Run(RunAsync);

    public void Post(CoreInput input) => TryPost(new Item(input, null));

    public Task PostAndWaitAsync(CoreInput input)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return TryPost(new Item(input, done)) ? done.Task : Task.CompletedTask;
    }

    private bool TryPost(Item item)
    {
        Interlocked.Increment(ref _posted);
        return _inbox.Writer.TryWrite(item);
    }

    /// <summary>Reads something of the core between two inputs.</summary>
    /// <param name="look">Runs on the loop: changes nothing and is quick.</param>
    /// <exception cref="EntityUnavailableException">The loop has ended, or does not come round.</exception>
    public async Task<T> LookAsync<T>(Func<EntityCore, T> look, CancellationToken ct)
        where T : class
    {
        T? seen = null;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_inbox.Writer.TryWrite(new Item(null, done, core => seen = look(core))))
        {
            try
            {
                await done.Task.WaitAsync(_options.AskTimeout, _time, ct).ConfigureAwait(false);
            }
            catch (TimeoutException error)
            {
                throw new EntityUnavailableException("A loop of this node does not come round.", error);
            }
        }

        return seen ?? throw new EntityUnavailableException("This node has stopped.");
    }

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        Post(new CoreInput.ClockTick());
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // A fault has been told by Completion.
        await _alarm.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var reader = _inbox.Reader;
        while (!(_isStopping && _core.IsIdle && !reader.TryPeek(out _)))
        {
            var taken = 0;
            while (taken < 256 && reader.TryRead(out var item))
            {
                taken++;
                if (item.Input is { } input)
                {
                    Step(input);
                }

                item.Look?.Invoke(_core);
                item.Done?.TrySetResult();
            }

            Interlocked.Add(ref _taken, taken);
            _core.Flush(this);
            Volatile.Write(ref _lastBeat, _time.GetTimestamp());
            Volatile.Write(ref _loadedEntities, _core.LoadedEntities);
            if (!reader.TryPeek(out _) && !(_isStopping && _core.IsIdle))
            {
                SetAlarm();
                await reader.WaitToReadAsync().ConfigureAwait(false);
            }
        }

        StopEffects();
        _inbox.Writer.TryComplete();
        while (reader.TryRead(out var left))
        {
            left.Done?.TrySetResult();
        }
    }

    /// <summary>One input, and everything that the core sends to its own entities because of it.</summary>
    private void Step(CoreInput input)
    {
        _core.Step(input, _time.GetUtcNow(), this);
        while (_own.TryDequeue(out var own))
        {
            _core.Step(own, _time.GetUtcNow(), this);
        }
    }

    // Rings at least once a beat, so that a stalled loop is told from an idle one.
    private void SetAlarm()
    {
        var wait = _core.NextAlarm - _time.GetUtcNow();
        _alarm.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < Beat ? wait.Value : Beat, Timeout.InfiniteTimeSpan);
    }

    private void StopEffects()
    {
        foreach (var ((id, key), effect) in _started)
        {
            effect.IsStopped = true;
            _effects.Stop(id, key);
        }

        _started.Clear();
    }

    void ICoreOutput.Load(EntityId id, long activation, int snapshotSchema) => _ = LoadAsync(id, activation, snapshotSchema);

    private async Task LoadAsync(EntityId id, long activation, int snapshotSchema)
    {
        try
        {
            Post(new CoreInput.Loaded(id, activation, await _journal.LoadAsync(id, snapshotSchema, CancellationToken.None).ConfigureAwait(false)));
        }
#pragma warning disable CA1031 // Whatever the store says, the core retries with back-off and shows it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Post(new CoreInput.LoadFailed(id, activation, error.Message));
        }
    }

    void ICoreOutput.LookUp(EntityId id, long activation, RowKey key) => _ = LookUpAsync(id, activation, key);

    private async Task LookUpAsync(EntityId id, long activation, RowKey key)
    {
        try
        {
            Post(new CoreInput.LookedUp(id, activation, await _journal.LookupAsync(key, CancellationToken.None).ConfigureAwait(false)));
        }
#pragma warning disable CA1031 // As for a load.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Post(new CoreInput.LoadFailed(id, activation, error.Message));
        }
    }

    void ICoreOutput.Append(long batchId, ImmutableArray<EntityAppend> parts) => _ = AppendAsync(batchId, parts);

    private async Task AppendAsync(long batchId, ImmutableArray<EntityAppend> parts)
    {
        var started = _time.GetTimestamp();
        try
        {
            var outcomes = await _journal.AppendAsync(parts, CancellationToken.None).ConfigureAwait(false);
            _metrics.Appended(parts, _time.GetElapsedTime(started), hasFailed: false);
            Post(new CoreInput.Appended(batchId, outcomes));
        }
#pragma warning disable CA1031 // Refused or unknown: the core reads the streams back either way.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _metrics.Appended(parts, _time.GetElapsedTime(started), hasFailed: true);
            _notices(new CoreNotice.AppendFailed(parts.Length, error));
            Post(new CoreInput.Appended(batchId, default));
        }
    }

    void ICoreOutput.Send(Envelope envelope) => Route(_node.LoopOf(envelope.To), new CoreInput.Delivered(envelope));

    void ICoreOutput.SendFanOut(FanOutEnvelope envelope) => Route(_node.LoopOf(envelope.Shard), new CoreInput.FanOutDelivered(envelope));

    void ICoreOutput.Acknowledge(Acknowledgement acknowledgement) =>
        Route(_node.LoopOf(acknowledgement.Sender), new CoreInput.Acknowledged(acknowledgement));

    private void Route(CoreLoop loop, CoreInput input)
    {
        if (ReferenceEquals(loop, this))
        {
            _own.Enqueue(input);
        }
        else
        {
            loop.Post(input);
        }
    }

    void ICoreOutput.Reply(long askId, object reply) => _node.Answer(askId, reply);

    void ICoreOutput.Fail(long askId, AskFailure failure, string detail) => _node.Refuse(
        askId, failure == AskFailure.Parked ? new MessageParkedException(detail) : new EntityUnavailableException(detail));

    void ICoreOutput.Done(long tag)
    {
        // In one process nothing comes by a queue.
    }

    void ICoreOutput.ReadInbox(int shard, long epoch, long after) => _ = ReadInboxAsync(shard, epoch, after);

    private async Task ReadInboxAsync(int shard, long epoch, long after)
    {
        try
        {
            Post(new CoreInput.InboxRead(shard, epoch, await _journal.ReadInboxAsync(shard, after, CancellationToken.None).ConfigureAwait(false)));
        }
#pragma warning disable CA1031 // As for a load.
        catch (Exception)
#pragma warning restore CA1031
        {
            await Task.Delay(Beat, _time).ConfigureAwait(false);
            Post(new CoreInput.InboxRead(shard, epoch, null));
            Post(new CoreInput.InboxGrew(shard, long.MaxValue));
        }
    }

    void ICoreOutput.DropInbox(int shard, long number) => _ = DropInboxAsync(shard, number);

    private async Task DropInboxAsync(int shard, long number)
    {
        try
        {
            await _journal.DropInboxAsync(shard, number, CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // What is left behind is judged again by the next owner, and proves to be a repeat.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    void ICoreOutput.StartEffect(EntityId id, long activation, Effect effect, DateTimeOffset at)
    {
        var started = new StartedEffect();
        var since = _time.GetTimestamp();
        _started[(id, effect.Key)] = started;
        _effects.Start(new EffectRun(
            id, activation, effect.Key, effect.Call,
            () => !started.IsStopped && IsWithinLease,
            () => at + _time.GetElapsedTime(since),
            message => Post(new CoreInput.EffectReported(id, activation, message))));
    }

    void ICoreOutput.StopEffect(EntityId id, string key)
    {
        if (_started.Remove((id, key), out var started))
        {
            started.IsStopped = true;
            _effects.Stop(id, key);
        }
    }

    void ICoreOutput.InterestBegan(EntityId id, string symbol)
    {
        if (_quotes.Began(symbol) is { } quote)
        {
            _own.Enqueue(new CoreInput.QuoteFor(id, quote));
        }
    }

    void ICoreOutput.InterestEnded(EntityId id, string symbol) => _quotes.Ended(symbol);

    void ICoreOutput.Stored(in StoredStep step) => _observer.Stored(step);

    void ICoreOutput.Committed(EntityId id, long seq) => _node.Announce(id, seq);

    void ICoreOutput.ShardRefused(int shard) => _notices(new CoreNotice.ShardRefused(shard));

    void ICoreOutput.Notice(CoreNotice notice)
    {
        _metrics.Noticed(notice);
        _notices(notice);
    }
}
