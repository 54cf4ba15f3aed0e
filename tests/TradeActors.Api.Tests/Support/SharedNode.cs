using Xunit;

namespace TradeActors.Api.Tests.Support;

/// <summary>The node that most tests share; each test makes tenants of its own.</summary>
public sealed class SharedNode : IAsyncLifetime, IDisposable
{
    private readonly TempData _data = new();

    internal TestNode Node { get; private set; } = null!;

    /// <summary>The installation's first user.</summary>
    internal ApiClient Operator { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Node = await TestNode.StartAsync(_data.Path);
        Operator = await Node.NewTenantAsync("Operators");
    }

    public async Task DisposeAsync() => await Node.DisposeAsync();

    public void Dispose() => _data.Dispose();

    /// <summary>Feeds one quote and waits until the front door answers it.</summary>
    internal async Task QuoteAsync(string symbol, decimal bid, decimal ask)
    {
        (await Operator.PostAsync("/api/v1/market/ticks", new[] { new { symbol, bid, ask, last = bid } })).Is(202);
        await Wait.UntilAsync(
            $"a quote of {symbol} at {bid}/{ask}",
            async () => (await Operator.GetAsync($"/api/v1/market/quotes?symbols={symbol}")).Is(200).Items,
            quotes => quotes is [var quote] && quote.Number("bid") == bid && quote.Number("ask") == ask);
    }

    /// <summary>The front contract of a root.</summary>
    internal async Task<string> FrontAsync(string root) => (await Operator.GetAsync($"/api/v1/market/instruments/{root}")).Is(200).Json.Text("front");
}

[CollectionDefinition(Name)]
public sealed class Shared : ICollectionFixture<SharedNode>
{
    public const string Name = "one shared node";
}
