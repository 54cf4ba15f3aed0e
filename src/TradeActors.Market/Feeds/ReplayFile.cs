using System.Collections.Immutable;
using System.Globalization;
using TradeActors.Domain.Market;

namespace TradeActors.Market.Feeds;

/// <param name="Number">Of the line in the file, from 1.</param>
/// <param name="Quote">Null when the line cannot be read.</param>
/// <param name="Error">What is wrong, with file and line; null exactly when there is a quote.</param>
public readonly record struct ReplayLine(int Number, Quote? Quote, string? Error);

/// <summary>Quotes recorded as comma-separated text.</summary>
/// <remarks>
/// The first line names the columns, in any order and case: time, symbol, bid and ask, and where known last, bid_size, ask_size and volume. A time is
/// ISO 8601 (UTC unless it says otherwise) or a Unix time in seconds or, from 12 digits on, milliseconds. An absent last is the middle of bid and ask.
/// Empty lines are passed over. Fields may stand in double quotes, but hold no comma.
/// </remarks>
public sealed class ReplayFile
{
    private static readonly ImmutableArray<string> Needed = ["time", "symbol", "bid", "ask"];
    private static readonly ImmutableArray<string> Known = [.. Needed, "last", "bid_size", "ask_size", "volume"];

    private readonly string _path;
    private readonly ImmutableArray<string> _columns;

    private ReplayFile(string path, ImmutableArray<string> columns) => (_path, _columns) = (path, columns);

    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="FormatException">Its first line does not name the columns.</exception>
    public static ReplayFile Open(string path)
    {
        using var reader = new StreamReader(path);
        ImmutableArray<string> columns = [.. Fields(reader.ReadLine() ?? "").Select(name => name.ToLowerInvariant())];
        var trouble = Needed.FirstOrDefault(name => !columns.Contains(name)) is { } missing ? $"there is no column '{missing}'"
            : columns.FirstOrDefault(name => !Known.Contains(name)) is { } unknown ? $"the column '{unknown}' is not known"
            : columns.Distinct().Count() < columns.Length ? "a column is named twice"
            : null;
        return trouble is null
            ? new ReplayFile(path, columns)
            : throw new FormatException($"{Path.GetFileName(path)}:1: {trouble}. The first line names the columns, of {string.Join(", ", Known)}.");
    }

    /// <summary>Reads the file from its beginning, a line at a time.</summary>
    public IEnumerable<ReplayLine> Lines()
    {
        using var reader = new StreamReader(_path);
        reader.ReadLine();
        for (var number = 2; reader.ReadLine() is { } text; number++)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                yield return Read(number, text);
            }
        }
    }

    /// <summary>A defect of a line, so that an editor finds it.</summary>
    public string At(int line, string what) => $"{Path.GetFileName(_path)}:{line.ToString(CultureInfo.InvariantCulture)}: {what}";

    private ReplayLine Read(int number, string text)
    {
        var fields = Fields(text);
        if (fields.Length != _columns.Length)
        {
            return new ReplayLine(number, null, At(number, $"{fields.Length} fields, but {_columns.Length} columns."));
        }

        try
        {
            var (bid, ask) = (Number(fields, "bid"), Number(fields, "ask"));
            var quote = new Quote(
                Text(fields, "symbol") ?? throw new FormatException("symbol is empty."), Required(bid, "bid"), Required(ask, "ask"),
                Number(fields, "last") ?? ((bid!.Value + ask!.Value) / 2m), Number(fields, "bid_size"), Number(fields, "ask_size"),
                Number(fields, "volume"), Time(Text(fields, "time")));
            return new ReplayLine(number, quote, null);
        }
        catch (FormatException e)
        {
            return new ReplayLine(number, null, At(number, e.Message));
        }
    }

    private string? Text(string[] fields, string column) =>
        _columns.IndexOf(column) is >= 0 and var index && fields[index].Length > 0 ? fields[index] : null;

    private decimal? Number(string[] fields, string column) => Text(fields, column) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{column} '{text}' is not a number.");

    private static decimal Required(decimal? value, string column) => value ?? throw new FormatException($"{column} is empty.");

    private static DateTimeOffset Time(string? text)
    {
        var time = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var unix) ? FromUnix(unix)
            : DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var iso) ? iso
            : (DateTimeOffset?)null;
        // Contracts are known for these years.
        return time is { Year: >= 2000 and <= 2035 } known
            ? known
            : throw new FormatException($"time '{text}' is neither ISO 8601 nor a Unix time of the years 2000 to 2035.");
    }

    private static DateTimeOffset? FromUnix(long unix) => unix switch
    {
        < 100_000_000_000 => DateTimeOffset.FromUnixTimeSeconds(unix),
        < 100_000_000_000_000 => DateTimeOffset.FromUnixTimeMilliseconds(unix),
        _ => null,
    };

    private static string[] Fields(string line) => [.. line.Split(',').Select(field => field.Trim().Trim('"'))];
}
