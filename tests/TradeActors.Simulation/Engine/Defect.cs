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
    /// <summary>A refused part leaves its last event in the store where that sequence is free.</summary>
    HoleInBatch,
    /// <summary>Every message is sent only once.</summary>
    NeverRepeated,
    /// <summary>Orders are sent however late.</summary>
    DeadlineIgnored,
    /// <summary>Nobody puts anything into the queues of idle shards: they are never claimed.</summary>
    IdleShardNeverClaimed,
    /// <summary>The journal takes appends of owners that have not read the inbox.</summary>
    InboxOvertaken,
    /// <summary>A claim does not bring what lies in the inbox.</summary>
    InboxNotClaimed,
    /// <summary>A hub trusts announcements and never looks where its topics stand.</summary>
    LastLiveMessageLost,
    /// <summary>A hub lets a client in behind the head of that moment, not behind what the client has read.</summary>
    LiveJoinsAfterReading,
    /// <summary>A hub begins with the event that a client which comes back named as its last.</summary>
    LiveRepeatsAfterReconnect,
    /// <summary>A hub is told of events, and finds them, when they are handed to the journal.</summary>
    LiveBeforeCommit,
    /// <summary>Accounts note that they have taken a signal in the row of its recorder.</summary>
    RowOfTwoWriters,
    /// <summary>Snapshots hold what is being stored along with them.</summary>
    SnapshotSpeculative,

    // Closing (PROTOCOL 2).

    /// <summary>An exit does not wait for the stops that rest beside it.</summary>
    CloseBesideResident,
    /// <summary>A close is over when its order is, filled or not.</summary>
    CloseIsOneOrder,
    /// <summary>An exit is one unit larger than its share.</summary>
    ExitOpens,

    // Replies (PROTOCOL 3).

    /// <summary>What has nothing to store is answered at once.</summary>
    ReplyFromSpeculativeState,
    /// <summary>Refusals are answered at once.</summary>
    RefusalNotHeldBack,

    // Pending work (PROTOCOL 4).

    /// <summary>A loaded entity does not set the timers that its state asks for.</summary>
    TimerLostOnRecovery,
    /// <summary>An idle entity leaves memory whatever it has under way, and is not noted as one to load.</summary>
    PassivationDropsEffect,
    /// <summary>A wake row is removed when the work begins, not when it is done.</summary>
    WakeRowRemovedEarly,

    // Fan-outs (PROTOCOL 5).

    /// <summary>A fan-out that is sent again carries the settings of today.</summary>
    ResendWithTodaysSettings,
    /// <summary>Refused signals use up fan-out numbers.</summary>
    RefusedSignalTakesNumber,
    /// <summary>A fan-out that is sent again goes to whoever is subscribed by then.</summary>
    JoinedSubscriptionTradesOldSignals,
    /// <summary>What cannot be handled is tried for ever instead of being set aside.</summary>
    ParkedNumberBlocksLane,

    // Repeats (PROTOCOL 7).

    /// <summary>A receiver forgets after two seconds of silence how far it has received.</summary>
    ReceiverPrunesByTime,
    /// <summary>A key or id that has left the state counts as new.</summary>
    KeysForgottenWithoutLookup,
    /// <summary>An account's ids of orders begin again after eight.</summary>
    ClOrdIdUsedAgain,

    // Batches (PROTOCOL 8).

    /// <summary>One refused part fails the whole batch, and nobody is told which.</summary>
    OneConflictFailsTheBatch,
    /// <summary>What an entity decided after an event whose commit failed is stored all the same.</summary>
    EventsKeptAfterFailedCommit,

    // Halts and operations (PROTOCOL 11).

    /// <summary>A halt counts as complete when the account has stored it.</summary>
    HaltConfirmedEarly,
    /// <summary>Only the process that started an operation carries it out.</summary>
    OperationForgetsMembers,
    /// <summary>A halt is not looked at again before the intent is stored.</summary>
    IntentStoredAfterHalt,
    /// <summary>The age of an entry is not looked at again before the intent is stored.</summary>
    IntentStoredLate,

    // Snapshots (PROTOCOL 12).

    /// <summary>A snapshot holds what is not committed yet, and is written whatever becomes of that.</summary>
    SnapshotOutsideFence,
    /// <summary>The snapshot of another release is read as one's own.</summary>
    SnapshotOfOtherSchemaRead,

    // Late and shared (PROTOCOL 13).

    /// <summary>An account does not look at the age of an entry.</summary>
    LateEntryTraded,
    /// <summary>An account does not look at the age of what closes and then enters.</summary>
    LateReverseTradedWhole,
    /// <summary>An exit closes what other subscriptions hold too.</summary>
    ExitClosesForeignShare,
    /// <summary>An addition enters where nothing is held.</summary>
    AddOpensFlatShare,
    /// <summary>Clocks differ, and an entity takes over the time of whatever node it has come to.</summary>
    TimeRunsBackwards,

    // Nothing lost, limits, tenants (promises 1, 5 and 7).

    /// <summary>A signal counts as ordered, and its entry is not planned.</summary>
    EntryForgotten,
    /// <summary>What is planned and not at the broker yet does not count against limits.</summary>
    LimitOnStaleState,
    /// <summary>What may or may not exist at the broker does not count against limits.</summary>
    UnknownNotCounted,
    /// <summary>What the day has realized is not counted against its limit.</summary>
    LossForgotten,
    /// <summary>A fan-out goes to the account of that key, whoever's it is.</summary>
    TenantsMixed,
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
