namespace TradeActors.Market.Feeds;

/// <summary>Publishes nothing: all quotes come from the ticks endpoint. A contract nobody has posted has no quote, and orders in it wait.</summary>
public sealed class ManualFeed : IMarketFeed
{
    public string Name => "manual";

    public bool AcceptsManualQuotes => true;

    public async Task RunAsync(IQuoteQueue queue, CancellationToken ct)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = ct.Register(cancelled.SetResult);
        await cancelled.Task;
    }
}
