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
    /// <summary>Whether an order may leave is asked before the process freezes, not right before the write.</summary>
    LateSendByWokenOwner,
    /// <summary>A cancel does not wait for the answer to its submit.</summary>
    CancelOvertakesSubmit,
    /// <summary>"Not found" counts as "not placed" however early it was asked.</summary>
    NotFoundTooEarly,
    /// <summary>A fill that is replayed and whose order is not in the state counts as new.</summary>
    ReplayedFillBooked,
    /// <summary>The session ends while no order is open, whatever the broker may still have to say.</summary>
    StrayFillUnheard,
}
