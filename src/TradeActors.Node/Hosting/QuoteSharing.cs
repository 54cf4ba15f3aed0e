using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using TradeActors.Abstractions.Market;
using TradeActors.Domain.Market;
using TradeActors.Market;
using TradeActors.Runtime.Shell;

namespace TradeActors.Node.Hosting;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Quote[]))]
internal sealed partial class QuoteJson : JsonSerializerContext;

/// <summary>
/// Brings quotes that were posted to one node to the markets of all others. A node that could not be reached takes the stored ones when it connects again.
/// </summary>
/// <remarks>Where either side is too slow the oldest go: the newest quote of a contract is what counts.</remarks>
internal sealed class QuoteSharing
{
    private const int Ahead = 20_000;
    private const int AtOnce = 500;

    private readonly NodeCalls _calls;
    private readonly MarketPipeline _market;
    private readonly IQuoteStore _stored;
    private readonly ILogger _log;
    private readonly Channel<Quote> _outgoing = New();
    private readonly Channel<Quote> _incoming = New();
    private readonly Channel<bool> _reconnected = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public QuoteSharing(NodeCalls calls, MarketPipeline market, IQuoteStore stored, ILogger log)
    {
        (_calls, _market, _stored, _log) = (calls, market, stored, log);
        calls.OnShared = what =>
        {
            foreach (var quote in JsonSerializer.Deserialize(what.Span, QuoteJson.Default.QuoteArray)!)
            {
                _incoming.Writer.TryWrite(quote);
            }
        };
        calls.OnConnected = () => _reconnected.Writer.TryWrite(true);
    }

    /// <summary>Never waits.</summary>
    public void Share(Quote quote) => _outgoing.Writer.TryWrite(quote);

    /// <summary>Until cancelled; then returns normally.</summary>
    public Task RunAsync(CancellationToken ct) => Task.WhenAll(UntilStoppedAsync(SendAsync, ct), UntilStoppedAsync(ReceiveAsync, ct), UntilStoppedAsync(CatchUpAsync, ct));

    private static async Task UntilStoppedAsync(Func<CancellationToken, Task> run, CancellationToken ct)
    {
        try
        {
            await run(ct);
        }
        catch (Exception error) when (error is OperationCanceledException or ChannelClosedException && ct.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task SendAsync(CancellationToken ct)
    {
        var quotes = new List<Quote>(AtOnce);
        while (await _outgoing.Reader.WaitToReadAsync(ct))
        {
            while (quotes.Count < AtOnce && _outgoing.Reader.TryRead(out var quote))
            {
                quotes.Add(quote);
            }

            _calls.ShareWithAll(JsonSerializer.SerializeToUtf8Bytes([.. quotes], QuoteJson.Default.QuoteArray));
            quotes.Clear();
        }
    }

    private async Task ReceiveAsync(CancellationToken ct)
    {
        await foreach (var quote in _incoming.Reader.ReadAllAsync(ct))
        {
            await _market.PublishAsync(quote, ct);
        }
    }

    private async Task CatchUpAsync(CancellationToken ct)
    {
        await foreach (var _ in _reconnected.Reader.ReadAllAsync(ct))
        {
            try
            {
                foreach (var quote in (await _stored.LoadAsync(ct)).Where(quote => _market.Last(quote.Symbol) is not { } known || known.At < quote.At))
                {
                    await _market.PublishAsync(quote, ct);
                }
            }
            catch (Exception error) when (error is not (OperationCanceledException or ChannelClosedException))
            {
                NodeLog.QuotesNotRead(_log, error);
            }
        }
    }

    private static Channel<Quote> New() =>
        Channel.CreateBounded<Quote>(new BoundedChannelOptions(Ahead) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
}
