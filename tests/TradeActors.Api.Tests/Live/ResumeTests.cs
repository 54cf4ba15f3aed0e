using Microsoft.Extensions.DependencyInjection;
using TradeActors.Abstractions.Entities;
using TradeActors.Api.Tests.Support;
using TradeActors.Domain.Common;
using Xunit;

namespace TradeActors.Api.Tests.Live;

/// <summary>Nothing is missed and nothing comes twice, whatever happens to the line.</summary>
[Collection(Shared.Name)]
public sealed class ResumeTests(SharedNode shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Clients_whose_lines_break_again_and_again_see_each_event_once_and_in_order()
    {
        var owner = await shared.Node.NewTenantAsync();
        string[] accounts = [await Given.AccountAsync(owner), await Given.AccountAsync(owner), await Given.AccountAsync(owner)];
        using var enough = new CancellationTokenSource();
        var events = Task.WhenAll(accounts.Select(account => KeepChangingAsync(owner, account, enough.Token)));
        var clients = await Task.WhenAll(Enumerable.Range(1, 4).Select(seed => FollowAsync(owner, accounts, new Random(seed), lines: 12)));
        await enough.CancelAsync();
        await events;

        var heads = new Dictionary<string, long>();
        foreach (var account in accounts)
        {
            heads[$"account:{account}"] = await HubTests.HeadAsync(owner, account);
        }

        // Whatever was not seen before the last line broke is seen by one more.
        foreach (var client in clients)
        {
            await using var hub = await HubSocket.ConnectAsync(owner);
            await hub.SubscribeAsync(accounts, after: client.Last);
            while (client.Last.Any(topic => topic.Value < heads[topic.Key]))
            {
                client.See(await hub.NextAsync());
            }

            Assert.Equal(heads.OrderBy(topic => topic.Key), client.Last.OrderBy(topic => topic.Key));
            Assert.True(client.Seen > 100, $"Only {client.Seen} events were seen over {client.Lines} lines.");
        }
    }

    [Fact]
    public async Task Event_whose_announcement_is_lost_comes_all_the_same()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path, build: builder => builder.Services.AddSingleton<IEntityWatch>(new Silence()));
        var owner = await node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        await using var hub = await HubSocket.ConnectAsync(owner);
        await hub.SubscribeAsync(accounts: [account]);
        var reset = await hub.NextAsync("reset");
        for (var i = 1; i <= 3; i++)
        {
            await HubTests.ChangeAsync(owner, account, i);
            Assert.Equal(reset.Seq + i, (await hub.NextAsync("event")).Seq);
        }
    }

    [Fact]
    public async Task Position_behind_what_is_kept_gets_a_snapshot_and_the_oldest_kept_one_goes_on()
    {
        using var data = new TempData();
        await using var node = await TestNode.StartAsync(data.Path);
        var owner = await node.NewTenantAsync();
        var account = await Given.AccountAsync(owner);
        var topic = $"account:{account}";
        for (var i = 1; i <= 20; i++)
        {
            await HubTests.ChangeAsync(owner, account, i);
        }

        var head = await HubTests.HeadAsync(owner, account);
        Assert.True(await node.Store.Live.TrimAsync(DateTimeOffset.UtcNow.AddDays(1), most: 10, default) > 0);
        var oldest = (await owner.GetAsync($"/api/v1/accounts/{account}/events")).Items[0].GetProperty("seq").GetInt64();
        Assert.InRange(oldest, 2, head - 1);

        await using var hub = await HubSocket.ConnectAsync(owner);
        await hub.SubscribeAsync(accounts: [account], after: new() { [topic] = oldest - 2 });
        var reset = await hub.NextAsync();
        Assert.Equal(("reset", head), (reset.Target, reset.Seq));
        Assert.Equal(20m, reset.Body.GetProperty("snapshot").GetProperty("limits").Number("maxOrderQuantity"));
        await hub.SubscribeAsync(accounts: [account], after: new() { [topic] = oldest - 1 });
        Assert.Equal(oldest, (await hub.NextAsync()).Seq);

        // Of a topic that has long been quiet the newest event is kept, and with it the position of whoever has everything.
        while (await node.Store.Live.TrimAsync(DateTimeOffset.UtcNow.AddDays(1), most: 100, default) > 0)
        {
            // In portions.
        }

        await using var later = await HubSocket.ConnectAsync(owner);
        await later.SubscribeAsync(accounts: [account], after: new() { [topic] = head });
        await HubTests.ChangeAsync(owner, account, 1);
        var next = await later.NextAsync();
        Assert.Equal(("event", head + 1), (next.Target, next.Seq));
    }

    /// <summary>Events without a pause.</summary>
    private static async Task KeepChangingAsync(ApiClient owner, string account, CancellationToken enough)
    {
        for (var i = 1; !enough.IsCancellationRequested; i++)
        {
            await HubTests.ChangeAsync(owner, account, i);
        }
    }

    /// <summary>Connects, sees a few events, is cut off, and comes back with what it has.</summary>
    private static async Task<Client> FollowAsync(ApiClient owner, string[] accounts, Random random, int lines)
    {
        var client = new Client();
        for (; client.Lines < lines; client.Lines++)
        {
            await using var hub = await HubSocket.ConnectAsync(owner);
            await hub.SubscribeAsync(accounts, after: client.Last);
            for (var left = random.Next(1, 40); left > 0; left--)
            {
                client.See(await hub.NextAsync().WaitAsync(Patience));
            }

            hub.Cut();
        }

        return client;
    }

    /// <summary>What one client knows.</summary>
    private sealed class Client
    {
        public Dictionary<string, long> Last { get; } = [];

        public int Lines { get; set; }

        public int Seen { get; private set; }

        public void See(Push push)
        {
            var begins = !Last.TryGetValue(push.Topic, out var last);
            Assert.Equal(begins ? "reset" : "event", push.Target);
            Assert.True(begins || push.Seq == last + 1, $"{push.Seq} came behind {last} of {push.Topic}.");
            Last[push.Topic] = push.Seq;
            Seen++;
        }
    }

    /// <summary>Every announcement is lost.</summary>
    private sealed class Silence : IEntityWatch, IDisposable
    {
        public IDisposable Watch(EntityId id, Action<long> onCommitted) => this;

        public void Dispose()
        {
        }
    }
}
