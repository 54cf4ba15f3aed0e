using TradeActors.Abstractions.Journal;
using Xunit;
using static TradeActors.Market.Tests.Given;

namespace TradeActors.Market.Tests;

public sealed class StoredQuotesTests
{
    [Fact]
    public async Task Last_quotes_are_stored_once_per_interval_while_something_changes()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        Assert.Equal(0, given.Time.Armed);
        await given.PublishAsync(Quote(Nq, 1m), Quote(Es, 1m), Quote(Es, 2m));
        await given.Shown.CountAsync(3);
        await given.Time.ArmedAsync(1);

        given.Time.Advance(MarketPipeline.SaveInterval - TimeSpan.FromMilliseconds(1));
        Assert.Empty(given.Store.Saves.Items);
        given.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([$"{Es} {Nq}"], await given.Store.Saves.CountAsync(1));
        Assert.Equal([Quote(Es, 2m), Quote(Nq, 1m)], await given.Store.LoadAsync(default));
        Assert.Equal(0, given.Time.Armed);

        await given.PublishAsync(Quote(Es, 3m));
        await given.Time.ArmedAsync(1);
        given.Time.Advance(MarketPipeline.SaveInterval);
        Assert.Equal([$"{Es} {Nq}", Es], await given.Store.Saves.CountAsync(2));
    }

    [Fact]
    public async Task Stop_puts_what_was_published_into_the_book_and_stores_it_at_once()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        await given.PublishAsync(Quote(Es, 1m), Quote(Nq, 2m), Quote(Es, 3m));
        await given.Pipeline.StopAsync(default);
        Assert.Equal([Quote(Es, 3m), Quote(Nq, 2m)], await given.Store.LoadAsync(default));
        Assert.Equal([$"{Es} {Nq}"], given.Store.Saves.Items);
    }

    [Fact]
    public async Task Stored_quotes_are_known_after_a_restart_however_old_and_not_stored_again()
    {
        var store = new FakeQuoteStore();
        await using (var before = await PipelineUnderTest.StartAsync(store: store))
        {
            await before.PublishAsync(Quote(Es, 1m) with { At = Now.AddYears(-3) });
        }

        await using var after = await PipelineUnderTest.StartAsync(store: store);
        Assert.Equal(Quote(Es, 1m) with { At = Now.AddYears(-3) }, after.Pipeline.Last(Es));
        Assert.Equal(after.Pipeline.Last(Es), after.Pipeline.InterestBegan(Es));
        await after.Pipeline.StopAsync(default);
        Assert.Equal([Es], store.Saves.Items);
        Assert.Empty(after.Shown.Items);
    }

    [Fact]
    public async Task Failed_save_is_tried_again_with_the_newest_quotes()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Store.Fault = new JournalUnavailableException("On purpose.");
        await given.PublishAsync(Quote(Es, 1m), Quote(Nq, 1m));
        await given.Shown.CountAsync(2);
        await given.Time.ArmedAsync(1);
        given.Time.Advance(MarketPipeline.SaveInterval);
        await given.Store.Failures.CountAsync(1);
        await given.Time.ArmedAsync(1);

        given.Store.Fault = null;
        await given.PublishAsync(Quote(Es, 2m));
        await given.Shown.CountAsync(3);
        given.Time.Advance(MarketPipeline.SaveInterval);
        await given.Store.Saves.CountAsync(1);
        Assert.Equal([Quote(Es, 2m), Quote(Nq, 1m)], await given.Store.LoadAsync(default));
        Assert.Equal(1, given.Meters["failed_saves"]);
    }

    [Fact]
    public async Task Save_that_fails_after_newer_quotes_came_does_not_bring_the_older_ones_back()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        given.Store.Hold = held.Task;
        await given.PublishAsync(Quote(Es, 1m), Quote(Nq, 1m));
        await given.Shown.CountAsync(2);
        await given.Time.ArmedAsync(1);
        given.Time.Advance(MarketPipeline.SaveInterval);
        await given.Store.Begun.CountAsync(1);

        await given.PublishAsync(Quote(Es, 2m));
        await given.Shown.CountAsync(3);
        held.SetException(new JournalUnavailableException("On purpose."));
        await given.Time.ArmedAsync(1);
        given.Store.Hold = Task.CompletedTask;
        given.Time.Advance(MarketPipeline.SaveInterval);
        await given.Store.Saves.CountAsync(1);
        Assert.Equal([Quote(Es, 2m), Quote(Nq, 1m)], await given.Store.LoadAsync(default));
    }

    [Fact]
    public async Task Stop_waits_for_a_save_that_is_under_way_and_then_stores_the_rest()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        given.Store.Hold = held.Task;
        await given.PublishAsync(Quote(Es, 1m));
        await given.Time.ArmedAsync(1);
        given.Time.Advance(MarketPipeline.SaveInterval);
        await given.Store.Begun.CountAsync(1);

        await given.PublishAsync(Quote(Nq, 1m));
        var stopping = given.Pipeline.StopAsync(default);
        Assert.False(stopping.IsCompleted);
        held.SetResult();
        await stopping.OrFail(() => "the pipeline to stop");
        Assert.Equal([Es, Nq], given.Store.Saves.Items);
    }

    [Fact]
    public async Task Stop_ends_although_the_store_fails()
    {
        await using var given = await PipelineUnderTest.StartAsync();
        given.Store.Fault = new JournalUnavailableException("On purpose.");
        await given.PublishAsync(Quote(Es, 1m));
        await given.Pipeline.StopAsync(default).OrFail(() => "the pipeline to stop");
        Assert.Single(given.Store.Failures.Items);
    }
}
