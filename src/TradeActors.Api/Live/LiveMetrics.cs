using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace TradeActors.Api.Live;

/// <summary>What live updates count, under <see cref="MeterName"/>.</summary>
internal sealed class LiveMetrics
{
    public const string MeterName = "TradeActors.Live";

    private readonly Counter<long> _events;
    private readonly Counter<long> _resets;
    private readonly Counter<long> _overflows;
    private readonly Counter<long> _quotes;

    public LiveMetrics(IMeterFactory meters, LiveTopics topics, LiveConnections connections)
    {
        var meter = meters.Create(MeterName);
        _events = meter.CreateCounter<long>("tradeactors.live.events", "{event}", "Events sent to clients.");
        _resets = meter.CreateCounter<long>("tradeactors.live.resets", "{reset}", "Snapshots sent: at a start without a position, at one out of range, to slow clients.");
        _overflows = meter.CreateCounter<long>("tradeactors.live.overflows", "{topic}", "Times that a client read too slowly and a topic of it must begin again.");
        _quotes = meter.CreateCounter<long>("tradeactors.live.quotes", "{quote}", "Quotes sent to clients, coalesced.");
        meter.CreateObservableGauge("tradeactors.live.connections", () => connections.Count, "{connection}", "Open connections of the hub and the tickers.");
        meter.CreateObservableGauge("tradeactors.live.topics", () => topics.Count, "{topic}", "Topics that somebody watches on this node.");
    }

    public void Event() => _events.Add(1);

    public void Reset() => _resets.Add(1);

    public void Overflow() => _overflows.Add(1);

    public void Quote() => _quotes.Add(1);
}

/// <summary>Event ids 5100 to 5199.</summary>
internal static partial class LiveLog
{
    [LoggerMessage(5100, LogLevel.Warning, "Topic {Tenant}/{Topic} cannot be read; tried again")]
    public static partial void ReadFailed(ILogger log, Exception error, string tenant, string topic);

    [LoggerMessage(5101, LogLevel.Warning, "Live connection {Connection} is closed: it cannot be served now")]
    public static partial void ConnectionFailed(ILogger log, Exception error, string connection);

    [LoggerMessage(5102, LogLevel.Warning, "Where live topics stand, or whether sessions are valid, cannot be read; tried again")]
    public static partial void LookFailed(ILogger log, Exception error);

    [LoggerMessage(5103, LogLevel.Error, "Unexpected error in live updates; they go on")]
    public static partial void Unexpected(ILogger log, Exception error);

    [LoggerMessage(5104, LogLevel.Information, "The session of user {UserId} is over: a live connection is closed")]
    public static partial void SessionOver(ILogger log, string userId);
}
