using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;

namespace TradeActors.Simulation.World;

/// <summary>What has happened at the broker of one connection, whatever the system believes: all that the model asks of any broker.</summary>
internal interface IBrokerBook
{
    EntityId Connection { get; }

    BrokerTraits Traits { get; }

    /// <summary>Every order ever taken, in the sequence of their coming.</summary>
    IReadOnlyList<BookedOrder> Orders { get; }

    /// <summary>Every report ever made, in order.</summary>
    IReadOnlyList<BrokerReport> Reports { get; }

    /// <summary>Signed, by symbol.</summary>
    IEnumerable<KeyValuePair<string, decimal>> Positions { get; }

    /// <summary>Every trade ever made, by whomever.</summary>
    IReadOnlyList<BookedFill> Fills { get; }

    /// <summary>Something is still to come that nobody has asked for.</summary>
    bool HasMore { get; }
}
