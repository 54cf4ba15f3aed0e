using System.Collections.Immutable;
using TradeActors.Domain.Market;
using TradeActors.Market;
using TradeActors.Runtime.Shell;

namespace TradeActors.Node.Hosting;

/// <summary>
/// Joins the quote pipeline with the entities, which want each other: quotes go to the node's loops, and the loops say which contracts they want.
/// The two ends are set once, before either starts.
/// </summary>
internal sealed class MarketWiring : IQuoteConsumer, IQuoteInterest
{
    public MarketPipeline Pipeline { get => field ?? throw new InvalidOperationException("The pipeline is not wired yet."); set; }

    public EntityNode Node { get => field ?? throw new InvalidOperationException("The node is not wired yet."); set; }

    public ValueTask DeliverAsync(string symbol, ImmutableArray<Quote> inOrder, CancellationToken ct) => new(Node.DeliverQuotesAsync(symbol, inOrder));

    public Quote? Began(string symbol) => Pipeline.InterestBegan(symbol);

    public void Ended(string symbol) => Pipeline.InterestEnded(symbol);
}
