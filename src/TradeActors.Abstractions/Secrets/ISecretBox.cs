namespace TradeActors.Abstractions.Secrets;

/// <summary>
/// Seals secrets that must be used again (a signing key), so that stores, backups and live topics hold only what cannot be read without the
/// installation's key. What is only compared (a password, a token) is hashed instead.
/// </summary>
public interface ISecretBox
{
    /// <param name="context">Whose secret it is, such as <c>tenant/recorder/secret id</c>: bound to the sealed text, so that it opens nowhere else.</param>
    /// <returns>One line of ASCII that begins with the key's id.</returns>
    string Seal(string secret, string context);

    /// <exception cref="SecretUnreadableException">The key is missing, or the text was altered or sealed for another context.</exception>
    string Open(string sealedSecret, string context);
}

/// <summary>Fail closed: without the secret nothing can be verified. The message says what an operator can do.</summary>
public sealed class SecretUnreadableException(string message, Exception? inner = null) : Exception(message, inner);
