using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.Market;
using TradeActors.Abstractions.Secrets;
using TradeActors.Api.Health;
using TradeActors.Domain.Common;
using TradeActors.Domain.Market;

namespace TradeActors.Node.Hosting;

/// <summary>
/// The node as the front door's container sees it. The node is opened after the container is built, and must not be disposed by it: a container
/// disposes whatever it hands out.
/// </summary>
internal sealed class NodeDoor : INodeReadiness, IEntityGateway, IEntityWatch, IQuoteBook, IQuoteStream, IQuotePublisher
{
    /// <summary>Everything that the front door asks its host for.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<NodeDoor>();
        Add<INodeReadiness>(door => door);
        Add<IEntityGateway>(door => door);
        Add<IEntityWatch>(door => door);
        Add<IQuoteBook>(door => door);
        Add<IQuoteStream>(door => door);
        Add<IQuotePublisher>(door => door);
        services.AddStore(provider => provider.GetRequiredService<NodeDoor>().Node.Store);
        Add(door => door.Node.Cluster);
        Add(door => door.Node.Paper);
        Add<ISecretBox>(door => door.Node.Secrets);
        Add(door => door.Node.Candles);

        void Add<T>(Func<NodeDoor, T> part)
            where T : class => services.AddSingleton(provider => part(provider.GetRequiredService<NodeDoor>()));
    }

    public NodeHost Node { get => field ?? throw new InvalidOperationException("The node is not open yet."); set; }

    public IReadOnlyList<string> Problems() => Node.Problems();

    public IReadOnlyList<string> Warnings() => Node.Warnings();

    public Task<object> AskAsync(EntityId to, object message, CancellationToken ct) => Node.Entities.AskAsync(to, message, ct);

    public Task<object> AskOrLeaveAsync(EntityId to, object message, string inboxId, CancellationToken ct) =>
        Node.Entities.AskOrLeaveAsync(to, message, inboxId, ct);

    public IDisposable Watch(EntityId id, Action<long> onCommitted) => Node.Entities.Watch(id, onCommitted);

    public Quote? Last(string symbol) => Node.Market.Last(symbol);

    public IReadOnlyList<Quote> All() => Node.Market.All();

    public IDisposable Subscribe(Action<Quote> onQuote) => Node.Market.Subscribe(onQuote);

    public string? Refusal(Quote quote) => Node.Market.Refusal(quote);

    public ValueTask PublishAsync(Quote quote, CancellationToken ct) => Node.PublishAsync(quote, ct);
}
