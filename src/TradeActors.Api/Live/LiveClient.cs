using System.Security.Claims;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Runtime.Live;

namespace TradeActors.Api.Live;

/// <summary>A connection that outlives the request that made it.</summary>
internal interface ILiveConnection
{
    ClaimsPrincipal User { get; }

    /// <summary>The session is over: closes the connection, and the client shall not come back with it.</summary>
    void EndSession();
}

/// <summary>What all clients of the hub share.</summary>
internal sealed class LiveParts(LiveTopics topics, QuoteFeeds quotes, ILiveStore store, Snapshots snapshots, LiveMetrics metrics, ILogger<LiveClient> log)
{
    public LiveTopics Topics => topics;

    public QuoteFeeds Quotes => quotes;

    public ILiveStore Store => store;

    public Snapshots Snapshots => snapshots;

    public LiveMetrics Metrics => metrics;

    public ILogger Log => log;
}

/// <summary>
/// One connection to the hub: what it watches, and the one loop that writes to it. While the client reads slowly the loop waits in a write; meanwhile at
/// most <see cref="MostQueued"/> events wait, and one quote a contract. An event beyond that makes its topic begin again with a snapshot.
/// </summary>
internal sealed class LiveClient : ILiveConnection, IQuoteTaker, IFollowerOutput, IAsyncDisposable
{
    /// <summary>Topics that one client may watch.</summary>
    public const int MostTopics = 1_000;

    /// <summary>Symbols, as it names them, that one client may watch.</summary>
    public const int MostSymbols = 100;

    /// <summary>Events that may wait for one client.</summary>
    public const int MostQueued = 1_000;

    private readonly HubConnectionContext _connection;
    private readonly LiveParts _parts;
    private readonly Lock _gate = new();

    // Of what belongs to no topic there is one entry for each contract, its watch.
    private readonly ClientQueue _queue = new(MostQueued);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    // Hub methods come one after another, but the end of the connection does not wait for the last of them.
    private readonly Lock _watching = new();
    private readonly Dictionary<Watched, Following> _topics = [];
    private readonly Dictionary<string, QuoteWatch> _quotes = new(StringComparer.Ordinal);

    // As the client names them, to their contracts: a root means another one after a roll, and must still end what it began.
    private readonly Dictionary<string, string> _contracts = new(StringComparer.Ordinal);
    private readonly Task _writing;
    private bool _isOver;

    public LiveClient(HubConnectionContext connection, LiveParts parts)
    {
        (_connection, _parts) = (connection, parts);
        _writing = Task.Run(WriteAsync);
    }

    public ClaimsPrincipal User => _connection.User;

    public void EndSession() => _connection.Abort();

    /// <summary>Whether these could be watched as well.</summary>
    public bool HasRoomFor(IEnumerable<Watched> topics, IEnumerable<string> symbols)
    {
        lock (_watching)
        {
            return _topics.Keys.Union(topics).Count() <= MostTopics && _contracts.Keys.Union(symbols).Count() <= MostSymbols;
        }
    }

    /// <summary>Begins to watch, or begins anew.</summary>
    /// <param name="after">The last sequence that the client has; null for a snapshot first.</param>
    public void Watch(Watched watched, long? after)
    {
        lock (_watching)
        {
            Unwatch_NeedsLock(watched);
            if (!_isOver)
            {
                var follower = new Following(this, _parts.Topics.Borrow(watched), after);
                _topics.Add(watched, follower);
                follower.Synchronise();
            }
        }
    }

    public void Unwatch(Watched watched)
    {
        lock (_watching)
        {
            Unwatch_NeedsLock(watched);
        }
    }

    /// <summary>Begins to watch, or begins anew.</summary>
    /// <param name="contract">What the symbol means now.</param>
    public void Watch(string symbol, string contract)
    {
        lock (_watching)
        {
            if (!_isOver)
            {
                if (_contracts.Remove(symbol, out var before) && !_contracts.ContainsValue(before))
                {
                    End_NeedsLock(before); // Another one, when the front contract has changed since.
                }

                _contracts.Add(symbol, contract);
                End_NeedsLock(contract);
                _quotes.Add(contract, _parts.Quotes.Watch(contract, this));
            }
        }
    }

    /// <param name="symbol">As it was named when it began, or its contract.</param>
    public void Unwatch(string symbol)
    {
        lock (_watching)
        {
            var contract = _contracts.GetValueOrDefault(symbol, symbol);
            End_NeedsLock(contract);
            foreach (var (name, _) in _contracts.Where(known => known.Value == contract).ToArray())
            {
                _contracts.Remove(name);
            }
        }
    }

    public bool TryQueue(TopicFollower follower, object message)
    {
        lock (_gate)
        {
            if (!_queue.TryAddEvent(follower, message))
            {
                _parts.Metrics.Overflow();
                return false;
            }
        }

        _wake.Writer.TryWrite(true);
        return true;
    }

    public void QueueSync(TopicFollower follower)
    {
        lock (_gate)
        {
            _queue.AddSync(follower);
        }

        _wake.Writer.TryWrite(true);
    }

    public void Queue(QuoteWatch watch)
    {
        lock (_gate)
        {
            _queue.Add(watch);
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Ends every watch, for good, and waits for the writing loop.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_watching)
        {
            _isOver = true;
            foreach (var watched in _topics.Keys.ToArray())
            {
                Unwatch_NeedsLock(watched);
            }

            foreach (var contract in _quotes.Keys.ToArray())
            {
                End_NeedsLock(contract);
            }
        }

        _wake.Writer.Complete();
        await _writing.ConfigureAwait(false);
    }

    private void Unwatch_NeedsLock(Watched watched)
    {
        if (_topics.Remove(watched, out var following))
        {
            following.Fan.End(following);
            _parts.Topics.Return(following.Fan);
        }
    }

    private void End_NeedsLock(string contract)
    {
        if (_quotes.Remove(contract, out var watch))
        {
            _parts.Quotes.End(watch);
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(_connection.ConnectionAborted).ConfigureAwait(false))
            {
                _wake.Reader.TryRead(out _);
                while (TryTake(out var next))
                {
                    await WriteAsync(next).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (_connection.ConnectionAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
#pragma warning disable CA1031 // The top of the loop: without it the connection would fall silent. The client comes back and goes on behind what it has.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LiveLog.ConnectionFailed(_parts.Log, error, _connection.ConnectionId);
            _connection.Features.Get<IConnectionLifetimeFeature>()?.Abort();
        }
    }

    private bool TryTake(out Waiting next)
    {
        lock (_gate)
        {
            return _queue.TryTake(out next);
        }
    }

    private async ValueTask WriteAsync(Waiting next)
    {
        switch (next)
        {
            case { Message: QuoteWatch watch }:
                if (watch.Take() is { } quote)
                {
                    await WriteAsync(quote.ForHub).ConfigureAwait(false);
                    _parts.Metrics.Quote();
                }

                break;
            case { Message: SerializedHubMessage message }:
                await WriteAsync(message).ConfigureAwait(false);
                _parts.Metrics.Event();
                break;
            case { Follower: Following following }:
                await (following.Last is { } last ? CatchUpAsync(following, last) : ResetAsync(following)).ConfigureAwait(false);
                following.Fan.Join(following);
                break;
        }
    }

    private async Task ResetAsync(Following following)
    {
        var watched = following.Fan.Watched;
        var state = await _parts.Store.StateAsync(watched.Topic, watched.Row, _connection.ConnectionAborted).ConfigureAwait(false);
        if (following.SnapshotRead(state.Head))
        {
            await WriteAsync(HubMessages.Reset(new LiveReset(watched.Name, state.Head, _parts.Snapshots.Of(state.Row!)))).ConfigureAwait(false);
            _parts.Metrics.Reset();
        }
    }

    private async Task CatchUpAsync(Following following, long last)
    {
        var watched = following.Fan.Watched;
        var page = await _parts.Store.ReadAsync(watched.Topic, last, TopicFan.PageSize, _connection.ConnectionAborted).ConfigureAwait(false);
        following.PageRead(page);
        foreach (var row in page.Events)
        {
            if (following.TrySend(row.Seq))
            {
                await WriteAsync(HubMessages.Event(new LiveEvent(watched.Name, row.Seq, row.Type, row.At, row.Data))).ConfigureAwait(false);
                _parts.Metrics.Event();
            }
        }
    }

    private ValueTask WriteAsync(SerializedHubMessage message) => _connection.WriteAsync(message, _connection.ConnectionAborted);

    private sealed class Following(LiveClient client, TopicFan fan, long? after) : TopicFollower(client, after)
    {
        public TopicFan Fan => fan;
    }
}
