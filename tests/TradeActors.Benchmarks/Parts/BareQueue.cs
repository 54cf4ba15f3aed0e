using System.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace TradeActors.Benchmarks.Parts;

/// <summary>A question through a RabbitMQ queue to another process and its answer through another, with nothing around it: the limit of what nodes can do.</summary>
internal sealed class BareQueue : IAsyncDisposable
{
    /// <summary>First word of the command line of the process that answers.</summary>
    public const string Command = "answer-bare-questions";

    private const string Questions = "bench.questions";

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Process _other;
    private readonly string _answers;
    private TaskCompletionSource? _answered;

    private BareQueue(IConnection connection, IChannel channel, Process other, string answers) =>
        (_connection, _channel, _other, _answers) = (connection, channel, other, answers);

    public static async Task<BareQueue> StartAsync(Uri broker, CancellationToken ct)
    {
        var (connection, channel) = await OpenAsync(broker, ct);
        var answers = (await channel.QueueDeclareAsync(cancellationToken: ct)).QueueName;
        var other = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(BareQueue).Assembly.Location, Command, broker.ToString() },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        _ = await other.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException("The process that answers bare questions has ended.");
        var queue = new BareQueue(connection, channel, other, answers);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, _) =>
        {
            queue._answered?.TrySetResult();
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(answers, autoAck: true, consumer, ct);
        return queue;
    }

    /// <summary>The other process: answers until its standard input ends.</summary>
    public static async Task AnswerAsync(Uri broker)
    {
        var (connection, channel) = await OpenAsync(broker, CancellationToken.None);
        await using (connection)
        {
            await channel.QueueDeclareAsync(Questions, durable: false, exclusive: false, autoDelete: true);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += async (_, question) =>
            {
                await channel.BasicPublishAsync("", question.BasicProperties.ReplyTo!, mandatory: false, new BasicProperties(), question.Body.ToArray());
                await channel.BasicAckAsync(question.DeliveryTag, multiple: false);
            };
            await channel.BasicConsumeAsync(Questions, autoAck: false, consumer);
            Console.WriteLine("ready");
            await Console.In.ReadToEndAsync();
        }
    }

    public async Task AskAsync(ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _channel.BasicPublishAsync("", Questions, mandatory: true, new BasicProperties { ReplyTo = _answers }, body, ct);
        await _answered.Task.WaitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        _other.StandardInput.Close();
        await _other.WaitForExitAsync();
        _other.Dispose();
        await _connection.DisposeAsync();
    }

    private static async Task<(IConnection, IChannel)> OpenAsync(Uri broker, CancellationToken ct)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(ct);
        return (connection, await connection.CreateChannelAsync(cancellationToken: ct));
    }
}
