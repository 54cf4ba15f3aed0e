using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace TradeActors.Ledger.Clients;

/// <summary>
/// A page that follows topics through the hub of any node, and goes to another node when the line ends. It must miss nothing and see nothing twice:
/// after the first snapshot of a topic every event has the next number.
/// </summary>
/// <param name="accounts">Ids.</param>
/// <param name="recorders">Ids.</param>
public sealed class LiveFollower(Balancer nodes, string token, IReadOnlyList<string> accounts, IReadOnlyList<string> recorders)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>A node keeps so much for one client and no more: what it holds back for so long may come as a snapshot.</summary>
    private static readonly TimeSpan LongSilence = TimeSpan.FromSeconds(3);

    /// <summary>Until what was held back has come.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, long> _last = [];
    private long _heardAt = Stopwatch.GetTimestamp();
    private long? _silenceEndedAt;

    /// <summary>Events by topic and number.</summary>
    public ConcurrentDictionary<(string Topic, long Seq), JsonObject> Seen { get; } = new();

    /// <summary>What a page must never see.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];

    /// <summary>How often it came to a node.</summary>
    public int Connections { get; private set; }

    public IReadOnlyList<string> Accounts => accounts;

    /// <returns>The last number of a topic that it was shown; 0 before the first.</returns>
    public long Last(string topic)
    {
        lock (_last)
        {
            return _last.GetValueOrDefault(topic);
        }
    }

    /// <summary>Runs until it is stopped.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var node = nodes.Order()[0];
            try
            {
                await FollowAsync(node, ct);
                await Task.Delay(Pause, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is WebSocketException or TimeoutException or HttpRequestException or IOException)
            {
                nodes.SetAside(node); // The next is tried at once.
            }
        }
    }

    private async Task FollowAsync(Uri node, CancellationToken ct)
    {
        using var line = await HubLine.ConnectAsync(node, token, ct);
        await line.CallAsync("Subscribe", new { accounts, recorders, symbols = Array.Empty<string>(), after = After() }, ct);
        Connections++;
        await foreach (var message in line.MessagesAsync(ct))
        {
            Hear((string?)message["target"]);
            switch ((string?)message["target"])
            {
                case "event":
                    TakeEvent(message["arguments"]![0]!.AsObject());
                    break;
                case "reset":
                    TakeReset(message["arguments"]![0]!.AsObject());
                    break;
                case null when message["error"] is { } error:
                    throw new IOException($"The hub refused: {error}");
                default:
                    break; // A ping, the answer to the call, or the end, which the connection shows too.
            }
        }
    }

    /// <summary>Only what is pushed counts: a node that hangs between its servers goes on to ping.</summary>
    private void Hear(string? target)
    {
        if (target is "event" or "reset")
        {
            if (Stopwatch.GetElapsedTime(_heardAt) > LongSilence)
            {
                _silenceEndedAt = Stopwatch.GetTimestamp();
            }

            _heardAt = Stopwatch.GetTimestamp();
        }
    }

    private Dictionary<string, long> After()
    {
        lock (_last)
        {
            return new Dictionary<string, long>(_last);
        }
    }

    private void TakeEvent(JsonObject item)
    {
        var (topic, seq) = (item.Text("topic"), (long)item["seq"]!);
        lock (_last)
        {
            if (!_last.TryGetValue(topic, out var last) || seq != last + 1)
            {
                Faults.Enqueue($"{topic}: event {seq} came behind {last}");
            }

            _last[topic] = seq;
        }

        if (!Seen.TryAdd((topic, seq), item))
        {
            Faults.Enqueue($"{topic}: event {seq} came twice");
        }
    }

    private void TakeReset(JsonObject item)
    {
        var (topic, seq) = (item.Text("topic"), (long)item["seq"]!);
        lock (_last)
        {
            if (_last.TryGetValue(topic, out var last)
                && (seq <= last || _silenceEndedAt is not { } ended || Stopwatch.GetElapsedTime(ended) > CatchUp))
            {
                Faults.Enqueue($"{topic}: a snapshot at {seq} came behind event {last}, which is stored");
            }

            _last[topic] = seq;
        }
    }
}
