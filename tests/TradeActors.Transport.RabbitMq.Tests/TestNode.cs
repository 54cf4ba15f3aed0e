using System.Text;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq.Tests;

/// <summary>A transport and what it has raised.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private int _barriers;

    private TestNode(RabbitOptions options)
    {
        Name = options.Node;
        Transport = RabbitTransport.Start(options, Events);
    }

    public string Name { get; }

    public Recorder Events { get; } = new();

    public RabbitTransport Transport { get; }

    public IEnumerable<string> Delivered => Events.All<Seen.Delivered>().Select(delivered => delivered.Text);

    public static TestNode Start(string prefix, string name, int port, int window = 1_000, int waiting = 10_000) => new(new RabbitOptions
    {
        Host = "127.0.0.1",
        Port = port,
        Prefix = prefix,
        Node = name,
        ShardCount = 4,
        PublishWindow = window,
        WaitingAtMost = waiting,
        ReconnectAtMost = TimeSpan.FromMilliseconds(500),
        Random = () => 0.5,
        Time = TimeProvider.System,
    });

    public static async Task<TestNode> ConnectAsync(string prefix, string name, int port, int window = 1_000, int waiting = 10_000)
    {
        var node = Start(prefix, name, port, window, waiting);
        await node.Events.UntilAsync<Seen.Connected>(1);
        return node;
    }

    public static TransportMessage Message(string text, string type = "text") => new(type, Encoding.UTF8.GetBytes(text));

    /// <summary>From now on every delivery is done at once.</summary>
    public void DoEach() => Events.Then = seen =>
    {
        if (seen is Seen.Delivered delivered)
        {
            Transport.Done(delivered.Shard, delivered.Registration, delivered.Tag);
        }
    };

    public async Task RegisterAsync(int shard, long registration)
    {
        Transport.Register(shard, registration);
        await Events.UntilAsync<Seen.Registered>(1, registered => registered.Shard == shard && registered.Registration == registration);
    }

    public void SendAll(int shard, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            Transport.SendToShard(shard, Message($"{number}"));
        }
    }

    /// <summary>Waits until the server has routed everything that this node has sent before.</summary>
    public async Task BarrierAsync()
    {
        var text = $"barrier {++_barriers}";
        Transport.SendToNode(Name, Message(text));
        await Events.UntilAsync<Seen.Reply>(1, reply => reply.Text == text);
    }

    public ValueTask DisposeAsync() => Transport.DisposeAsync();
}
