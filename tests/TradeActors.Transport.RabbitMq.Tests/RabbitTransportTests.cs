using RabbitMQ.Client;
using TradeActors.Abstractions.Transport;
using TradeActors.Servers.Processes;
using TradeActors.Servers.RabbitMq;
using Xunit;

namespace TradeActors.Transport.RabbitMq.Tests;

/// <summary>Against a real server. Every test has its own prefix there.</summary>
public sealed class RabbitTransportTests(RabbitMqFixture fixture) : IClassFixture<RabbitMqFixture>
{
    private readonly PrivateRabbitMq _server = fixture.Server;
    private readonly string _prefix = fixture.NewPrefix();

    [Fact]
    public async Task Deliveries_come_in_order_to_the_registration_that_was_first()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        a.DoEach();
        await a.RegisterAsync(0, 1);
        await b.RegisterAsync(0, 1);
        b.SendAll(0, 0, 500);
        await a.Events.UntilAsync<Seen.Delivered>(500);
        Assert.Equal(Numbers(0, 500), a.Delivered);
        Assert.Empty(b.Delivered);
        Assert.IsType<Seen.Registered>(a.Events.All()[1]); // Before the first delivery.
    }

    [Fact]
    public async Task Closing_a_registration_hands_what_is_not_done_to_the_next_in_order()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        b.DoEach();
        await a.RegisterAsync(1, 1);
        await b.RegisterAsync(1, 7);
        a.SendAll(1, 0, 120);
        foreach (var delivered in (await a.Events.UntilAsync<Seen.Delivered>(50)).Take(10))
        {
            a.Transport.Done(1, 1, delivered.Tag);
        }

        a.Transport.Close(1, 1);
        await b.Events.UntilAsync<Seen.Delivered>(110);
        Assert.Equal(Numbers(10, 110), b.Delivered);
        Assert.Empty(a.Events.All<Seen.Ended>());
    }

    [Fact]
    public async Task Killed_connection_hands_everything_not_done_to_the_next_in_order_and_connects_again()
    {
        using var line = new Line(_server.Port);
        await using var a = await TestNode.ConnectAsync(_prefix, "a", line.Port);
        await using var b = await ConnectAsync("b");
        b.DoEach();
        await a.RegisterAsync(0, 1);
        await a.RegisterAsync(1, 2);
        await b.RegisterAsync(0, 1);
        b.SendAll(0, 0, 100);
        await a.Events.UntilAsync<Seen.Delivered>(50);
        line.Cut();
        await b.Events.UntilAsync<Seen.Delivered>(100);
        Assert.Equal(Numbers(0, 100), b.Delivered);
        await a.Events.UntilAsync<Seen.Connected>(2);
        var after = a.Events.All().SkipWhile(seen => seen is not Seen.Ended).ToArray();
        Assert.Equal([(0, 1L), (1, 2L)], after.Take(2).Cast<Seen.Ended>().Select(ended => (ended.Shard, ended.Registration)).Order());
        Assert.IsType<Seen.Disconnected>(after[2]);
        await a.RegisterAsync(0, 3);
    }

    [Fact]
    public async Task No_more_is_delivered_than_the_prefetch_until_something_is_done()
    {
        await using var a = await ConnectAsync("a");
        await a.RegisterAsync(0, 1);
        a.SendAll(0, 0, 80);
        await a.BarrierAsync();
        var first = (await a.Events.UntilAsync<Seen.Delivered>(50))[0];
        await a.BarrierAsync();
        Assert.Equal(50, a.Delivered.Count());
        a.Transport.Done(0, 1, first.Tag);
        await a.Events.UntilAsync<Seen.Delivered>(51);
        await a.BarrierAsync();
        Assert.Equal(Numbers(0, 51), a.Delivered);
    }

    [Fact]
    public async Task What_is_done_is_not_delivered_again_and_stale_tags_do_nothing()
    {
        await using var a = await ConnectAsync("a");
        await a.RegisterAsync(0, 1);
        a.SendAll(0, 0, 5);
        var delivered = await a.Events.UntilAsync<Seen.Delivered>(5);
        foreach (var tag in delivered.Take(3).Select(one => one.Tag).Append(delivered[0].Tag).Append(999))
        {
            a.Transport.Done(0, 1, tag);
        }

        a.Transport.Close(0, 1);
        a.Transport.Done(0, 1, delivered[3].Tag);
        a.Transport.Done(3, 42, 1);
        await a.RegisterAsync(0, 2);
        Assert.Equal(["3", "4"], (await a.Events.UntilAsync<Seen.Delivered>(2, one => one.Registration == 2)).Select(one => one.Text));
        Assert.Empty(a.Events.All<Seen.Ended>());
    }

    [Fact]
    public async Task Message_to_an_unknown_node_comes_back()
    {
        await using var a = await ConnectAsync("a");
        a.Transport.SendToNode("nobody", TestNode.Message("anyone?", "question") with { CorrelationId = "17" });
        Assert.Equal([new Seen.NotTaken("question", "anyone?", "17")], await a.Events.UntilAsync<Seen.NotTaken>(1));
        await a.BarrierAsync();
        Assert.Single(a.Events.All<Seen.NotTaken>());
    }

    [Fact]
    public async Task Question_is_answered_from_node_to_node()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        b.Events.Then = seen =>
        {
            if (seen is Seen.Reply { ReplyTo: { } asker } question)
            {
                b.Transport.SendToNode(asker, TestNode.Message($"{question.Text} yes", "answer") with { CorrelationId = question.CorrelationId });
            }
        };
        for (var number = 0; number < 300; number++)
        {
            a.Transport.SendToNode("b", TestNode.Message($"{number}?", "question") with { CorrelationId = $"{number}", ReplyTo = "a" });
        }

        var answers = await a.Events.UntilAsync<Seen.Reply>(300);
        Assert.Equal(Numbers(0, 300).Select(number => new Seen.Reply("answer", $"{number}? yes", number, null)), answers);
    }

    [Fact]
    public async Task Announcement_reaches_every_node()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        a.Transport.Announce(TestNode.Message("hear", "news"));
        Assert.Equal([new Seen.Announced("news", "hear")], await a.Events.UntilAsync<Seen.Announced>(1));
        Assert.Equal([new Seen.Announced("news", "hear")], await b.Events.UntilAsync<Seen.Announced>(1));
    }

    [Fact]
    public async Task Nudge_reaches_the_active_registration_and_lapses_without_one()
    {
        await using var a = await ConnectAsync("a");
        a.Transport.Nudge(2);
        a.Transport.SendToShard(2, TestNode.Message("after"));
        await a.BarrierAsync();
        await UntilQueueHoldsAsync($"{_prefix}.shard.2", 1);
        a.DoEach();
        await a.RegisterAsync(2, 1);
        a.Transport.Nudge(2);
        var delivered = await a.Events.UntilAsync<Seen.Delivered>(2);
        Assert.Equal([("text", "after"), (TransportMessage.NudgeType, "")], delivered.Select(one => (one.Type, one.Text)));
    }

    [Fact]
    public async Task Question_lapses_when_its_asker_gives_up()
    {
        await using var a = await ConnectAsync("a");
        a.Transport.SendToShard(0, TestNode.Message("late") with { LapsesAfter = TimeSpan.FromMilliseconds(1) });
        await a.BarrierAsync();
        await UntilQueueHoldsAsync($"{_prefix}.shard.0", 0);
    }

    [Fact]
    public async Task Narrow_window_loses_nothing_and_keeps_order()
    {
        await using var a = await TestNode.ConnectAsync(_prefix, "a", _server.Port, window: 3);
        a.DoEach();
        await a.RegisterAsync(0, 1);
        a.SendAll(0, 0, 2_000);
        await a.Events.UntilAsync<Seen.Delivered>(2_000);
        Assert.Equal(Numbers(0, 2_000), a.Delivered);
        Assert.Empty(a.Events.All<Seen.NotTaken>());
    }

    [Fact]
    public async Task Full_queue_refuses_what_is_sent_to_it()
    {
        await using var a = await ConnectAsync("a");
        a.SendAll(0, 0, 5_000);
        await a.BarrierAsync();
        a.SendAll(0, 5_000, 5_000);
        await a.BarrierAsync();
        Assert.Empty(a.Events.All<Seen.NotTaken>());
        a.SendAll(0, 10_000, 10);
        var refused = await a.Events.UntilAsync<Seen.NotTaken>(1);
        Assert.InRange(int.Parse(refused[0].Text), 10_000, 10_009);
    }

    [Fact]
    public async Task More_than_may_wait_is_refused_at_once()
    {
        await using var a = await TestNode.ConnectAsync(_prefix, "a", _server.Port, window: 1, waiting: 100);
        a.DoEach();
        await a.RegisterAsync(0, 1);
        a.SendAll(0, 0, 1_000);
        await a.Events.UntilAsync<Seen.NotTaken>(1);
        await a.Events.UntilAsync<Seen>(1_002, seen => seen is Seen.NotTaken or Seen.Delivered or Seen.Connected or Seen.Registered);
        Assert.Equal(Numbers(0, 1_000).Except(a.Events.All<Seen.NotTaken>().Select(refused => refused.Text)), a.Delivered);
    }

    [Fact]
    public async Task Deleted_queue_ends_the_registration_and_is_declared_by_the_next()
    {
        await using var a = await ConnectAsync("a");
        await a.RegisterAsync(0, 1);
        await using (var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = _server.Port }.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeleteAsync($"{_prefix}.shard.0");
        }

        await a.Events.UntilAsync<Seen.Ended>(1);
        a.Transport.SendToShard(0, TestNode.Message("nowhere"));
        await a.Events.UntilAsync<Seen.NotTaken>(1);
        await a.RegisterAsync(0, 2);
        a.Transport.SendToShard(0, TestNode.Message("here"));
        await a.Events.UntilAsync<Seen.Delivered>(1);
        Assert.Single(a.Events.All<Seen.Connected>());
    }

    [Fact]
    public async Task Server_that_comes_back_empty_is_used_as_before()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        for (var shard = 0; shard < 4; shard++)
        {
            await a.RegisterAsync(shard, shard);
        }

        await _server.KillAsync();
        await a.Events.UntilAsync<Seen.Disconnected>(1);
        Assert.Equal([0, 1, 2, 3], a.Events.All().TakeWhile(seen => seen is not Seen.Disconnected).OfType<Seen.Ended>().Select(ended => ended.Shard).Order());
        a.Transport.SendToShard(0, TestNode.Message("lost") with { CorrelationId = "1" });
        a.Transport.Register(0, 10);
        await a.Events.UntilAsync<Seen.NotTaken>(1, refused => refused.CorrelationId == "1");
        await a.Events.UntilAsync<Seen.Ended>(1, ended => ended.Registration == 10);

        await _server.StartAgainEmptyAsync(default);
        await a.Events.UntilAsync<Seen.Connected>(2);
        await b.Events.UntilAsync<Seen.Connected>(2);
        a.DoEach();
        await a.RegisterAsync(0, 11);
        b.SendAll(0, 0, 100);
        b.Transport.Announce(TestNode.Message("back"));
        b.Transport.SendToNode("a", TestNode.Message("hello"));
        await a.Events.UntilAsync<Seen.Delivered>(100);
        await a.Events.UntilAsync<Seen.Announced>(1);
        await a.Events.UntilAsync<Seen.Reply>(1);
        Assert.Equal(Numbers(0, 100), a.Delivered);
    }

    [Fact]
    public async Task Without_a_server_nothing_is_taken_and_nothing_thrown()
    {
        await using var a = TestNode.Start(_prefix, "a", FreePort.Take());
        a.Transport.SendToShard(0, TestNode.Message("x") with { CorrelationId = "1" });
        a.Transport.Nudge(0);
        a.Transport.Announce(TestNode.Message("y"));
        a.Transport.Register(0, 1);
        await a.Events.UntilAsync<Seen.NotTaken>(2);
        await a.Events.UntilAsync<Seen.Ended>(1);
        await a.Events.UntilAsync<Seen.Disconnected>(2); // One for each attempt.
        Assert.DoesNotContain(a.Events.All<Seen.NotTaken>(), refused => refused.Type == TransportMessage.NudgeType);
    }

    [Fact]
    public async Task Second_node_of_a_name_waits_for_the_first_to_go()
    {
        var first = await ConnectAsync("a");
        await using var second = TestNode.Start(_prefix, "a", _server.Port);
        await second.Events.UntilAsync<Seen.Disconnected>(1);
        Assert.Empty(second.Events.All<Seen.Connected>());
        await first.DisposeAsync();
        await second.Events.UntilAsync<Seen.Connected>(1);
    }

    [Fact]
    public async Task Disposing_publishes_what_waits_and_hands_over_what_is_not_done()
    {
        var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        b.DoEach();
        await a.RegisterAsync(0, 1);
        await b.RegisterAsync(0, 1);
        a.SendAll(0, 0, 300);
        await a.DisposeAsync();
        var raised = a.Events.All().Count;
        await b.Events.UntilAsync<Seen.Delivered>(300);
        Assert.Equal(Numbers(0, 300), b.Delivered);
        Assert.Equal(raised, a.Events.All().Count);
        Assert.True(a.Transport.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Event_that_throws_ends_the_transport_and_others_take_over()
    {
        await using var a = await ConnectAsync("a");
        await using var b = await ConnectAsync("b");
        b.DoEach();
        a.Events.Then = seen => throw new InvalidOperationException($"A bug at {seen}.");
        a.Transport.Register(0, 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => a.Transport.Completion.WaitAsync(TimeSpan.FromSeconds(30)));
        await b.RegisterAsync(0, 1);
        b.SendAll(0, 0, 3);
        await b.Events.UntilAsync<Seen.Delivered>(3);
    }

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(number => $"{number}");

    private Task<TestNode> ConnectAsync(string name) => TestNode.ConnectAsync(_prefix, name, _server.Port);

    private async Task UntilQueueHoldsAsync(string queue, uint count)
    {
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = _server.Port }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await channel.QueueDeclarePassiveAsync(queue, limit.Token)).MessageCount != count)
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
