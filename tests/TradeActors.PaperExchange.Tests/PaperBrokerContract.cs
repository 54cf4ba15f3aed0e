using TradeActors.Abstractions.Brokers;
using TradeActors.Domain.Brokers;
using TradeActors.Domain.Common;
using TradeActors.PaperExchange.Tests.Contract;
using TradeActors.PaperExchange.Tests.Support;

namespace TradeActors.PaperExchange.Tests;

public sealed class PaperBrokerContract : BrokerSessionContract
{
    protected override Task<IBrokerUnderTest> CreateAsync() => Task.FromResult<IBrokerUnderTest>(new PaperUnderTest());
}

internal sealed class PaperUnderTest : IBrokerUnderTest
{
    private readonly ManualTime _time = new(Given.Start);
    private readonly InMemoryNode _node;

    public PaperUnderTest() => _node = new InMemoryNode(_time);

    public BrokerTraits Traits => PaperBrokerAdapter.TraitsOf(Given.Settings);

    public string Symbol => Given.Future;

    public decimal FarBelow => 50m;

    public DateTimeOffset Now => _time.GetUtcNow();

    public Task<IBrokerSession> ConnectAsync() =>
        new PaperBrokerAdapter(_node, _node, _node, _time)
            .ConnectAsync(Book.Id with { Kind = EntityKind.Connection }, new BrokerSettings("paper", Given.Settings), CancellationToken.None);

    public Task MakeMarketAsync()
    {
        _node.Publish(Given.Quote(99.75m, 100m));
        return Task.CompletedTask;
    }

    public Task LoseNextAnswerAsync() =>
        _node.AskAsync(Book.Id, new SetPaperFaults(new PaperFaults(TimeOutAfterAccept: 1)), CancellationToken.None);

    public async Task<T> LetTimePassAsync<T>(Task<T> call)
    {
        while (!call.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        return await call;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
