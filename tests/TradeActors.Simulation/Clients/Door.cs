using TradeActors.Domain.Common;
using TradeActors.Runtime.Core;
using TradeActors.Simulation.Engine;
using TradeActors.Simulation.World;

namespace TradeActors.Simulation.Clients;

/// <summary>The front door: asks the owner, and asks again with the very same message until it hears an answer.</summary>
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
        if (!world.Faults.Fire(Fault.RequestOfClientLost))
        {
            world.After(random, 0.1, 3, () => world.OwnerOf(to).Ask(to, message, Take));
        }

        // Doubling: what a busy entity has not worked off would else only grow.
        var wait = 1_000 * (1 << Math.Min(attempt - 1, 5));
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
