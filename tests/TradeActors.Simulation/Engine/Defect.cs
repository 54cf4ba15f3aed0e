namespace TradeActors.Simulation.Engine;

/// <summary>Deliberate defects of the simulator's own shell and journal: proof that the checks can fail. Production code has no such switch.</summary>
internal enum Defect
{
    None,
    /// <summary>Orders go to the broker when their intent is handed to the journal, not when it is stored.</summary>
    EffectBeforeCommit,
    /// <summary>Signals are answered when their event is handed to the journal.</summary>
    ReplyBeforeCommit,
    /// <summary>Messages are acknowledged as they arrive.</summary>
    AckBeforeCommit,
    /// <summary>An order whose outcome is unknown is sent again at once.</summary>
    BlindResend,
    /// <summary>A new activation sends what it recovers instead of asking for it.</summary>
    RecoveredIntentSent,
    /// <summary>The journal takes appends under an old epoch.</summary>
    FenceIgnored,
    /// <summary>A claim brings no wake rows.</summary>
    WakesNotLoaded,
    /// <summary>A loaded entity does not know how far it has received.</summary>
    MarksForgotten,
    /// <summary>A refused part leaves its last event in the store.</summary>
    HoleInBatch,
    /// <summary>Every message is sent only once.</summary>
    NeverRepeated,
    /// <summary>Orders are sent however late.</summary>
    DeadlineIgnored,
    /// <summary>The paper exchange is in memory: a loaded book has forgotten its orders.</summary>
    PaperBookForgotten,
    /// <summary>All paper books draw from one stream of random numbers, in the order in which they happen to.</summary>
    PaperDrawsShared,
    /// <summary>A conflated bar is handed on with its extremes the wrong way round.</summary>
    ConflationLosesOrder,
    /// <summary>A process that was started again gets no quotes for what it has loaded.</summary>
    InterestLostOnRecovery,
    /// <summary>The paper exchange triggers stops in memory and stores only what comes of them.</summary>
    ActsOnUnstoredTick,
}
