namespace TradeActors.Contracts;

/// <summary>The data of one test: opened by an engine as often as the test likes, gone when it is disposed.</summary>
public interface IStoreData : IAsyncDisposable
{
    Task<IStoreUnderTest> OpenAsync(int shardCount);
}
