namespace TradeActors.Node.Secrets;

/// <summary>Where the keys of a <see cref="SecretBox"/> are kept. Safe from any thread.</summary>
internal interface ISecretKeys
{
    /// <summary>Said when a key is not there: where it was looked for, and what an operator can do.</summary>
    string Missing { get; }

    /// <summary>What new secrets are sealed with.</summary>
    SecretKey Active();

    /// <returns>The 32 bytes of a key, active or not; null when it is not there.</returns>
    byte[]? Find(string id);
}

/// <param name="Id">Stands in front of what the key has sealed; holds no dot.</param>
/// <param name="Bytes">32.</param>
internal readonly record struct SecretKey(string Id, byte[] Bytes);
