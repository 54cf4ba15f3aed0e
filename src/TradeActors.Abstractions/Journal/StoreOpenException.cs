namespace TradeActors.Abstractions.Journal;

/// <summary>The store cannot be used, and trying again without a person changing something will not help. The message says what to do.</summary>
public sealed class StoreOpenException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Facts of the installation, made at its first start and kept in the store.</summary>
/// <param name="Incarnation">4 letters or digits inside every ClOrdID; changed by a restore, so that ids are never used again.</param>
/// <param name="ShardCount">Fixed at the first start. A node configured otherwise refuses to start.</param>
public sealed record Installation(string Incarnation, int ShardCount);
