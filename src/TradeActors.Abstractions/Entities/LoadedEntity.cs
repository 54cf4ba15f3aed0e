using TradeActors.Domain.Common;

namespace TradeActors.Abstractions.Entities;

/// <summary>An entity in memory and the work that it has.</summary>
/// <param name="Phase">loading, active, lookingUp (a stored row) or backingOff (after a failure).</param>
/// <param name="Sequence">Of its last stored event; 0 for none.</param>
/// <param name="Waiting">Messages that are not judged yet.</param>
/// <param name="Storing">Messages that are judged, and answered when their events are stored.</param>
/// <param name="Unacknowledged">Sends that their receivers have not acknowledged.</param>
/// <param name="FanOuts">Fan-outs that some member has not acknowledged.</param>
/// <param name="Effects">Calls to the outside under way, such as orders at a broker.</param>
/// <param name="Timers">Timers set.</param>
/// <param name="OverdueSince">
/// How long the longest waiting receiver has acknowledged nothing of what was sent to it; from the load on for what is older. Null when nothing is out.
/// </param>
public sealed record LoadedEntity(
    EntityId Id, int Shard, string Phase, long Sequence, int Waiting, int Storing, int Unacknowledged, int FanOuts, int Effects, int Timers,
    DateTimeOffset? OverdueSince, DateTimeOffset LastUsed);

/// <summary>The work of all entities of a node, summed up. See <see cref="LoadedEntity"/>.</summary>
public sealed record EntityWork(
    IReadOnlyDictionary<string, int> LoadedByKind, long Waiting, long Storing, long Unacknowledged, long FanOuts, DateTimeOffset? OverdueSince);
