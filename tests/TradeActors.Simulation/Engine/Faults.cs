using TradeActors.Domain.Common;

namespace TradeActors.Simulation.Engine;

/// <summary>What can go wrong. Each has a rate per opportunity, drawn from the seed.</summary>
internal enum Fault
{
    ProcessCrash,
    ShardMoved,
    ShardLossUnnoticed,
    MessageDropped,
    MessageRepeated,
    MessageLate,
    AppendRefused,
    AppendUnheard,
    AppendLateAndUnheard,
    AppendSlow,
    LoadFailed,
    LoadSlow,
    DecisionFailed,
    AnswerToClientLost,
    RequestOfClientLost,
    BrokerLosesRequest,
    BrokerLosesAnswer,
    BrokerAnswersLate,
    BrokerRejects,
    BrokerCancelsUnasked,
    BrokerCancelAnswerLost,
    BrokerFillCrossesCancel,
    BrokerFindFails,
    BrokerDropsSession,
    BrokerFillsAfterCancel,
    SendDelayed,
    BrokerReportsOutOfOrder,
    BrokerReplaysDay,
    BrokerTokenExpires,
    BrokerRestarts,
    BrokerRefusesLogOn,
    BrokerTradedByHand,
}

/// <summary>The seed's fault rates, and how often each has fired.</summary>
internal sealed class Faults
{
    private readonly Pcg32 _random;
    private readonly double[] _rates;

    public Faults(Pcg32 random, bool none)
    {
        _random = random;
        _rates = new double[Enum.GetValues<Fault>().Length];
        // One seed in eight is calm but for a single fault: interactions of few things are easier to read, and some bugs need the rest to work.
        var only = random.Chance(0.125) ? random.Next(_rates.Length) : -1;
        foreach (var fault in Enum.GetValues<Fault>())
        {
            var rate = Draw(Ceiling(fault));
            _rates[(int)fault] = none || (only >= 0 && only != (int)fault) ? 0 : rate;
        }
    }

    /// <summary>Set false when the world is to settle.</summary>
    public bool Active { get; set; } = true;

    public long[] Fired { get; } = new long[Enum.GetValues<Fault>().Length];

    public bool Fire(Fault fault)
    {
        if (!Active || _rates[(int)fault] <= 0 || !_random.Chance(_rates[(int)fault]))
        {
            return false;
        }

        Fired[(int)fault]++;
        return true;
    }

    private double Draw(double ceiling) => _random.Chance(0.4) ? 0 : ceiling * Math.Pow(_random.NextDouble(), 2);

    /// <summary>The highest rate per opportunity.</summary>
    private static double Ceiling(Fault fault) => fault switch
    {
        Fault.ProcessCrash => 0.003,
        Fault.ShardMoved => 0.002,
        Fault.ShardLossUnnoticed => 0.8,
        Fault.AppendRefused or Fault.AppendUnheard or Fault.AppendLateAndUnheard => 0.08,
        Fault.DecisionFailed => 0.03,
        Fault.BrokerFillsAfterCancel => 0.2,
        Fault.BrokerFillCrossesCancel => 0.6,
        Fault.BrokerRejects or Fault.BrokerCancelsUnasked => 0.2,
        Fault.BrokerDropsSession => 0.1,
        Fault.BrokerTokenExpires or Fault.BrokerTradedByHand => 0.1,
        Fault.BrokerRestarts => 0.02,
        _ => 0.25,
    };
}
