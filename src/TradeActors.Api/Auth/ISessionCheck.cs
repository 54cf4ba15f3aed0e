using System.Security.Claims;

namespace TradeActors.Api.Auth;

/// <summary>Whether a session that was let in may go on. Asked again and again for connections that outlive a request.</summary>
public interface ISessionCheck
{
    /// <returns>False ends the connection for good.</returns>
    ValueTask<bool> IsValidAsync(ClaimsPrincipal user, CancellationToken ct);
}
