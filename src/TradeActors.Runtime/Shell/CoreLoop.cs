using System.Collections.Immutable;
using System.Threading.Channels;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;

namespace TradeActors.Runtime.Shell;

/// <summary>What a loop works with.</summary>
/// <param name="Effects">Gets its own results back through <see cref="EffectRun.Report"/>.</param>
/// <param name="Notices">Called on the loops: log and return.</param>
internal sealed record LoopParts(
    EntityCore Core, EntityNodeOptions Options, IJournal Journal, IEffectRunner Effects, IQuoteInterest Quotes, TimeProvider Time, Action<CoreNotice> Notices,
    IEntityObserver Observer, RuntimeMetrics Metrics);

/// <summary>Runs one <see cref="EntityCore"/>: feeds it inputs one at a time and does what it says. Where its messages go, the sort of node knows.</summary>
/// <remarks>
/// The inbox is not bounded here: asks are bounded by the node, quotes by their one outstanding delivery per contract, deliveries by the prefetch of their queues, and
/// the rest are results of what the core itself has started.
/// </remarks>
internal abstract class CoreLoop : ICoreOutput, IAsyncDisposable
{
    /// <summary>The longest time between two rounds, so that a stalled loop is told from an idle one.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private static readonly object Bell = new();

    private readonly LoopParts _parts;
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
    private volatile bool _isGivenUp;

    protected CoreLoop(LoopParts parts)
    {
        _parts = parts;
        _lastBeat = Time.GetTimestamp();
        _alarm = Time.CreateTimer(_ => Post(Bell), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="Input">A <see cref="CoreInput"/>, a <see cref="Look"/>, the bell, or whatever else the sort of node posts.</param>
    private readonly record struct Item(object Input, TaskCompletionSource? Done);

    private sealed record Look(Action<EntityCore> Do);

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

    public bool IsWithinLease => Time.GetElapsedTime(Volatile.Read(ref _lastBeat)) < _parts.Options.Lease;

    /// <summary>Ends when the loop does; faulted by a defect in the runtime itself.</summary>
    public Task Completion => _loop;

    protected EntityCore Core => _parts.Core;

    protected TimeProvider Time => _parts.Time;

    protected IJournal Journal => _parts.Journal;

    /// <summary>Whether effects may touch the world now. Asked from any thread.</summary>
    protected abstract bool MayAct { get; }

    public void Start() => _loop = Task.Run(RunAsync);

    public void Post(object input) => TryPost(new Item(input, null));

    public Task PostAndWaitAsync(CoreInput input)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return TryPost(new Item(input, done)) ? done.Task : Task.CompletedTask;
    }

    /// <summary>Reads something of the core between two inputs.</summary>
    /// <param name="look">Runs on the loop: changes nothing and is quick.</param>
    /// <exception cref="EntityUnavailableException">The loop has ended, or does not come round.</exception>
    public async Task<T> LookAsync<T>(Func<EntityCore, T> look, CancellationToken ct)
        where T : class
    {
        T? seen = null;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (TryPost(new Item(new Look(core => seen = look(core)), done)))
        {
            try
            {
                await done.Task.WaitAsync(_parts.Options.AskTimeout, Time, ct).ConfigureAwait(false);
            }
            catch (TimeoutException error)
            {
                throw new EntityUnavailableException("A loop of this node does not come round.", error);
            }
        }

        return seen ?? throw new EntityUnavailableException("This node has stopped.");
    }

    /// <summary>Ends the loop when everything that is judged is stored.</summary>
    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        Post(Bell);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // A fault has been told by Completion.
        await _alarm.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>What is not stored by now is left to whoever loads it next: a loop that is being disposed ends.</summary>
    public void GiveUp()
    {
        _isGivenUp = true;
        Post(Bell);
    }

    /// <summary>Takes one input. What it calls of this class leads to nothing else being taken before it returns.</summary>
    /// <param name="input">A <see cref="CoreInput"/>, or what was posted otherwise.</param>
    protected abstract void Step(object input);

    /// <summary>The time has come that <see cref="UntilAlarm"/> named, or a beat has passed.</summary>
    protected abstract void Ring();

    /// <summary>When to ring; null for no special time.</summary>
    protected abstract TimeSpan? UntilAlarm { get; }

    /// <summary>Some inputs have been taken, and it may be that no more wait.</summary>
    protected abstract void EndRound();

    /// <summary>To the front of everything that waits, behind what was put there before.</summary>
    protected void TakeNext(CoreInput input) => _own.Enqueue(input);

    private bool TryPost(Item item)
    {
        Interlocked.Increment(ref _posted);
        return _inbox.Writer.TryWrite(item);
    }

    private async Task RunAsync()
    {
        var reader = _inbox.Reader;
        while (!IsOver(reader))
        {
            var taken = 0;
            while (taken < 256 && reader.TryRead(out var item))
            {
                taken++;
                Take(item.Input);
                item.Done?.TrySetResult();
            }

            Interlocked.Add(ref _taken, taken);
            do
            {
                EndRound();
            }
            while (TakeOwn());

            Volatile.Write(ref _lastBeat, Time.GetTimestamp());
            Volatile.Write(ref _loadedEntities, Core.LoadedEntities);
            if (!reader.TryPeek(out _) && !IsOver(reader))
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

    private bool IsOver(ChannelReader<Item> reader) => _isStopping && (_isGivenUp || (Core.IsIdle && !reader.TryPeek(out _)));

    /// <summary>One input, and everything that the core sends to its own entities because of it.</summary>
    private void Take(object input)
    {
        if (input is Look look)
        {
            look.Do(Core);
        }
        else if (ReferenceEquals(input, Bell))
        {
            Ring();
        }
        else
        {
            Step(input);
        }

        TakeOwn();
    }

    /// <returns>Whether there was anything.</returns>
    private bool TakeOwn()
    {
        var isAny = false;
        while (_own.TryDequeue(out var own))
        {
            Step(own);
            isAny = true;
        }

        return isAny;
    }

    private void SetAlarm()
    {
        var wait = UntilAlarm ?? Beat;
        _alarm.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < Beat ? wait : Beat, Timeout.InfiniteTimeSpan);
    }

    private void StopEffects()
    {
        foreach (var ((id, key), effect) in _started)
        {
            effect.IsStopped = true;
            _parts.Effects.Stop(id, key);
        }

        _started.Clear();
    }

    void ICoreOutput.Load(EntityId id, long activation, int snapshotSchema) => _ = LoadAsync(id, activation, snapshotSchema);

    private async Task LoadAsync(EntityId id, long activation, int snapshotSchema)
    {
        try
        {
            Post(new CoreInput.Loaded(id, activation, await Journal.LoadAsync(id, snapshotSchema, CancellationToken.None).ConfigureAwait(false)));
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
            Post(new CoreInput.LookedUp(id, activation, await Journal.LookupAsync(key, CancellationToken.None).ConfigureAwait(false)));
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
        var started = Time.GetTimestamp();
        try
        {
            var outcomes = await Journal.AppendAsync(parts, CancellationToken.None).ConfigureAwait(false);
            _parts.Metrics.Appended(parts, Time.GetElapsedTime(started), hasFailed: false);
            Post(new CoreInput.Appended(batchId, outcomes));
        }
#pragma warning disable CA1031 // Refused or unknown: the core reads the streams back either way.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _parts.Metrics.Appended(parts, Time.GetElapsedTime(started), hasFailed: true);
            _parts.Notices(new CoreNotice.AppendFailed(parts.Length, error));
            Post(new CoreInput.Appended(batchId, default));
        }
    }

    public abstract void Send(Envelope envelope);

    public abstract void SendFanOut(FanOutEnvelope envelope);

    public abstract void Acknowledge(Acknowledgement acknowledgement);

    public abstract void Reply(long askId, object reply);

    public abstract void Fail(long askId, AskFailure failure, string detail);

    public abstract void Done(long tag);

    public abstract void Committed(EntityId id, long seq);

    void ICoreOutput.ReadInbox(int shard, long epoch, long after) => _ = ReadInboxAsync(shard, epoch, after);

    private async Task ReadInboxAsync(int shard, long epoch, long after)
    {
        try
        {
            Post(new CoreInput.InboxRead(shard, epoch, await Journal.ReadInboxAsync(shard, after, CancellationToken.None).ConfigureAwait(false)));
        }
#pragma warning disable CA1031 // As for a load.
        catch (Exception)
#pragma warning restore CA1031
        {
            await Task.Delay(Beat, Time).ConfigureAwait(false);
            Post(new CoreInput.InboxRead(shard, epoch, null));
            Post(new CoreInput.InboxGrew(shard, long.MaxValue));
        }
    }

    void ICoreOutput.DropInbox(int shard, long number) => _ = DropInboxAsync(shard, number);

    private async Task DropInboxAsync(int shard, long number)
    {
        try
        {
            await Journal.DropInboxAsync(shard, number, CancellationToken.None).ConfigureAwait(false);
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
        var since = Time.GetTimestamp();
        _started[(id, effect.Key)] = started;
        _parts.Effects.Start(new EffectRun(
            id, activation, effect.Key, effect.Call,
            () => !started.IsStopped && MayAct,
            () => at + Time.GetElapsedTime(since),
            message => Post(new CoreInput.EffectReported(id, activation, message))));
    }

    void ICoreOutput.StopEffect(EntityId id, string key)
    {
        if (_started.Remove((id, key), out var started))
        {
            started.IsStopped = true;
            _parts.Effects.Stop(id, key);
        }
    }

    void ICoreOutput.InterestBegan(EntityId id, string symbol)
    {
        if (_parts.Quotes.Began(symbol) is { } quote)
        {
            TakeNext(new CoreInput.QuoteFor(id, quote));
        }
    }

    void ICoreOutput.InterestEnded(EntityId id, string symbol) => _parts.Quotes.Ended(symbol);

    void ICoreOutput.Stored(in StoredStep step) => _parts.Observer.Stored(step);

    void ICoreOutput.ShardRefused(int shard) => _parts.Notices(new CoreNotice.ShardRefused(shard));

    void ICoreOutput.Notice(CoreNotice notice)
    {
        _parts.Metrics.Noticed(notice);
        _parts.Notices(notice);
    }
}
