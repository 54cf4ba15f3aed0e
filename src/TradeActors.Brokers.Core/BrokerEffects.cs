using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.Domain.Connections;

namespace TradeActors.Brokers.Core;

/// <summary>
/// Carries out what broker connections ask for: one link per connection, which keeps its session, calls the broker, and tells the entity what came of it in
/// terms of what may be done next. What is decided on the way is decided in <see cref="Links.BrokerLink"/>.
/// </summary>
/// <param name="calls">Is told of every call about an order.</param>
public sealed class BrokerEffects(IEnumerable<IBrokerAdapter> adapters, TimeProvider time, IBrokerCallObserver calls, ILogger<BrokerEffects> log)
    : IEffectRunner, IAsyncDisposable
{
    private readonly SortedDictionary<string, IBrokerAdapter> _adapters =
        new(adapters.ToDictionary(adapter => adapter.Name, StringComparer.Ordinal), StringComparer.Ordinal);

    private readonly ConcurrentDictionary<EntityId, ConnectionLink> _links = new();

    /// <summary>Orders of this node whose fate is not known and is being asked for.</summary>
    public int OrdersAskedFor => _links.Values.Sum(link => link.OrdersAskedFor);

    public void Start(EffectRun run)
    {
        var settings = (run.Call as KeepSession)?.Settings ?? (run.Call as IOrderCall)?.Settings;
        if (settings is null || !_adapters.TryGetValue(settings.Broker, out var adapter))
        {
            BrokerLog.NoSuchCall(log, run.Entity.ToString(), run.Key, settings?.Broker);
            return;
        }

        _links.GetOrAdd(run.Entity, id => new ConnectionLink(id, settings, adapter, time, calls, log)).Start(run);
    }

    public void Stop(EntityId entity, string key)
    {
        if (_links.TryGetValue(entity, out var link))
        {
            link.Stop(key);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links.Values)
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }
}

internal static partial class BrokerLog
{
    [LoggerMessage(3001, LogLevel.Error, "A broker call of {Connection} failed in a way its adapter does not account for")]
    public static partial void CallFailed(ILogger log, Exception error, string connection);

    [LoggerMessage(3002, LogLevel.Warning, "Broker session of {Connection} lost: {Reason}")]
    public static partial void SessionLost(ILogger log, string connection, string reason);

    [LoggerMessage(3003, LogLevel.Warning, "{Connection} could not log on to its broker: {Reason}")]
    public static partial void LogOnFailed(ILogger log, string connection, string reason);

    [LoggerMessage(3004, LogLevel.Error, "{Connection} asks for {Key} of broker {Broker}, which this node does not have")]
    public static partial void NoSuchCall(ILogger log, string connection, string key, string? broker);
}
