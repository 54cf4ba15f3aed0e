using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <param name="Role">owner, trader or viewer.</param>
public sealed record InviteRequest(string? Email, string? Role);

/// <param name="Role">owner, trader or viewer.</param>
public sealed record RoleRequest(string? Role);

/// <param name="Roles">operator as well, where the user runs the installation.</param>
/// <param name="State">active; locked for some minutes after wrong tries; or invited: there is no user yet, and the id is the invitation's.</param>
/// <param name="ExpiresAt">Of an invitation.</param>
public sealed record UserView(
    string Id, string Email, string Role, IReadOnlyList<string> Roles, string State, bool TwoFactor, DateTimeOffset CreatedAt, DateTimeOffset? LastLogInAt,
    DateTimeOffset? ExpiresAt)
{
    internal static UserView Of(UserRecord user, bool isLocked) => new(
        user.Id, user.Email, RoleOf(user), user.Roles.Split(','), isLocked ? "locked" : "active", user.HasTwoFactor, user.CreatedAt, user.LastLogInAt, null);

    internal static UserView Of(InvitationRecord invitation) => new(
        invitation.Id, invitation.Email, invitation.Role, [invitation.Role], "invited", false, invitation.CreatedAt, null, invitation.ExpiresAt);

    private static string RoleOf(UserRecord user) => user.Roles.Split(',').First(role => role != Caller.Operator);
}

/// <param name="Link">For the person who is meant, and nobody else: it works once. Shown only here.</param>
/// <param name="Token">The last part of the link.</param>
public sealed record InvitationReply(string Id, string Email, string Role, string Link, string Token, DateTimeOffset ExpiresAt);

/// <param name="Link">For the person who is meant, and nobody else: it works once. Shown only here.</param>
/// <param name="Token">The last part of the link.</param>
public sealed record ResetLinkReply(string UserId, string Link, string Token, DateTimeOffset ExpiresAt);

/// <summary>The users of a tenant, managed by its owners.</summary>
internal static class UserRoutes
{
    private static readonly TimeSpan InvitationLifespan = TimeSpan.FromDays(7);

    /// <summary>As the token provider is configured (<see cref="ApiServices"/>).</summary>
    internal static readonly TimeSpan ResetLifespan = TimeSpan.FromDays(1);

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/users").WithTags("Users").RequireAuthorization(Policies.Manage);
        group.MapGet("/", ListAsync).WithSummary("The tenant's users, oldest first, then open invitations");
        group.MapPost("/", InviteAsync).WithSummary("Invites somebody by a one-time link; again for the same address replaces the link")
            .Produces<InvitationReply>(StatusCodes.Status201Created);
        group.MapGet("/{userId}", GetAsync).WithSummary("One user or open invitation");
        group.MapPut("/{userId}", ChangeRoleAsync).WithSummary("Changes the role; counts at once, in open sessions too");
        group.MapDelete("/{userId}", RemoveAsync).WithSummary("Removes a user with its sessions and API keys, or withdraws an invitation")
            .Produces(StatusCodes.Status204NoContent);
        group.MapPost("/{userId}/password-reset", ResetPasswordAsync).WithSummary("Makes a one-time link with which the user sets a new password")
            .Produces<ResetLinkReply>(StatusCodes.Status201Created);
        group.MapPost("/{userId}/end-sessions", EndSessionsAsync).WithSummary("Ends all sessions of the user; API keys go on").Produces(StatusCodes.Status204NoContent);
        group.MapDelete("/{userId}/two-factor", RemoveTwoFactorAsync).WithSummary("Turns the user's second factor off, for one who has lost it")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<Page<UserView>> ListAsync(Caller caller, IUserStore users, Members members, CancellationToken ct)
    {
        var known = await users.ListAsync(caller.Tenant, ct).ConfigureAwait(false);
        var invited = await users.ListInvitationsAsync(caller.Tenant, ct).ConfigureAwait(false);
        return new Page<UserView>([.. known.Select(user => UserView.Of(user, members.IsLocked(user))), .. invited.Select(UserView.Of)], null);
    }

    private static async Task<IResult> InviteAsync(
        InviteRequest request, Caller caller, HttpRequest http, IUserStore users, IIdSource ids, TimeProvider time, IOptions<ApiOptions> options, CancellationToken ct)
    {
        var errors = new FieldErrors().Require(Email.IsOne(request.Email), "email", "Must be an e-mail address.");
        CheckRole(request.Role, errors);
        errors.ThrowIfAny();
        var (token, now) = (ids.NewToken(), time.GetUtcNow());
        var invitation = new InvitationRecord(
            ids.NewId(), caller.Tenant, request.Email!.Trim(), request.Role!, Tokens.Hash(token), caller.UserId, now, now + InvitationLifespan);
        if (await users.InviteAsync(invitation, ct).ConfigureAwait(false) == UserChange.EmailTaken)
        {
            throw new ApiProblemException(StatusCodes.Status409Conflict, "EmailTaken", "Already here", "This e-mail address has a user in this tenant already.");
        }

        // Behind '#', which browsers send to no server: so it stands in no log on the way.
        var link = $"{PublicAddress.Of(http, options.Value)}/#/invitation/{token}";
        return TypedResults.Created(
            $"/api/v1/users/{invitation.Id}", new InvitationReply(invitation.Id, invitation.Email, invitation.Role, link, token, invitation.ExpiresAt));
    }

    private static async Task<UserView> GetAsync(string userId, Caller caller, IUserStore users, Members members, CancellationToken ct)
    {
        if (await users.FindAsync(userId, ct).ConfigureAwait(false) is { } user && user.Tenant == caller.Tenant)
        {
            return UserView.Of(user, members.IsLocked(user));
        }

        var invited = await users.ListInvitationsAsync(caller.Tenant, ct).ConfigureAwait(false);
        return invited.FirstOrDefault(invitation => invitation.Id == userId) is { } found ? UserView.Of(found) : throw ApiProblemException.NotFound("user");
    }

    private static async Task<UserView> ChangeRoleAsync(
        string userId, RoleRequest request, Caller caller, IUserStore users, Members members, CancellationToken ct)
    {
        await FindAsync(userId, caller, users, ct).ConfigureAwait(false);
        var errors = new FieldErrors();
        CheckRole(request.Role, errors);
        errors.ThrowIfAny();
        Require(await users.ChangeRoleAsync(caller.Tenant, userId, request.Role!, ct).ConfigureAwait(false));
        return await GetAsync(userId, caller, users, members, ct).ConfigureAwait(false);
    }

    private static async Task<IResult> RemoveAsync(string userId, Caller caller, IUserStore users, CancellationToken ct)
    {
        if (await users.WithdrawInvitationAsync(caller.Tenant, userId, ct).ConfigureAwait(false) == UserChange.NotFound)
        {
            await FindAsync(userId, caller, users, ct).ConfigureAwait(false);
            Require(await users.RemoveAsync(caller.Tenant, userId, ct).ConfigureAwait(false));
        }

        return TypedResults.NoContent();
    }

    private static async Task<IResult> ResetPasswordAsync(
        string userId, Caller caller, HttpRequest http, IUserStore users, Members members, IOptions<ApiOptions> options, CancellationToken ct) =>
        await ResetLinkAsync(await FindAsync(userId, caller, users, ct).ConfigureAwait(false), http, members, options.Value).ConfigureAwait(false);

    internal static async Task<IResult> ResetLinkAsync(UserRecord user, HttpRequest http, Members members, ApiOptions options)
    {
        var (token, expiresAt) = await members.NewResetTokenAsync(user, ResetLifespan).ConfigureAwait(false);
        var link = $"{PublicAddress.Of(http, options)}/#/reset-password/{Uri.EscapeDataString(token)}";
        return TypedResults.Created((string?)null, new ResetLinkReply(user.Id, link, token, expiresAt));
    }

    private static async Task<IResult> EndSessionsAsync(string userId, Caller caller, IUserStore users, Members members, CancellationToken ct)
    {
        await members.EndSessionsAsync((await FindAsync(userId, caller, users, ct).ConfigureAwait(false)).Id).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> RemoveTwoFactorAsync(string userId, Caller caller, IUserStore users, Members members, CancellationToken ct)
    {
        await members.SetTwoFactorAsync((await FindAsync(userId, caller, users, ct).ConfigureAwait(false)).Id, isOn: false).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    /// <summary>
    /// The user that an owner is about to change. An operator is changed by operators alone: whoever could set its password or take its second factor away
    /// would hold the installation.
    /// </summary>
    /// <exception cref="ApiProblemException">404 unless the caller's tenant has this user; 403 for an operator.</exception>
    private static async Task<UserRecord> FindAsync(string userId, Caller caller, IUserStore users, CancellationToken ct)
    {
        var user = await users.FindAsync(userId, ct).ConfigureAwait(false);
        return user is null || user.Tenant != caller.Tenant ? throw ApiProblemException.NotFound("user")
            : !user.Is(Caller.Operator) || caller.Roles.Contains(Caller.Operator) ? user
            : throw new ApiProblemException(
                StatusCodes.Status403Forbidden, "OperatorsOnly", "Not allowed", "This user runs the installation: only an operator may change it.");
    }

    private static void CheckRole(string? role, FieldErrors errors) =>
        errors.Require(role is Caller.Owner or Caller.Trader or Caller.Viewer, "role", "Must be owner, trader or viewer.");

    internal static void Require(UserChange change)
    {
        switch (change)
        {
            case UserChange.NotFound:
                throw ApiProblemException.NotFound("user");
            case UserChange.LastOwner:
                throw ApiProblemException.Denied("LastOwner", "This is the tenant's only owner. Make another one owner first.");
            case UserChange.LastOperator:
                throw ApiProblemException.Denied("LastOperator", "This is the installation's only operator. Make another user operator first.");
        }
    }
}
