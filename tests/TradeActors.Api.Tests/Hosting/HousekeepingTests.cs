using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Tests.Support;
using TradeActors.Node.Configuration;
using TradeActors.Node.Hosting;
using Xunit;

namespace TradeActors.Api.Tests.Hosting;

/// <summary>What is removed, and that one bad hour does not end it.</summary>
public sealed class HousekeepingTests : IDisposable
{
    private readonly TempData _data = new();
    private readonly HandClock _clock = new();
    private readonly CountingLog _log = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Audit_rows_go_when_their_time_is_over_and_not_before()
    {
        await using var store = await OpenAsync();
        var row = new AuditRow("1", _clock.GetUtcNow(), "u", null, null, "POST /x", "", 200, null, null);
        await store.Audit.WriteAsync("t", row, default);
        await store.Audit.WriteAsync("t", row with { Id = "2", At = row.At.AddDays(1) }, default);
        using var stop = new CancellationTokenSource();
        var running = Of(store).RunAsync(stop.Token);
        await RoundAsync();
        Assert.Equal(2, await CountAsync(store));
        _clock.Advance(TimeSpan.FromDays(400.5));
        await RoundAsync(); // It may have looked at the clock on the way.
        _clock.Advance(TimeSpan.FromHours(1));
        await Wait.UntilAsync("one row", () => CountAsync(store), count => count == 1);
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, _log.Errors);
    }

    [Fact]
    public async Task A_round_that_fails_is_followed_by_the_next_one()
    {
        var store = await OpenAsync();
        await store.DisposeAsync(); // From now on it answers that it is closed.
        using var stop = new CancellationTokenSource();
        var running = Of(store).RunAsync(stop.Token);
        for (var failed = 1; failed <= 3; failed++)
        {
            await RoundAsync();
            Assert.Equal(failed, _log.Errors);
            _clock.Advance(TimeSpan.FromHours(1));
        }

        await stop.CancelAsync();
        await running;
    }

    /// <summary>Waits until a round is over: then the next hour has begun to run.</summary>
    private Task RoundAsync() => Wait.UntilAsync("the end of a round", () => Task.FromResult(_clock.Armed), armed => armed == 1);

    private static async Task<int> CountAsync(NodeStore store) => (await store.Reads.ListKeysAsync(ReadTable.Audit, "t", default)).Count;

    private Housekeeping Of(NodeStore store) => new(store, NodeSettings.Read(new ConfigurationBuilder().Build()), () => true, _clock, _log);

    private Task<SqliteNodeStore> OpenAsync() => SqliteNodeStore.OpenAsync(
        NodeSettings.Read(new ConfigurationBuilder().Build()) with { DataDirectory = _data.Path }, TimeProvider.System, default);

    private sealed class CountingLog : ILogger
    {
        private int _errors;

        public int Errors => Volatile.Read(ref _errors);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Add(ref _errors, logLevel == LogLevel.Error ? 1 : 0);
    }
}
