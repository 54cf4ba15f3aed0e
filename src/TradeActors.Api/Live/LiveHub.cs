using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Api.Common;
using TradeActors.Domain.Common;

namespace TradeActors.Api.Live;

/// <summary>
/// <c>/hubs/live</c>. The server calls <c>event</c> (<see cref="LiveEvent"/>), <c>reset</c> (<see cref="LiveReset"/>) and <c>quote</c>
/// (<see cref="LiveQuote"/>).
/// </summary>
internal sealed class LiveHub(LiveParts parts, LiveConnections connections, IReadStore store, TimeProvider time, IOptions<JsonOptions> json) : Hub
{
    public override Task OnConnectedAsync()
    {
        var client = new LiveClient(Context.Features.GetRequiredFeature<HubConnectionContext>(), parts);
        Context.Features.Set(client);
        connections.Add(client);
        return Task.CompletedTask;
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        var client = Client;
        connections.Remove(client);
        await client.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Begins with each topic behind its <c>after</c>, without one with a snapshot. What is watched already begins anew. All or nothing.</summary>
    public async Task<SubscribeReply> Subscribe(JsonElement request)
    {
        var wanted = LiveRequest.Parse(request, json.Value.SerializerOptions);
        var topics = wanted.Topics(Caller.Of(Context.User!)!.Tenant);
        var contracts = wanted.Contracts(time.GetUtcNow());
        if (!Client.HasRoomFor(topics, contracts.Keys))
        {
            throw ApiProblemException.Denied(
                "TooMuch", $"One connection may watch {LiveClient.MostTopics} accounts and recorders, and {LiveClient.MostSymbols} symbols. Open another one.");
        }

        foreach (var watched in topics)
        {
            await RequireAsync(watched).ConfigureAwait(false);
        }

        foreach (var watched in topics)
        {
            Client.Watch(watched, wanted.After?.TryGetValue(watched.Name, out var after) == true ? after : null);
        }

        foreach (var (symbol, contract) in contracts)
        {
            Client.Watch(symbol, contract);
        }

        return new SubscribeReply(contracts);
    }

    /// <summary>Ends what is named; what is not watched is no error.</summary>
    public Task Unsubscribe(JsonElement request)
    {
        var unwanted = LiveRequest.Parse(request, json.Value.SerializerOptions);
        foreach (var watched in unwanted.Topics(Caller.Of(Context.User!)!.Tenant))
        {
            Client.Unwatch(watched);
        }

        foreach (var symbol in unwanted.Symbols ?? [])
        {
            Client.Unwatch(symbol);
        }

        return Task.CompletedTask;
    }

    private LiveClient Client => Context.Features.GetRequiredFeature<LiveClient>();

    private async Task RequireAsync(Watched watched)
    {
        if (await store.GetAsync(watched.Row, Context.ConnectionAborted).ConfigureAwait(false) is null)
        {
            throw ApiProblemException.NotFound(watched.Kind == EntityKind.Account ? "account" : "recorder");
        }
    }
}

/// <summary>Hands the connection itself to the hub: its one writing loop feels how fast the client reads, and writes what was encoded once for many.</summary>
internal sealed class LiveLifetimes(ILogger<DefaultHubLifetimeManager<LiveHub>> log) : DefaultHubLifetimeManager<LiveHub>(log)
{
    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        connection.Features.Set(connection);
        return base.OnConnectedAsync(connection);
    }
}

/// <summary>Refusals reach the client as a sentence, as REST's problems do; anything else stays inside.</summary>
internal sealed class LiveErrors : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocationContext).ConfigureAwait(false);
        }
        catch (ApiProblemException problem)
        {
            throw new HubException($"{problem.Title}: {problem.Message}");
        }
        catch (JournalUnavailableException)
        {
            throw new HubException("Not available now: The system cannot read this now. Try again in a moment.");
        }
    }
}
