namespace TradeActors.Abstractions.ReadModel;

/// <summary>A message on which an entity failed repeatedly.</summary>
/// <param name="From">Sender, lane and number for a numbered message.</param>
public sealed record ParkedRow(string Entity, long Seq, string Message, string Error, string? From, DateTimeOffset ParkedAt);

/// <summary>A kept text (<see cref="ReadTable.Texts"/>).</summary>
public sealed record TextRow(string Text);
