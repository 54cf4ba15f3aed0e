using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using TradeActors.Abstractions.Secrets;

namespace TradeActors.Node.Secrets;

/// <summary>
/// Seals the keys of tokens and cookies, which lie in the store, in the secret box: who can read the database alone can then make no session.
/// </summary>
internal sealed class KeyRingSealer(ISecretBox secrets) : IXmlEncryptor
{
    internal const string Context = "key-ring";

    public static void AddTo(IServiceCollection services) => services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
        new ConfigureOptions<KeyManagementOptions>(options => options.XmlEncryptor = new KeyRingSealer(provider.GetRequiredService<ISecretBox>())));

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
        new XElement("sealed", secrets.Seal(plaintextElement.ToString(SaveOptions.DisableFormatting), Context)), typeof(KeyRingOpener));
}

/// <summary>Made by Data Protection, from the name that stands beside what is sealed: renamed or moved, this class opens no older key.</summary>
internal sealed class KeyRingOpener(IServiceProvider services) : IXmlDecryptor
{
    /// <exception cref="SecretUnreadableException">Data Protection then does without this key: what it has signed is not known any more.</exception>
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(services.GetRequiredService<ISecretBox>().Open(encryptedElement.Value, KeyRingSealer.Context));
}
