using TradeActors.Abstractions.Brokers;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;

namespace TradeActors.PaperExchange;

/// <summary>The paper exchange behind the broker port. The book is an entity of the same tenant and key as the connection, so both live on one node.</summary>
/// <param name="time">Times out lost answers, delays late ones and drives the safety re-read of reports.</param>
public sealed class PaperBrokerAdapter(IEntityGateway gateway, IEntityWatch watch, IQuoteBook quotes, TimeProvider time) : IBrokerAdapter
{
    public string Name => "paper";

    /// <summary>Of a book with default settings. What one connection's book promises is <see cref="TraitsOf"/>.</summary>
    public BrokerTraits Traits => TraitsOf(new PaperSettings(StartingBalance: 0m));

    /// <summary>The promises of a book with these settings: the ones to store with its connection.</summary>
    /// <remarks>
    /// The exchange lists an order as soon as it is accepted; the listing lag covers the way of a request that is already under way. It needs no standing session:
    /// nothing happens in a paper book but through this connection's orders, and none of them fills after its end.
    /// </remarks>
    public static BrokerTraits TraitsOf(PaperSettings settings) => new(
        settings.RefusesDuplicates,
        RequestTimeout: TimeSpan.FromSeconds(2),
        ListingLag: TimeSpan.FromMilliseconds(200),
        StandingSession: false);

    public async Task<IBrokerSession> ConnectAsync(EntityId connection, BrokerSettings settings, CancellationToken ct)
    {
        if (settings.Paper is not { } paper)
        {
            throw new BrokerSessionRefusedException("A paper connection needs paper settings.");
        }

        var session = new PaperBrokerSession(
            connection with { Kind = EntityKind.PaperExchange }, TraitsOf(paper).RequestTimeout, gateway, watch, quotes, time);
        await session.OpenAsync(paper, ct).ConfigureAwait(false);
        return session;
    }
}
