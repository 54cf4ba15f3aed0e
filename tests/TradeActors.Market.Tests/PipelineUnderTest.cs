using Microsoft.Extensions.Logging.Abstractions;
using TradeActors.Domain.Market;

namespace TradeActors.Market.Tests;

/// <summary>A pipeline between fakes.</summary>
internal sealed class PipelineUnderTest : IAsyncDisposable
{
    private readonly IDisposable _subscription;

    public PipelineUnderTest(int queueCapacity = 64, FakeQuoteStore? store = null)
    {
        Store = store ?? new FakeQuoteStore();
        Pipeline = new MarketPipeline(
            new MarketOptions { QueueCapacity = queueCapacity }, Store, Consumer, Time, Meters, NullLogger<MarketPipeline>.Instance);
        _subscription = Pipeline.Subscribe(Shown.Add);
    }

    public FakeQuoteStore Store { get; }

    public FakeConsumer Consumer { get; } = new();

    public FakeMeters Meters { get; } = new();

    public ManualTime Time { get; } = new(Given.Now);

    public MarketPipeline Pipeline { get; }

    /// <summary>Every quote that has gone all the way through the loop.</summary>
    public Recorded<Quote> Shown { get; } = new();

    public static async Task<PipelineUnderTest> StartAsync(int queueCapacity = 64, FakeQuoteStore? store = null)
    {
        var started = new PipelineUnderTest(queueCapacity, store);
        await started.Pipeline.StartAsync(default);
        return started;
    }

    public async Task PublishAsync(params IReadOnlyList<Quote> quotes)
    {
        foreach (var quote in quotes)
        {
            await Pipeline.PublishAsync(quote, default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        await Pipeline.DisposeAsync().AsTask().OrFail(() => "the pipeline to stop");
        Meters.Dispose();
    }
}
