using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using TradeActors.Domain.Market;

namespace TradeActors.Api.Live;

/// <summary>One event of a topic. Of one topic they come in the order of their numbers, none missing, none twice.</summary>
/// <param name="Topic"><c>account:{id}</c> or <c>recorder:{id}</c>.</param>
/// <param name="At">When it was decided.</param>
public sealed record LiveEvent(string Topic, long Seq, string Type, DateTimeOffset At, JsonElement Data);

/// <summary>Forget what you know of the topic: this is how it stood at <paramref name="Seq"/>. The next event has the next number.</summary>
/// <param name="Snapshot">What REST answers for the account or recorder.</param>
public sealed record LiveReset(string Topic, long Seq, object Snapshot);

/// <summary>The last quote of a contract.</summary>
/// <param name="Symbol">Always the contract, also where a root was asked for.</param>
public sealed record LiveQuote(string Symbol, decimal Bid, decimal Ask, decimal Last, DateTimeOffset At);

/// <param name="Symbols">By each symbol as it was asked for: the contract whose quotes come.</param>
public sealed record SubscribeReply(IReadOnlyDictionary<string, string> Symbols);

/// <summary>Messages that are written once and sent to many.</summary>
internal static class HubMessages
{
    public static SerializedHubMessage Event(LiveEvent message) => Call("event", message);

    public static SerializedHubMessage Reset(LiveReset message) => Call("reset", message);

    public static SerializedHubMessage Quote(LiveQuote message) => Call("quote", message);

    private static SerializedHubMessage Call(string method, object message) => new(new InvocationMessage(method, [message]));
}

/// <summary>One quote on its way to everybody who watches its contract.</summary>
internal sealed class QuoteMessage(Quote quote)
{
    public LiveQuote Quote { get; } = new(quote.Symbol, quote.Bid, quote.Ask, quote.Last, quote.At);

    public SerializedHubMessage ForHub => field ??= HubMessages.Quote(Quote);

    public byte[] ForTicker => field ??= JsonSerializer.SerializeToUtf8Bytes(Quote, JsonSerializerOptions.Web);
}
