using Xunit;

namespace TradeActors.Contracts;

/// <summary>What all suites share: an engine over data of its own, opened before each test and thrown away after it.</summary>
public abstract class StoreContract(IStoreData data) : IAsyncLifetime
{
    /// <summary>How many shards the store under test has.</summary>
    protected const int ShardCount = 8;

    protected IStoreUnderTest Store { get; private set; } = null!;

    public async Task InitializeAsync() => Store = await data.OpenAsync(ShardCount);

    public async Task DisposeAsync()
    {
        await Store.DisposeAsync();
        await data.DisposeAsync();
    }

    /// <summary>Shuts the engine down and opens it again over the same data.</summary>
    protected async Task RestartAsync()
    {
        await Store.DisposeAsync();
        Store = await data.OpenAsync(ShardCount);
    }
}
