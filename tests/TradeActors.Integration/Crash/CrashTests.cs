using System.Diagnostics;
using System.Globalization;
using TradeActors.Ledger.Clients;
using TradeActors.Ledger.Processes;
using TradeActors.Ledger.Stores;
using TradeActors.Ledger.World;
using TradeActors.Servers.Processes;
using Xunit;
using Xunit.Abstractions;

namespace TradeActors.Integration.Crash;

/// <summary>Alone on the machine: it wants both cores, and its clients must not starve other tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CrashCollection
{
    public const string Name = "Crash";
}

/// <summary>
/// Kills the real process at random moments under load, and then checks every acknowledgement that a client holds against every account.
/// TRADEACTORS_CRASH_KILLS and TRADEACTORS_CRASH_SEED choose a longer or an earlier run.
/// </summary>
[Collection(CrashCollection.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int UsualKills = 25;

    [Fact]
    public async Task Every_acknowledged_signal_is_carried_out_once_over_25_kills()
    {
        var kills = Setting("TRADEACTORS_CRASH_KILLS") ?? UsualKills;
        var seed = Setting("TRADEACTORS_CRASH_SEED") ?? Environment.TickCount & 0xffff;
        Say($"Crash test: {kills} kills, seed {seed}. Again with: TRADEACTORS_CRASH_SEED={seed} TRADEACTORS_CRASH_KILLS={kills}");
        var watch = Stopwatch.StartNew();
        using var folder = new TestFolder();
        await using var node = new NodeProcess(
            folder.Data, FreePort.Take(), "--tradeactors:demo", "false", "--tradeactors:market:feed", "manual",
            "--tradeactors:limits:enabled", "false", "--Logging:LogLevel:Default", "Warning");
        await node.StartReadyAsync();
        using var world = new TradingWorld(new Balancer(node.Address), seed, new WorldPlan());
        try
        {
            await world.SetUpAsync();
            var (sending, market) = world.Run();
            var restarts = await KillAsync(node, kills, new Random(seed), sending);
            world.StopSending();
            await sending;
            Say($"Sent: {world.Attempts} deliveries of {world.Ledger.Count} signals, {world.ManualOrders.Count} manual orders, in {watch.Elapsed.TotalSeconds:0} s.");

            var checks = new LedgerChecks(world, () => StoreReader.Sqlite(folder.Database));
            await checks.SettleAsync();
            Say($"Settled after {watch.Elapsed.TotalSeconds:0} s.");
            await checks.CheckAsync();
            world.StopMarket();
            await market;
            await node.TerminateAsync(TimeSpan.FromSeconds(15));
            checks.CheckStore();
            Assert.DoesNotContain("crit:", node.Output, StringComparison.Ordinal);
            // An order lost on its way to a broker that does not refuse duplicates is abandoned: an error for the operator, and right (2115).
            Assert.DoesNotMatch(@"fail: (?!TradeActors\.Orders\[2115\])", node.Output);

            Say($"""
                Kills {kills}; ready again after {restarts.Average(time => time.TotalMilliseconds):0} ms on average, {restarts.Max(time => time.TotalMilliseconds):0} ms at most.
                {checks.Summary}
                Total {watch.Elapsed.TotalSeconds:0} s.
                """);
        }
        catch
        {
            Say($"Failed after {watch.Elapsed.TotalSeconds:0} s. The node printed last:\n{Tail(node.Output)}\n{Tail(node.Errors)}");
            if (Environment.GetEnvironmentVariable("TRADEACTORS_CRASH_KEEP") is { Length: > 0 } keep)
            {
                CopyAside(folder.Data, keep);
            }

            throw;
        }
    }

    /// <summary>Kills at random moments, also while the node is still starting, and starts it again at once.</summary>
    /// <returns>For every restart that was let through, the time from start to ready.</returns>
    private static async Task<List<TimeSpan>> KillAsync(NodeProcess node, int kills, Random random, Task sending)
    {
        var restarts = new List<TimeSpan>();
        var isReady = true;
        for (var kill = 1; kill <= kills; kill++)
        {
            // The moment itself is what is random here; nothing is waited for.
            await Task.WhenAny(sending, Task.Delay(isReady ? random.Next(200, 3_000) : random.Next(0, 1_500)));
            if (sending.IsCompleted)
            {
                await sending; // A client has failed.
            }

            node.Kill();
            var watch = Stopwatch.StartNew();
            await node.StartAsync();
            isReady = kill == kills || random.Next(6) != 0; // Now and then the next kill falls into the start.
            if (isReady)
            {
                await node.ReadyAsync();
                restarts.Add(watch.Elapsed);
            }
        }

        return restarts;
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string Tail(string text) => text.Length <= 6_000 ? text : text[^6_000..];

    private static void CopyAside(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from, "*.db*"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }
}
