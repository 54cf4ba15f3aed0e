using System.Text;

namespace TradeActors.Configuration.Hocon.Syntax;

/// <summary>Reads the files that make up one configuration.</summary>
/// <param name="read">The bytes at a full path; null when there is no such file.</param>
internal sealed class SourceFiles(Func<string, byte[]?> read)
{
    /// <summary>With what is included, and what is included twice counted twice.</summary>
    public const int MostFiles = 1_000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<string> _open = [];
    private int _count;

    /// <summary>The files on this machine.</summary>
    public static byte[]? ReadDisk(string path)
    {
        try
        {
            return Directory.Exists(path) ? null : File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HoconException(new HoconLocation(path, 0, 0), $"The file cannot be read: {error.Message} Give this program the right to read it.");
        }
    }

    /// <returns>Null when an optional file is not there.</returns>
    public ObjectNode? Load(string path, bool isOptional) => Parse(path, [], new HoconLocation(path, 0, 0))
        ?? (isOptional ? null : throw new HoconException(new HoconLocation(path, 0, 0), "There is no such file. Make it, or name another one."));

    /// <param name="from">The including file.</param>
    /// <param name="prefix">The path of the object that holds the include.</param>
    /// <returns>The contents in the order of merging; none when there is no such file.</returns>
    public IReadOnlyList<ObjectNode> Include(string from, string name, bool isRequired, HoconLocation at, IReadOnlyList<string> prefix)
    {
        if (name.Contains("://", StringComparison.Ordinal))
        {
            throw new HoconException(at, $"'{name}' is an address, and only files can be included. Download it and include the file.");
        }

        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new HoconException(at, "The name of the included file is empty or holds a NUL. Name a file.");
        }

        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(from) ?? "", name));
        var included = Candidates(path).Select(candidate => Parse(candidate, prefix, at)).OfType<ObjectNode>().ToList();
        return included.Count == 0 && isRequired
            ? throw new HoconException(at, $"There is no file '{path}', and it is required. Make it, or write include \"{name}\" if it may be missing.")
            : included;
    }

    // A name without an ending stands for all known ones; a HOCON file has the last word.
    private static string[] Candidates(string path) => Path.HasExtension(path) ? [path] : [path, $"{path}.json", $"{path}.conf"];

    private ObjectNode? Parse(string path, IReadOnlyList<string> prefix, HoconLocation at)
    {
        if (_open.Contains(path, StringComparer.Ordinal))
        {
            throw new HoconException(at, $"The file includes itself: {string.Join(" includes ", [.. _open, path])}. Remove one of the includes.");
        }

        if (read(path) is not { } bytes)
        {
            return null;
        }

        if (++_count > MostFiles)
        {
            throw new HoconException(at, $"More than {MostFiles} files are included. Include each file once.");
        }

        _open.Add(path);
        var node = Parser.Parse(path, Decode(path, bytes), this, prefix);
        _open.RemoveAt(_open.Count - 1);
        return node;
    }

    private static string Decode(string path, byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            var before = bytes.AsSpan(0, Math.Clamp(error.Index, 0, bytes.Length));
            var at = new HoconLocation(path, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
            throw new HoconException(at, "The file is not valid UTF-8 here. Save it in UTF-8.");
        }
    }
}
