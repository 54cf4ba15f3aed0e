using System.Collections.Immutable;
using TradeActors.Domain.Market;

namespace TradeActors.Market;

/// <summary>Who gets the quotes of the contracts that somebody on this node has an interest in.</summary>
public interface IQuoteConsumer
{
    /// <summary>Takes quotes over. While it has not finished, no other call for that contract is made and newer quotes conflate.</summary>
    /// <remarks>
    /// Calls for different contracts overlap. Return the task early instead of blocking the thread: a call may run on the pipeline's loop. What
    /// it throws is logged and counted, and those quotes are not delivered again: the next ones say more.
    /// </remarks>
    /// <param name="symbol">Canonical contract name.</param>
    /// <param name="inOrder">1 to 5 quotes in the order of their arrival, the latest last; see <see cref="ConflatedQuotes"/>.</param>
    /// <param name="ct">Cancelled when the pipeline stops, which then waits for this call to end.</param>
    ValueTask DeliverAsync(string symbol, ImmutableArray<Quote> inOrder, CancellationToken ct);
}
