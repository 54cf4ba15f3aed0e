using System.Text;
using TradeActors.Abstractions.Transport;

namespace TradeActors.Transport.RabbitMq.Tests;

/// <summary>One event of a transport. Bodies are texts in these tests.</summary>
internal abstract record Seen
{
    public sealed record Connected : Seen;

    public sealed record Disconnected(string Reason) : Seen;

    public sealed record Registered(int Shard, long Registration) : Seen;

    public sealed record Ended(int Shard, long Registration, string Reason) : Seen;

    public sealed record Delivered(int Shard, long Registration, long Tag, string Type, string Text) : Seen;

    public sealed record Reply(string Type, string Text, string? CorrelationId, string? ReplyTo) : Seen;

    public sealed record Announced(string Type, string Text) : Seen;

    public sealed record NotTaken(string Type, string Text, string? CorrelationId) : Seen;
}

/// <summary>Keeps what was raised, in order.</summary>
internal sealed class Recorder : ITransportEvents
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<Seen> _seen = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called for each event, by the transport's task, once it is kept.</summary>
    public Action<Seen>? Then { get; set; }

    public IReadOnlyList<T> All<T>()
        where T : Seen
    {
        lock (_lock)
        {
            return [.. _seen.OfType<T>()];
        }
    }

    public IReadOnlyList<Seen> All() => All<Seen>();

    /// <summary>Waits until so many events of a kind have been raised.</summary>
    public async Task<IReadOnlyList<T>> UntilAsync<T>(int count, Func<T, bool>? which = null)
        where T : Seen
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            Task more;
            lock (_lock)
            {
                var found = _seen.OfType<T>().Where(which ?? (_ => true)).ToArray();
                if (found.Length >= count)
                {
                    return found;
                }

                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Expected {count} x {typeof(T).Name} within {Limit}; saw\n{string.Join('\n', All().TakeLast(60))}");
            }
        }
    }

    public void Connected() => Keep(new Seen.Connected());

    public void Disconnected(string reason) => Keep(new Seen.Disconnected(reason));

    public void Registered(int shard, long registration) => Keep(new Seen.Registered(shard, registration));

    public void Ended(int shard, long registration, string reason) => Keep(new Seen.Ended(shard, registration, reason));

    public void Delivered(int shard, long registration, long tag, TransportMessage message) =>
        Keep(new Seen.Delivered(shard, registration, tag, message.Type, Text(message)));

    public void Reply(TransportMessage message) => Keep(new Seen.Reply(message.Type, Text(message), message.CorrelationId, message.ReplyTo));

    public void Announced(TransportMessage message) => Keep(new Seen.Announced(message.Type, Text(message)));

    public void NotTaken(TransportMessage message) => Keep(new Seen.NotTaken(message.Type, Text(message), message.CorrelationId));

    private static string Text(TransportMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    private void Keep(Seen seen)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            _seen.Add(seen);
            (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        more.SetResult();
        Then?.Invoke(seen);
    }
}
