using System.Diagnostics.Metrics;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.Live;

/// <summary>A client that does not read costs a bounded amount of memory, and finds its way back.</summary>
[Collection(Shared.Name)]
public sealed class SlowClientTests(SharedNode shared)
{
    /// <summary>Of <c>LiveClient.MostQueued</c>.</summary>
    private const int MostQueued = 1_000;

    /// <summary>Makes an event of about 5 KB, so that what the operating system takes is soon full.</summary>
    private static readonly string[] ManySymbols = [.. Enumerable.Repeat("ESZ2026", 500)];

    [Fact]
    public async Task Client_that_does_not_read_loses_events_and_gets_a_snapshot_when_it_reads_again()
    {
        var owner = await shared.Node.NewTenantAsync();
        var (account, other) = (await Given.AccountAsync(owner), await Given.AccountAsync(owner));
        using var overflows = new Counted("tradeactors.live.overflows");
        await using var slow = await HubSocket.ConnectAsync(owner, receiveBuffer: 4096);
        await using var quick = await HubSocket.ConnectAsync(owner);
        await slow.SubscribeAsync(accounts: [account, other]);
        await quick.SubscribeAsync(accounts: [account]);
        var begin = (await quick.NextAsync()).Seq;

        // Nobody reads the slow one. Events go on until more wait than may: how many the operating system takes before is its own affair.
        var seq = begin;
        for (var i = 1; overflows.Sum == 0; i += 8)
        {
            await Task.WhenAll(Enumerable.Range(i, 8).Select(async n => (await owner.PutAsync(
                $"/api/v1/accounts/{account}/limits", new { maxOrderQuantity = n, allowedSymbols = ManySymbols })).Is(200)));
            for (var n = 0; n < 8; n++)
            {
                Assert.Equal(++seq, (await quick.NextAsync()).Seq); // The quick one is not held up.
            }
        }

        Assert.True(seq > begin + MostQueued, $"It overflowed behind {seq - begin} events.");
        await HubTests.ChangeAsync(owner, other, 7);
        var otherHead = await HubTests.HeadAsync(owner, other);
        var (last, otherLast, push) = (0L, 0L, (Push?)null);
        while (push is null || otherLast < otherHead)
        {
            var next = await slow.NextAsync();
            if (next.Topic != $"account:{account}")
            {
                otherLast = next.Seq; // An event, or a snapshot where no room was left for it.
                continue;
            }

            Assert.True(last == 0 || next.Target == "reset" || next.Seq == last + 1, $"{next.Seq} came behind {last}.");
            push = next.Target == "reset" && last > 0 ? next : null;
            last = push is null ? next.Seq : last;
        }

        Assert.True(push.Seq >= seq, $"The snapshot of {push.Seq} is older than the events up to {seq}.");
        Assert.True(push.Seq > last, $"The snapshot of {push.Seq} says nothing new behind {last}.");
        Assert.Equal(500, push.Body.GetProperty("snapshot").GetProperty("limits").GetProperty("allowedSymbols").GetArrayLength());
        await HubTests.ChangeAsync(owner, account, 1);
        Assert.Equal(push.Seq + 1, (await slow.NextAsync("event")).Seq);
    }

    [Fact]
    public async Task Client_that_does_not_read_finds_the_latest_quote_and_few_before_it()
    {
        var owner = await shared.Node.NewTenantAsync();
        await using var slow = await HubSocket.ConnectAsync(owner, receiveBuffer: 4096);
        var account = await Given.AccountAsync(owner);
        await slow.SubscribeAsync(accounts: [account], symbols: ["HG"]);
        for (var i = 1; i <= MostQueued; i += 8)
        {
            // Stops the line with something large; the events themselves do not matter here.
            await Task.WhenAll(Enumerable.Range(i, 8).Select(async n => (await owner.PutAsync(
                $"/api/v1/accounts/{account}/limits", new { maxOrderQuantity = n, allowedSymbols = ManySymbols })).Is(200)));
            await shared.QuoteAsync("HG", 4m + (i * 0.0005m), 5m);
        }

        var (quotes, push) = (1, await slow.NextAsync("quote"));
        while (push.Body.Number("bid") != 4m + ((MostQueued - 7) * 0.0005m))
        {
            push = await slow.NextAsync("quote");
            quotes++;
        }

        Assert.True(quotes < MostQueued / 8, $"{quotes} quotes came.");
    }

    /// <summary>What a counter was raised by since this was made, by the whole process.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _sum;

        public Counted(string instrument)
        {
            _listener.InstrumentPublished = (published, listener) =>
            {
                if (published.Name == instrument)
                {
                    listener.EnableMeasurementEvents(published);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _sum, value));
            _listener.Start();
        }

        public long Sum => Interlocked.Read(ref _sum);

        public void Dispose() => _listener.Dispose();
    }
}
