using TradeActors.Domain.Common;

namespace TradeActors.Simulation.Engine;

/// <summary>What can go wrong. Each has a rate per opportunity, drawn from the seed.</summary>
internal enum Fault
{
    ProcessCrash,
    NodeFreezes,
    NodeLeaves,
    ConnectionLost,
    QueuesRestart,
    CutFromQueues,
    CutFromJournal,
    ClockJumps,
    QueryFailed,
    QueryUnheard,
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

    // Of the market and the paper exchange: drawn from a stream of their own, see Faults.
    QuoteDropped,
    QuoteLate,
    FeedStalls,
    QuoteReaderSlow,
    QuotesConflated,
    QuoteByHand,
    QuoteGap,
    PaperRequestLost,
    PaperAnswerLate,
    BrokerReportsOutOfOrder,
    BrokerReplaysDay,
    BrokerTokenExpires,
    BrokerRestarts,
    BrokerRefusesLogOn,
    BrokerTradedByHand,
}

/// <summary>The seed's fault rates, and how often each has fired.</summary>
/// <remarks>Each kind draws from a stream of its own: a kind that is switched off, or a new one, leaves the others as they are.</remarks>
internal sealed class Faults
{
    private readonly Pcg32[] _random;
    private readonly double[] _rates;

    public Faults(SimOptions options, Streams streams, Profile profile)
    {
        var faults = Enum.GetValues<Fault>();
        _random = [.. faults.Select(fault => streams.For(fault.ToString()))];
        _rates = new double[faults.Length];
        // One seed in eight is calm but for a single fault: interactions of few things are easier to read, and some bugs need the rest to work.
        var calm = streams.For("calm");
        var only = calm.Chance(0.125) ? calm.Next(_rates.Length) : -1;
        foreach (var fault in faults)
        {
            var rate = Draw(_random[(int)fault], Ceiling(fault));
            // These two have an opportunity at every step, of which a group makes dozens of times as many in the same time.
            rate = profile == Profile.FanOut && fault is (Fault.ProcessCrash) ? rate / 32 : rate;
            _rates[(int)fault] = options.NoFaults || options.Without.Contains(fault) || (only >= 0 && only != (int)fault) ? 0 : rate;
        }
    }

    /// <summary>Set false when the world is to settle.</summary>
    public bool Active { get; set; } = true;

    public long[] Fired { get; } = new long[Enum.GetValues<Fault>().Length];

    public bool Fire(Fault fault)
    {
        if (!Active || _rates[(int)fault] <= 0 || !_random[(int)fault].Chance(_rates[(int)fault]))
        {
            return false;
        }

        Fired[(int)fault]++;
        return true;
    }

    // Only the four basic operations, which every processor rounds alike: what a mathematical library says may differ between machines.
    private static double Draw(Pcg32 random, double ceiling)
    {
        if (random.Chance(0.4))
        {
            return 0;
        }

        var share = random.NextDouble();
        return ceiling * share * share;
    }

    /// <summary>Counts what has come of another fault.</summary>
    public void Note(Fault fault) => Fired[(int)fault]++;

    /// <summary>The highest rate per opportunity.</summary>
    private static double Ceiling(Fault fault) => fault switch
    {
        Fault.ProcessCrash => 0.003,
        // Per node and tenth of a second.
        Fault.NodeFreezes or Fault.NodeLeaves or Fault.CutFromQueues or Fault.CutFromJournal => 0.008,
        Fault.ConnectionLost or Fault.ClockJumps => 0.02,
        Fault.QueuesRestart => 0.004,
        Fault.QueryFailed or Fault.QueryUnheard => 0.1,
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
        Fault.FeedStalls => 0.01,
        Fault.QuoteByHand => 0.03,
        Fault.QuoteGap => 0.08,
        Fault.BrokerTokenExpires or Fault.BrokerTradedByHand => 0.1,
        Fault.BrokerRestarts => 0.02,
        _ => 0.25,
    };
}
