using Xunit;

namespace TradeActors.Servers.RabbitMq;

/// <summary>One RabbitMQ for a test class (IClassFixture) or a collection (ICollectionFixture, whose definition stands in the assembly that uses it).</summary>
public sealed class RabbitMqFixture : IAsyncLifetime
{
    private int _names;

    public PrivateRabbitMq Server { get => field ?? throw new InvalidOperationException("Not started yet."); private set; }

    public async Task InitializeAsync() => Server = await PrivateRabbitMq.StartAsync(CancellationToken.None);

    /// <summary>A prefix for queues and exchanges of one test: tests of one fixture do not see each other.</summary>
    public string NewPrefix() => $"test-{Interlocked.Increment(ref _names)}";

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
