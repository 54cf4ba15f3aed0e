using RabbitMQ.Client;

namespace TradeActors.Transport.RabbitMq;

/// <summary>
/// Names and properties of what is declared. A queue that exists keeps its properties, and declaring it with others is refused: to change any of these, change the
/// prefix or delete the queues.
/// </summary>
internal static class Topology
{
    /// <summary>A queue that is full refuses what is published (its sender is told), that of announcements drops the oldest.</summary>
    private const int QueueLimit = 10_000;

    public static string Shard(RabbitOptions options, int shard) => $"{options.Prefix}.shard.{shard}";

    public static string Node(RabbitOptions options, string node) => $"{options.Prefix}.node.{node}";

    public static string Live(RabbitOptions options) => $"{options.Prefix}.live";

    private static string LiveOf(RabbitOptions options) => $"{options.Prefix}.live.{options.Node}";

    public static async Task DeclareAsync(IChannel channel, RabbitOptions options, CancellationToken ct)
    {
        for (var shard = 0; shard < options.ShardCount; shard++)
        {
            await DeclareShardAsync(channel, options, shard, ct).ConfigureAwait(false);
        }

        await channel.ExchangeDeclareAsync(Live(options), ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: ct).ConfigureAwait(false);
    }

    /// <summary>The queue is durable, its messages are not: servers of the 4 series may refuse queues that are neither durable nor exclusive.</summary>
    public static Task DeclareShardAsync(IChannel channel, RabbitOptions options, int shard, CancellationToken ct) => channel.QueueDeclareAsync(
        Shard(options, shard), durable: true, exclusive: false, autoDelete: false, Arguments("reject-publish", ("x-single-active-consumer", true)), cancellationToken: ct);

    /// <summary>Declares and consumes what is this node's alone. Fails while another connection holds it, be it only not yet given up.</summary>
    public static async Task ConsumeOwnAsync(IChannel channel, RabbitOptions options, IAsyncBasicConsumer replies, IAsyncBasicConsumer announcements, CancellationToken ct)
    {
        var node = Node(options, options.Node);
        await DeclareOwnAsync(channel, node, "reject-publish", ct).ConfigureAwait(false);
        await DeclareOwnAsync(channel, LiveOf(options), "drop-head", ct).ConfigureAwait(false);
        await channel.QueueBindAsync(LiveOf(options), Live(options), routingKey: "", cancellationToken: ct).ConfigureAwait(false);
        await channel.BasicConsumeAsync(node, autoAck: false, replies, ct).ConfigureAwait(false);
        await channel.BasicConsumeAsync(LiveOf(options), autoAck: false, announcements, ct).ConfigureAwait(false);
    }

    private static Task DeclareOwnAsync(IChannel channel, string queue, string whenFull, CancellationToken ct) =>
        channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, Arguments(whenFull), cancellationToken: ct);

    private static Dictionary<string, object?> Arguments(string whenFull, params (string Name, object Value)[] more)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "classic", ["x-max-length"] = QueueLimit, ["x-overflow"] = whenFull };
        foreach (var (name, value) in more)
        {
            arguments[name] = value;
        }

        return arguments;
    }
}
