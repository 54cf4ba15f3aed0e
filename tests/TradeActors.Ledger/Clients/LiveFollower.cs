using System.Collections.Concurrent;
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

    private readonly Dictionary<string, long> _last = [];

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
            // A node keeps so much for one client and no more: after a long silence the rest comes as a snapshot, and from there on every event.
            if (_last.TryGetValue(topic, out var last) && seq <= last)
            {
                Faults.Enqueue($"{topic}: a snapshot at {seq} came behind event {last}");
            }

            _last[topic] = seq;
        }
    }
}
