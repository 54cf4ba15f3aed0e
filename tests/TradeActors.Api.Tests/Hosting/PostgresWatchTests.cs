using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Abstractions.Journal;
using TradeActors.Api.Tests.Support;
using TradeActors.Node.Hosting;
using Xunit;

namespace TradeActors.Api.Tests.Hosting;

public sealed class PostgresWatchTests
{
    private readonly HandClock _clock = new();
    private readonly Queue<Func<CancellationToken, Task>> _answers = new();

    [Fact]
    public async Task Outage_is_seen_with_its_reason_and_so_is_its_end()
    {
        using var stop = new CancellationTokenSource();
        Answers(_ => Task.CompletedTask);
        Answers(_ => throw new JournalUnavailableException("wrapped", new IOException("Connection refused")));
        Answers(_ => Task.CompletedTask);
        var watch = new PostgresWatch(PingAsync, _clock, NullLogger.Instance);
        var running = watch.RunAsync(stop.Token);

        await AskedAsync();
        Assert.Null(watch.Fault);
        _clock.Advance(PostgresWatch.Interval);
        await AskedAsync();
        Assert.Equal("PostgreSQL does not answer: Connection refused.", watch.Fault);
        _clock.Advance(PostgresWatch.Interval);
        await AskedAsync();
        Assert.Null(watch.Fault);

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Server_that_takes_the_question_and_says_nothing_counts_as_away()
    {
        using var stop = new CancellationTokenSource();
        Answers(ct => Task.Delay(Timeout.Infinite, ct));
        Answers(_ => Task.CompletedTask);
        var watch = new PostgresWatch(PingAsync, _clock, NullLogger.Instance);
        var running = watch.RunAsync(stop.Token);

        _clock.Advance(PostgresWatch.AnswerWithin);
        await AskedAsync();
        Assert.Equal("PostgreSQL does not answer: nothing came within 2 s.", watch.Fault);

        await stop.CancelAsync();
        await running;
    }

    /// <summary>Waits until a question has been answered or given up: then the wait for the next one has begun.</summary>
    private Task AskedAsync() => Wait.UntilAsync("the end of a question", () => Task.FromResult(_clock.Armed), armed => armed == 1);

    private void Answers(Func<CancellationToken, Task> answer) => _answers.Enqueue(answer);

    private Task PingAsync(CancellationToken ct) => _answers.Dequeue()(ct);
}
