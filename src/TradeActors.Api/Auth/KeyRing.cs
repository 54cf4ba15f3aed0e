using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using TradeActors.Abstractions.Users;

namespace TradeActors.Api.Auth;

/// <summary>Keeps the Data Protection key ring in the store, so that every node reads every token and a restart logs nobody out.</summary>
internal sealed class KeyRing(IKeyRingStore store) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [.. store.LoadAll().Select(XElement.Parse)];

    public void StoreElement(XElement element, string friendlyName) => store.Save(friendlyName, element.ToString(SaveOptions.DisableFormatting));
}
