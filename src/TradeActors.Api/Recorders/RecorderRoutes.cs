using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.Entities;
using TradeActors.Abstractions.ReadModel;
using TradeActors.Abstractions.Secrets;
using TradeActors.Api.Common;
using TradeActors.Api.Webhooks;
using TradeActors.Domain.Common;
using TradeActors.Domain.Instruments;
using TradeActors.Domain.Recorders;

namespace TradeActors.Api.Recorders;

/// <param name="Symbol">For signals that name none: ES, AAPL, BTCUSDT, …</param>
public sealed record RecorderRequest(string? Name, string? Symbol, Settings? Settings)
{
    /// <exception cref="ApiProblemException">422 with every field that is wrong.</exception>
    internal Settings Check(DateTimeOffset now)
    {
        var errors = new FieldErrors().Require(Name?.Trim() is { Length: >= 1 and <= 100 }, "name", "Must be a name of 1 to 100 characters.");
        if (Symbol is not null && InstrumentCatalog.Resolve(Symbol, now) is { Succeeded: false } unknown)
        {
            errors.Add("symbol", unknown.Error!);
        }

        SettingsCheck.Add(Settings, "settings", errors);
        errors.ThrowIfAny();
        return Settings ?? Domain.Recorders.Settings.None;
    }
}

/// <param name="WebhookToken">Shown here and never again: only its hash is stored.</param>
/// <param name="SigningSecret">Made when the settings require a signature; shown here and never again.</param>
public sealed record RecorderCreatedReply(
    string Id, string Name, string? Symbol, string WebhookUrl, string WebhookToken, Settings Settings, string State, string? SigningSecret);

/// <param name="GraceSeconds">How long what is replaced still counts, 0 to 2,592,000 (30 days). Default 0: it ends at once.</param>
public sealed record WebhookTokenRequest(int? GraceSeconds);

/// <param name="PreviousTokenUntil">How long the replaced token still counts; null when it has ended.</param>
public sealed record WebhookTokenReply(string WebhookUrl, string WebhookToken, DateTimeOffset? PreviousTokenUntil);

internal static class Grace
{
    private const int LongestSeconds = 30 * 86_400;

    /// <exception cref="ApiProblemException">422.</exception>
    public static TimeSpan Of(int? seconds)
    {
        new FieldErrors()
            .Require(seconds is null or (>= 0 and <= LongestSeconds), "graceSeconds", "Must be 0 (at once) to 2,592,000 seconds.")
            .ThrowIfAny();
        return TimeSpan.FromSeconds(seconds ?? 0);
    }
}

internal static class SettingsCheck
{
    /// <inheritdoc cref="SettingsRules.Check"/>
    public static void Add(Settings? settings, string path, FieldErrors errors, bool areOverrides = false)
    {
        foreach (var error in settings is null ? [] : SettingsRules.Check(settings, path, areOverrides))
        {
            errors.Add(error.Field, error.Message);
        }
    }
}

/// <summary>Recorders and their webhook tokens. Subscriptions and signals have files of their own.</summary>
internal static class RecorderRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/recorders").WithTags("Recorders");
        group.MapGet("/", ListAsync).RefuseUnknownQuery().WithSummary("The tenant's recorders, oldest first").WithDescription(FilterTexts.Pages);
        group.MapPost("/", CreateAsync).RequireAuthorization(Policies.Trade).WithSummary("Makes a recorder; the webhook token is shown only here")
            .Produces<RecorderCreatedReply>(StatusCodes.Status201Created);
        group.MapGet("/{id}", GetAsync).WithSummary("One recorder");
        group.MapPut("/{id}", ChangeAsync).RequireAuthorization(Policies.Trade).WithSummary("Replaces name, symbol and settings");
        group.MapPost("/{id}/pause", (string id, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct) =>
            PauseAsync(id, true, caller, gateway, store, ct)).RequireAuthorization(Policies.Trade).WithSummary("Refuses entries until resumed; exits pass");
        group.MapPost("/{id}/resume", (string id, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct) =>
            PauseAsync(id, false, caller, gateway, store, ct)).RequireAuthorization(Policies.Trade).WithSummary("Ends a pause");
        group.MapPost("/{id}/webhook-token", ReplaceTokenAsync).RequireAuthorization(Policies.Trade)
            .WithSummary("Replaces the webhook token, at once or after a time of grace for the old one");
        group.MapDelete("/{id}/webhook-token/previous", EndPreviousTokenAsync).RequireAuthorization(Policies.Trade)
            .WithSummary("Ends the grace of a replaced webhook token now");
        SigningSecretRoutes.Map(group);
        SubscriptionRoutes.Map(group);
        SignalRoutes.Map(group);
        TestSignalRoutes.Map(group);
    }

    private static Task<Page<RecorderRow>> ListAsync(
        Caller caller, [AsParameters] RecorderFilter wanted, [AsParameters] Paging paging, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var filter = wanted.Read(time.GetUtcNow());
        return store.PageAsync(paging.Query(ReadTable.Recorders, caller.Tenant, "", filter), filter, row => row, ct);
    }

    private static async Task<IResult> CreateAsync(
        RecorderRequest request, Caller caller, IEntityGateway gateway, IIdSource ids, ISecretBox secrets, IReadStore store, TimeProvider time, HttpRequest http,
        IOptions<ApiOptions> options, CancellationToken ct)
    {
        var settings = request.Check(time.GetUtcNow());
        var (id, token) = (ids.NewId(), ids.NewToken());
        await gateway.AskAsync(
            caller.Entity(EntityKind.Recorder, id), new CreateRecorder(request.Name!.Trim(), request.Symbol, settings, Tokens.Hash(token)), ct).ConfigureAwait(false);
        var secret = settings.Signing?.Required == true ? SigningSecret.New() : null;
        if (secret is not null)
        {
            var sealedSecret = SigningSecretRoutes.Seal(secret, id, caller, ids, secrets);
            await gateway.AskAsync(caller.Entity(EntityKind.Recorder, id), new ReplaceSigningSecret(sealedSecret, TimeSpan.Zero), ct).ConfigureAwait(false);
        }

        var row = await FindAsync(caller, id, store, ct).ConfigureAwait(false);
        return TypedResults.Created(
            $"/api/v1/recorders/{id}",
            new RecorderCreatedReply(id, row.Name, row.Symbol, UrlOf(token, http, options.Value), token, row.Settings, row.State, secret));
    }

    private static Task<RecorderRow> GetAsync(string id, Caller caller, IReadStore store, CancellationToken ct) => FindAsync(caller, id, store, ct);

    private static async Task<RecorderRow> ChangeAsync(
        string id, RecorderRequest request, Caller caller, IEntityGateway gateway, IReadStore store, TimeProvider time, CancellationToken ct)
    {
        var settings = request.Check(time.GetUtcNow());
        await AskAsync(caller, id, new ChangeRecorder(request.Name!.Trim(), request.Symbol, settings), gateway, store, ct).ConfigureAwait(false);
        return await FindAsync(caller, id, store, ct).ConfigureAwait(false);
    }

    private static async Task<RecorderRow> PauseAsync(
        string id, bool isPaused, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        await AskAsync(caller, id, new PauseRecorder(isPaused), gateway, store, ct).ConfigureAwait(false);
        return await FindAsync(caller, id, store, ct).ConfigureAwait(false);
    }

    private static async Task<WebhookTokenReply> ReplaceTokenAsync(
        string id, WebhookTokenRequest? request, Caller caller, IEntityGateway gateway, IIdSource ids, IReadStore store, HttpRequest http,
        IOptions<ApiOptions> options, CancellationToken ct)
    {
        var (token, grace) = (ids.NewToken(), Grace.Of(request?.GraceSeconds));
        await AskAsync(caller, id, new ReplaceWebhookToken(Tokens.Hash(token), grace), gateway, store, ct).ConfigureAwait(false);
        var row = await FindAsync(caller, id, store, ct).ConfigureAwait(false);
        return new WebhookTokenReply(UrlOf(token, http, options.Value), token, row.PreviousTokenUntil);
    }

    private static async Task<RecorderRow> EndPreviousTokenAsync(
        string id, Caller caller, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        await AskAsync(caller, id, new EndPreviousToken(), gateway, store, ct).ConfigureAwait(false);
        return await FindAsync(caller, id, store, ct).ConfigureAwait(false);
    }

    internal static Task<RecorderRow> FindAsync(Caller caller, string id, IReadStore store, CancellationToken ct) =>
        store.FindAsync<RecorderRow>(ReadTable.Recorders, caller.Tenant, "", id, "recorder", ct);

    /// <summary>Asks the recorder, and turns its refusal into a problem. 404 unless the caller's tenant has it.</summary>
    internal static async Task<object> AskAsync(
        Caller caller, string id, object message, IEntityGateway gateway, IReadStore store, CancellationToken ct)
    {
        await FindAsync(caller, id, store, ct).ConfigureAwait(false);
        var reply = await gateway.AskAsync(caller.Entity(EntityKind.Recorder, id), message, ct).ConfigureAwait(false);
        return reply is RecorderRefused refused ? throw ApiProblemException.Denied(refused.Code, refused.Message) : reply;
    }

    private static string UrlOf(string token, HttpRequest http, ApiOptions options) =>
        $"{PublicAddress.Of(http, options)}/webhook/{token}";
}
