using System.Security.Cryptography;
using System.Text.Json;
using TradeActors.Abstractions.Journal;

namespace TradeActors.Node.Secrets;

/// <summary>Keys in a file of the data directory that only its owner can read.</summary>
/// <remarks>The file is made with the first secret; backups of the store do not hold it. docs/adr/0009-secrets.md.</remarks>
internal sealed class FileKeys : ISecretKeys
{
    private const string FileName = "secrets.key";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Lock _making = new();
    private readonly string _file;
    private volatile Keys _keys;

    private FileKeys(string file, Keys keys) => (_file, _keys) = (file, keys);

    public string Missing =>
        $"The key of a stored secret is not in '{_file}'. Put back the key file of this installation, or give the recorder a new signing secret.";

    /// <exception cref="StoreOpenException">The key file is there and cannot be read.</exception>
    public static FileKeys Open(string dataDirectory)
    {
        var file = Path.Combine(dataDirectory, FileName);
        try
        {
            return new FileKeys(file, File.Exists(file) ? Checked(JsonSerializer.Deserialize<Keys>(File.ReadAllBytes(file), Json)) : new Keys("", []));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StoreOpenException(
                $"The key file '{file}' cannot be used: {error.Message} It opens the signing secrets that are stored; put back a copy of it, "
                + "or move it away and give every recorder a new signing secret.", error);
        }
    }

    /// <summary>The first call of an installation makes the file.</summary>
    public SecretKey Active()
    {
        lock (_making)
        {
            if (_keys.All.Count == 0)
            {
                var id = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 8);
                var made = new Keys(id, new() { [id] = RandomNumberGenerator.GetBytes(SecretBox.KeyBytes) });
                Write(made);
                _keys = made;
            }

            return new SecretKey(_keys.Active, _keys.All[_keys.Active]);
        }
    }

    public byte[]? Find(string id) => _keys.All.GetValueOrDefault(id);

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
        keys is { Active: { } active, All: { } all } && all.ContainsKey(active)
        && all.All(key => key.Value is { Length: SecretBox.KeyBytes } && !key.Key.Contains('.', StringComparison.Ordinal))
            ? keys
            : throw new JsonException($"It must name an active key, and every key must have {SecretBox.KeyBytes} bytes in base64.");

    /// <param name="Active">What new secrets are sealed with; the others still open what they sealed.</param>
    private sealed record Keys(string Active, SortedDictionary<string, byte[]> All);
}
