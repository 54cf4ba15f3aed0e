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
}
