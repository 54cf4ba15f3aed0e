using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using TradeActors.Servers.Processes;
using Xunit;

namespace TradeActors.Servers.RabbitMq;

public sealed class PrivateRabbitMqTests(RabbitMqFixture fixture) : IClassFixture<RabbitMqFixture>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_is_published_is_consumed()
    {
        var queue = $"{fixture.NewPrefix()}.quorum";
        await using var connection = await ConnectAsync(fixture.Server);
        await using var channel = await OpenAsync(connection, queue, "quorum");
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            var text = Encoding.UTF8.GetString(delivery.Body.Span);
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            received.TrySetResult(text);
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        await PublishAsync(channel, queue, "hello");
        Assert.Equal("hello", await received.Task.WaitAsync(Deadline));
    }

    [Fact]
    public async Task What_was_confirmed_is_there_after_a_kill_and_gone_after_a_start_without_data()
    {
        const string queue = "kept";
        await using var server = await PrivateRabbitMq.StartAsync(CancellationToken.None);
        await using (var connection = await ConnectAsync(server))
        await using (var channel = await OpenAsync(connection, queue, "classic"))
        {
            await PublishAsync(channel, queue, "before");
            await server.KillAsync();
        }

        await server.StartAgainAsync(CancellationToken.None);
        await using (var connection = await ConnectAsync(server))
        await using (var channel = await connection.CreateChannelAsync())
        {
            Assert.Equal("before", Encoding.UTF8.GetString((await channel.BasicGetAsync(queue, autoAck: false))!.Body.Span));
            await server.KillAsync();
        }

        await server.StartAgainEmptyAsync(CancellationToken.None);
        await using (var connection = await ConnectAsync(server))
        await using (var channel = await connection.CreateChannelAsync())
        {
            var error = await Assert.ThrowsAsync<OperationInterruptedException>(() => channel.QueueDeclarePassiveAsync(queue));
            Assert.Equal(Constants.NotFound, error.ShutdownReason!.ReplyCode);
        }
    }

    [Fact]
    public void Missing_programs_are_told_with_the_package_that_has_them()
    {
        using var folder = new ServerFolder("tradeactors-none-");
        var error = Assert.Throws<ServerNotInstalledException>(() => PrivateRabbitMq.FindProgram(folder.Path));
        Assert.Contains("apt-get install rabbitmq-server", error.Message);
    }

    private static Task<IConnection> ConnectAsync(PrivateRabbitMq server) =>
        new ConnectionFactory { Uri = server.Address, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    /// <summary>A channel with confirms, and a durable queue.</summary>
    private static async Task<IChannel> OpenAsync(IConnection connection, string queue, string type)
    {
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null));
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false, arguments: new Dictionary<string, object?> { ["x-queue-type"] = type });
        return channel;
    }

    /// <summary>Returns when the server has confirmed.</summary>
    private static ValueTask PublishAsync(IChannel channel, string queue, string text) =>
        channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(text));
}
