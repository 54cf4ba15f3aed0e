using System.Security.Claims;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <summary>Whether a session that was let in may go on. Asked again and again for connections that outlive a request.</summary>
public interface ISessionCheck
{
    /// <returns>False ends the connection for good.</returns>
    ValueTask<bool> IsValidAsync(ClaimsPrincipal user, CancellationToken ct);
}

/// <summary>A session lasts as long as its user is there.</summary>
internal sealed class UserIsThere(IUserStore users) : ISessionCheck
{
    public async ValueTask<bool> IsValidAsync(ClaimsPrincipal user, CancellationToken ct) =>
        await users.FindAsync(Caller.From(user).UserId, ct).ConfigureAwait(false) is not null;
}
