using TradeActors.Domain.Common;
using TradeActors.Domain.Operations;
using TradeActors.Simulation.Engine;

namespace TradeActors.Simulation.Model;

/// <summary>One operation by its stored events: every account that it was started for has an outcome that is true.</summary>
internal sealed class OperationModel(EntityId id, WorldModel world)
{
    private readonly SortedSet<EntityId> _waiting = [];
    private bool _isStarted;
    private bool _isDelivered;
    private bool _isCompleted;

    public void Stored(OperationEvent @event)
    {
        switch (@event)
        {
            case OperationStarted e:
                Require(!_isStarted, "is started twice");
                _isStarted = true;
                _waiting.UnionWith(e.Accounts);
                break;
            case OperationDelivered:
                _isDelivered = true;
                break;
            case AccountFinished e:
                Require(_waiting.Remove(e.Account), $"has a second outcome of {e.Account}");
                Require(
                    e.FailedBecause is null ? world.HasSettled(e.Account, id) : !world.HasSettled(e.Account, id),
                    $"says {e.FailedBecause ?? "done"} of {e.Account}, which says otherwise");
                break;
            case OperationCompleted:
                Require(!_isCompleted && _waiting.Count == 0, $"is completed and waits for {_waiting.Count}");
                _isCompleted = true;
                break;
        }
    }

    /// <summary>A position that an order keeps which nobody can account for is not flat, and the operation rightly goes on.</summary>
    public string? Unsettled() => !_isStarted || _isCompleted || _waiting.All(world.HasAbandoned)
        ? null
        : $"{id} is not completed: {string.Join(' ', _waiting)}.";

    /// <summary>It is repeated until every account has it.</summary>
    public (DateTimeOffset? Due, string? Why) DueAt() =>
        _isStarted && !_isDelivered && _waiting.Count > 0 ? (DateTimeOffset.MinValue, $"{_waiting.Min} may not have it") : (null, null);

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new SimulationFailure("OperationsAreTrue", $"{id} {what}.");
        }
    }
}
