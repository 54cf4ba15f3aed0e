using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.World;

/// <summary>What lies in a shard's queue. What is stored by its sender has been written and read again (<see cref="SimWorld.OverTheWire"/>).</summary>
internal abstract record QueueMessage
{
    /// <summary>When the queue drops it; null for never.</summary>
    public TimeSpan? LapsesAt { get; init; }

    public sealed record Nudge : QueueMessage;

    public sealed record Question(int ReplyTo, long AskId, EntityId To, object Message) : QueueMessage;

    public sealed record Numbered(Envelope Envelope) : QueueMessage;

    public sealed record FanOut(FanOutEnvelope Envelope) : QueueMessage;

    public sealed record Acknowledged(Acknowledgement Acknowledgement) : QueueMessage;
}

/// <summary>
/// The message broker between the nodes: one queue a shard, each with a single active consumer. What was delivered and not acknowledged goes back to the head of
/// its queue, in order, when its channel or connection ends. That of a killed process ends within milliseconds, that of one that hangs or is cut off only when its
/// heartbeats have failed: until then it is fed on, and what it has been fed it still has when it wakes.
/// </summary>
internal sealed class SimQueues(SimWorld world, Pcg32 random)
{
    private const int Prefetch = 50;

    private readonly Queue[] _queues = [.. Enumerable.Range(0, SimWorld.ShardCount).Select(_ => new Queue())];
    private long _lastTag;

    private sealed class Queue
    {
        public LinkedList<QueueMessage> Ready { get; } = [];

        /// <summary>In the order of their registration: the first is active.</summary>
        public List<Consumer> Consumers { get; } = [];
    }

    private sealed class Consumer(SimNode node, long life, long registration)
    {
        public SimNode Node => node;

        public long Life => life;

        public long Registration => registration;

        public SortedDictionary<long, QueueMessage> Unacknowledged { get; } = [];

        /// <summary>A channel keeps its order.</summary>
        public DateTimeOffset LastArrival { get; set; }
    }

    /// <returns>False when no queue takes it: the publisher gets it back.</returns>
    public bool Publish(int shard, QueueMessage message)
    {
        var queue = _queues[shard];
        if (queue.Consumers.Count == 0)
        {
            return message is QueueMessage.Question ? false : Keep(queue, message);
        }

        queue.Ready.AddLast(message);
        Pump(shard);
        return true;
    }

    public void Register(int shard, SimNode node, long life, long registration)
    {
        _queues[shard].Consumers.Add(new Consumer(node, life, registration));
        Pump(shard);
    }

    public void Acknowledge(int shard, SimNode node, long life, long registration, long tag)
    {
        if (Find(shard, node, life, registration) is { } consumer && consumer.Unacknowledged.Remove(tag))
        {
            Pump(shard);
        }
    }

    public void CloseChannel(int shard, SimNode node, long life, long registration)
    {
        if (Find(shard, node, life, registration) is { } consumer)
        {
            End(shard, consumer);
        }
    }

    /// <summary>The broker has found out that the connection is dead, or has closed it.</summary>
    public void CloseConnection(SimNode node, long life)
    {
        for (var shard = 0; shard < _queues.Length; shard++)
        {
            foreach (var consumer in _queues[shard].Consumers.Where(consumer => consumer.Node == node && consumer.Life == life).ToArray())
            {
                End(shard, consumer);
                node.RegistrationEnded(life, shard, consumer.Registration);
            }
        }
    }

    /// <summary>The broker dies and is started again without anything.</summary>
    public void RestartEmpty()
    {
        foreach (var queue in _queues)
        {
            queue.Ready.Clear();
        }

        foreach (var node in world.Nodes)
        {
            CloseConnection(node, node.Life);
        }

        foreach (var queue in _queues)
        {
            queue.Ready.Clear();
            queue.Consumers.Clear();
        }
    }

    private static bool Keep(Queue queue, QueueMessage message)
    {
        queue.Ready.AddLast(message);
        return true;
    }

    private Consumer? Find(int shard, SimNode node, long life, long registration) =>
        _queues[shard].Consumers.FirstOrDefault(consumer => consumer.Node == node && consumer.Life == life && consumer.Registration == registration);

    private void End(int shard, Consumer consumer)
    {
        var queue = _queues[shard];
        queue.Consumers.Remove(consumer);
        foreach (var (_, message) in consumer.Unacknowledged.Reverse())
        {
            queue.Ready.AddFirst(message);
        }

        Pump(shard);
    }

    private void Pump(int shard)
    {
        var queue = _queues[shard];
        if (queue.Consumers.FirstOrDefault() is not { } active)
        {
            return;
        }

        while (active.Unacknowledged.Count < Prefetch && queue.Ready.First is { } first)
        {
            queue.Ready.RemoveFirst();
            if (first.Value.LapsesAt <= world.Elapsed)
            {
                continue;
            }

            var tag = ++_lastTag;
            active.Unacknowledged.Add(tag, first.Value);
            var arrival = world.Now.AddMicroseconds(50 + random.Next(2_000));
            active.LastArrival = arrival > active.LastArrival ? arrival : active.LastArrival.AddMicroseconds(1);
            world.At(active.LastArrival, () => active.Node.Deliver(active.Life, shard, active.Registration, tag, first.Value));
        }
    }
}
