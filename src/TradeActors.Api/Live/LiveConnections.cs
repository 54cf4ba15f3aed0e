using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Journal;
using TradeActors.Api.Auth;
using TradeActors.Api.Common;

namespace TradeActors.Api.Live;

/// <summary>Every open connection of this node.</summary>
internal sealed class LiveConnections
{
    private readonly ConcurrentDictionary<ILiveConnection, bool> _open = new();

    public int Count => _open.Count;

    public IEnumerable<ILiveConnection> Open => _open.Keys;

    public void Add(ILiveConnection connection) => _open[connection] = true;

    public void Remove(ILiveConnection connection) => _open.TryRemove(connection, out _);
}

/// <summary>Every two seconds: where the watched topics stand, and whether the sessions of open connections are still valid.</summary>
internal sealed class LiveHeartbeat(LiveTopics topics, LiveConnections connections, ISessionCheck sessions, TimeProvider time, ILogger<LiveHeartbeat> log)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await BeatAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task BeatAsync(CancellationToken ct)
    {
        try
        {
            await topics.LookAsync(ct).ConfigureAwait(false);
            foreach (var connection in connections.Open)
            {
                if (!await sessions.IsValidAsync(connection.User, ct).ConfigureAwait(false))
                {
                    LiveLog.SessionOver(log, Caller.Of(connection.User)!.UserId);
                    connection.EndSession();
                }
            }
        }
        catch (JournalUnavailableException error)
        {
            LiveLog.LookFailed(log, error);
        }
#pragma warning disable CA1031 // The top of the loop: the next beat tries again.
        catch (Exception error) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LiveLog.Unexpected(log, error);
        }
    }
}
