namespace TradeActors.Transport.RabbitMq;

/// <summary>Where the message broker is and who this node is there. A class and not a record: a record would print the password.</summary>
public sealed class RabbitOptions
{
    public required string Host { get; init; }

    /// <value>5672.</value>
    public int Port { get; init; } = 5672;

    /// <value>guest.</value>
    public string UserName { get; init; } = "guest";

    /// <value>guest, whom a server takes from its own machine only.</value>
    public string Password { get; init; } = "guest";

    /// <value>/.</value>
    public string VirtualHost { get; init; } = "/";

    /// <value>False.</value>
    public bool UseTls { get; init; }

    /// <summary>Begins the name of every queue and exchange: one for each cluster at the same server.</summary>
    public required string Prefix { get; init; }

    /// <summary>This node's name, unique in the cluster: a second node of that name is not let in while the first is connected.</summary>
    public required string Node { get; init; }

    public required int ShardCount { get; init; }

    /// <summary>How many deliveries of one registration may be out and not done.</summary>
    /// <value>50.</value>
    public ushort Prefetch { get; init; } = 50;

    /// <summary>
    /// A server that hangs is given up after about three of these, a node that hangs after two to three. RabbitMQ's guide says that under 5 s healthy peers are given
    /// up now and then: that costs them a reconnection and never an order, a longer one costs everybody the same time whenever a node does hang.
    /// </summary>
    /// <value>3 s.</value>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest wait for an answer of the server when connecting, declaring, registering or closing.</summary>
    /// <value>5 s.</value>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The wait before the second attempt to connect. It doubles, up to <see cref="ReconnectAtMost"/>, and is then multiplied by 0.5 to 1.</summary>
    /// <value>100 ms.</value>
    public TimeSpan ReconnectAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <value>5 s.</value>
    public TimeSpan ReconnectAtMost { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many messages may be published and not confirmed.</summary>
    /// <value>1,000.</value>
    public int PublishWindow { get; init; } = 1_000;

    /// <summary>How many messages may wait for the window. What comes beyond is not taken.</summary>
    /// <value>10,000.</value>
    public int WaitingAtMost { get; init; } = 10_000;

    /// <summary>How long disposing waits for confirmations.</summary>
    /// <value>2 s.</value>
    public TimeSpan FlushWithin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>At least 0 and under 1, for the jitter of reconnecting. Called from the transport's tasks.</summary>
    public required Func<double> Random { get; init; }

    /// <summary>For the waits between attempts and when disposing. The client library keeps its own time for heartbeats and time-outs.</summary>
    public required TimeProvider Time { get; init; }
}
