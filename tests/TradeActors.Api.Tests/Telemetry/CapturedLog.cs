using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace TradeActors.Api.Tests.Telemetry;

/// <param name="Values">By the names in the template.</param>
internal sealed record LogLine(string Category, LogLevel Level, int Id, string Text, IReadOnlyDictionary<string, object?> Values);

/// <summary>Keeps every line that the filters let through.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new LogLine(
                category, logLevel, eventId.Id, $"{formatter(state, exception)} {exception}",
                (state as IEnumerable<KeyValuePair<string, object?>> ?? []).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal)));
    }
}
