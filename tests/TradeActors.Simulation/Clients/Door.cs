using TradeActors.Domain.Common;
using TradeActors.Domain.Recorders;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Clients;

/// <summary>Clients, through whichever node is ready: they ask again with the very same message until they hear an answer.</summary>
internal sealed class Door(SimWorld world, Pcg32 random)
{
    private bool _hasGivenUp;

    public int Unanswered { get; private set; }

    /// <summary>All clients are gone: what was not answered will not be asked again.</summary>
    public void GiveUp()
    {
        _hasGivenUp = true;
        Unanswered = 0;
    }

    /// <param name="done">The reply; <see cref="AskFailure.Parked"/> when the entity gave up on the message.</param>
    public void Call(EntityId to, object message, Action<object> done)
    {
        if (!_hasGivenUp)
        {
            Unanswered++;
            Try(to, message, done, 1);
        }
    }

    private void Try(EntityId to, object message, Action<object> done, int attempt)
    {
        if (_hasGivenUp)
        {
            return;
        }

        var isOver = false;
        var ready = world.Nodes.Where(node => node.IsReady).ToArray();
        if (ready.Length == 0)
        {
            world.After(random, 100, 1_000, () => Try(to, message, done, attempt));
            return;
        }

        var node = ready[random.Next(ready.Length)];
        if (!world.Faults.Fire(Fault.RequestOfClientLost))
        {
            world.After(random, 0.1, 3, () => node.Request(to, message, (message as ReceiveSignal)?.SignalId, Take));
        }

        // Doubling: what a busy entity has not worked off would else only grow.
        var wait = 11_000 * (1 << Math.Min(attempt - 1, 3));
        world.After(random, wait, wait * 1.5, () =>
        {
            if (!isOver)
            {
                isOver = true;
                Try(to, message, done, attempt + 1);
            }
        });

        void Take(AskResult result)
        {
            if (isOver || _hasGivenUp)
            {
                return; // The client has hung up.
            }

            isOver = true;
            if (result.Failure is AskFailure.NotOwner or AskFailure.Busy or AskFailure.Unavailable)
            {
                world.After(random, 20, 1_000, () => Try(to, message, done, attempt + 1));
                return;
            }

            Unanswered--;
            done(result.Reply ?? result.Failure!);
        }
    }
}
