using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Users;
using TradeActors.Api.Common;

namespace TradeActors.Api.Auth;

/// <summary>Keeps the Data Protection key ring in the store, so that every node reads every token and a restart logs nobody out.</summary>
internal sealed class KeyRing(IKeyRingStore store) : IXmlRepository
{
    private int _failures;

    /// <summary>How often the store could not be read or written.</summary>
    private int Failures => Volatile.Read(ref _failures);

    public IReadOnlyCollection<XElement> GetAllElements() => Counted(() => store.LoadAll().Select(XElement.Parse).ToArray());

    public void StoreElement(XElement element, string friendlyName) => Counted(() =>
    {
        store.Save(friendlyName, element.ToString(SaveOptions.DisableFormatting));
        return true;
    });

    /// <summary>
    /// Before authentication. Data Protection takes a ring that cannot be read for a bad token: a request that is refused while that happens is answered
    /// 503, or a client would give up a session that is good.
    /// </summary>
    public static void Use(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var ring = context.RequestServices.GetRequiredService<KeyRing>();
        var before = ring.Failures;
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception error) when (ring.Failures != before && IsRefusal(error))
        {
            throw Unread(error);
        }

        if (context.Response is { StatusCode: StatusCodes.Status401Unauthorized, HasStarted: false } && ring.Failures != before)
        {
            throw Unread();
        }
    });

    private static bool IsRefusal(Exception error) => error is CryptographicException or ApiProblemException { Status: StatusCodes.Status401Unauthorized };

    private static JournalUnavailableException Unread(Exception? error = null) => new("The key ring of tokens could not be read.", error);

    private T Counted<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is JournalUnavailableException or JournalUnknownOutcomeException)
        {
            Interlocked.Increment(ref _failures);
            throw;
        }
    }
}
