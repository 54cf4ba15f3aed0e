using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Secrets;

namespace TradeActors.Node.Secrets;

/// <summary>AES-256-GCM under keys in a file of the data directory that only its owner can read.</summary>
/// <remarks>
/// A sealed text is <c>key id.base64url(nonce, tag, cipher)</c>, with a random nonce of 96 bits and the context as associated data. The file is made
/// with the first secret; backups of the store do not hold it. docs/adr/0009-secrets.md.
/// </remarks>
internal sealed class FileSecretBox : ISecretBox
{
    private const string FileName = "secrets.key";
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Lock _making = new();
    private readonly string _file;
    private volatile Keys _keys;

    private FileSecretBox(string file, Keys keys) => (_file, _keys) = (file, keys);

    /// <exception cref="StoreOpenException">The key file is there and cannot be read.</exception>
    public static FileSecretBox Open(string dataDirectory)
    {
        var file = Path.Combine(dataDirectory, FileName);
        try
        {
            return new FileSecretBox(file, File.Exists(file) ? Checked(JsonSerializer.Deserialize<Keys>(File.ReadAllBytes(file), Json)) : new Keys("", []));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StoreOpenException(
                $"The key file '{file}' cannot be used: {error.Message} It opens the signing secrets that are stored; put back a copy of it, "
                + "or move it away and give every recorder a new signing secret.", error);
        }
    }

    public string Seal(string secret, string context)
    {
        var keys = ActiveKeys();
        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(keys.All[keys.Active], TagBytes);
        aes.Encrypt(
            box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(context));
        return $"{keys.Active}.{Base64Url.EncodeToString(box)}";
    }

    public string Open(string sealedSecret, string context)
    {
        var dot = sealedSecret.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !_keys.All.TryGetValue(sealedSecret[..dot], out var key))
        {
            throw new SecretUnreadableException(
                $"The key of a stored secret is not in '{_file}'. Put back the key file of this installation, or give the recorder a new signing secret.");
        }

        try
        {
            var box = Base64Url.DecodeFromChars(sealedSecret.AsSpan(dot + 1));
            var plain = new byte[box.Length - NonceBytes - TagBytes];
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(
                box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(context));
            return Encoding.UTF8.GetString(plain);
        }
        catch (Exception error) when (error is CryptographicException or FormatException or OverflowException)
        {
            throw new SecretUnreadableException($"A stored secret of '{context}' was altered, or sealed for something else.", error);
        }
    }

    private Keys ActiveKeys()
    {
        lock (_making)
        {
            if (_keys.All.Count == 0)
            {
                var id = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 8);
                var made = new Keys(id, new() { [id] = RandomNumberGenerator.GetBytes(KeyBytes) });
                Write(made);
                _keys = made;
            }

            return _keys;
        }
    }

    /// <summary>On the disk before anything is sealed with it.</summary>
    private void Write(Keys keys)
    {
        var unfinished = $"{_file}.unfinished";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(unfinished, options))
        {
            JsonSerializer.Serialize(file, keys, Json);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, _file);
    }

    private static Keys Checked(Keys? keys) =>
        keys is { Active: { } active, All: { } all } && all.ContainsKey(active) && all.All(key => key.Value is { Length: KeyBytes } && !key.Key.Contains('.', StringComparison.Ordinal))
            ? keys
            : throw new JsonException($"It must name an active key, and every key must have {KeyBytes} bytes in base64.");

    /// <param name="Active">What new secrets are sealed with; the others still open what they sealed.</param>
    private sealed record Keys(string Active, SortedDictionary<string, byte[]> All);
}
