using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;

namespace TradeActors.Simulation.World;

/// <summary>The character of a simulated broker: what it promises, and how it behaves besides.</summary>
/// <param name="ListsFinished">Finished orders stay in its lists; else they leave after a second.</param>
/// <param name="HonorsReduceOnly">Refuses a reduce-only order that would turn the position.</param>
/// <param name="LateRequests">How often a request takes longer on its way than any deadline allows for.</param>
/// <param name="LateAnswers">How often, besides the seed's faults, an answer comes after the time-out.</param>
/// <param name="LostAnswers">How often, besides the seed's faults, it never comes.</param>
internal sealed record BrokerProfile(
    string Name, BrokerTraits Traits, bool ListsFinished, bool HonorsReduceOnly, double LateRequests = 0, double LateAnswers = 0, double LostAnswers = 0)
{
    /// <param name="drawn">What the workload has drawn: times, and whether duplicates are refused.</param>
    public static BrokerProfile Draw(BrokerTraits drawn, bool listsFinished, bool honorsReduceOnly, Pcg32 random) => random.Next(5) switch
    {
        // As paper: nothing happens there but through orders of ours.
        0 => new("quiet", drawn, listsFinished, honorsReduceOnly),
        1 => Tardy(drawn with { StandingSession = true }, listsFinished, honorsReduceOnly, random),
        _ when drawn.RefusesDuplicates => new("refusing", drawn with { StandingSession = true }, listsFinished, honorsReduceOnly),
        _ => new("trusting", drawn with { StandingSession = true }, listsFinished, honorsReduceOnly, LateRequests: random.Chance(0.5) ? 0.02 : 0),
    };

    /// <summary>Answers late or not at all, and lists its orders late.</summary>
    private static BrokerProfile Tardy(BrokerTraits drawn, bool listsFinished, bool honorsReduceOnly, Pcg32 random) => new(
        "tardy", drawn with { ListingLag = TimeSpan.FromMilliseconds(1_000 + random.Next(4_000)) }, listsFinished, honorsReduceOnly,
        LateRequests: random.Chance(0.5) ? 0.02 : 0, LateAnswers: 0.2, LostAnswers: 0.1);
}
