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
    AnnouncementLost,
    AnnouncementLate,
    AnnouncementRepeated,
    HubCrashed,
    HubCutOff,
    LiveReadSlow,
    LiveReadFailed,
    LiveEventsPruned,
    LivePositionAhead,
}

/// <summary>The seed's fault rates, and how often each has fired.</summary>
internal sealed class Faults
{
    private readonly Pcg32 _random;
    private readonly Pcg32 _live;
    private readonly double[] _rates;

    /// <param name="live">For what goes wrong between the store and the screen: the rest of a seed must not depend on who looks on.</param>
    public Faults(Pcg32 random, Pcg32 live, bool none)
    {
        (_random, _live) = (random, live);
        _rates = new double[Enum.GetValues<Fault>().Length];
        DrawRates([.. Enum.GetValues<Fault>().Where(fault => !IsLive(fault))], random, none);
        DrawRates([.. Enum.GetValues<Fault>().Where(IsLive)], live, none);
    }

    /// <summary>Set false when the world is to settle.</summary>
    public bool Active { get; set; } = true;

    public long[] Fired { get; } = new long[Enum.GetValues<Fault>().Length];

    public bool Fire(Fault fault)
    {
        var random = IsLive(fault) ? _live : _random;
        if (!Active || _rates[(int)fault] <= 0 || !random.Chance(_rates[(int)fault]))
        {
            return false;
        }

        Fired[(int)fault]++;
        return true;
    }

    private static bool IsLive(Fault fault) => fault is >= Fault.AnnouncementLost and <= Fault.LivePositionAhead;

    private void DrawRates(Fault[] faults, Pcg32 random, bool none)
    {
        // One seed in eight is calm but for a single fault: interactions of few things are easier to read, and some bugs need the rest to work.
        var only = random.Chance(0.125) ? random.Next(faults.Length) : -1;
        foreach (var (i, fault) in faults.Index())
        {
            var rate = Draw(Ceiling(fault), random);
            _rates[(int)fault] = none || (only >= 0 && only != i) ? 0 : rate;
        }
    }

    private static double Draw(double ceiling, Pcg32 random) => random.Chance(0.4) ? 0 : ceiling * Math.Pow(random.NextDouble(), 2);

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
        Fault.AnnouncementLost => 0.9,
        Fault.HubCrashed or Fault.HubCutOff => 0.2, // Per second.
        Fault.LiveEventsPruned => 0.5, // Per second.
        Fault.LivePositionAhead => 0.1,
        _ => 0.25,
    };
}
