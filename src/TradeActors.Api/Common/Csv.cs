using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace TradeActors.Api.Common;

/// <param name="Value">Text, number, time, enumeration, or null for an empty cell.</param>
internal sealed record CsvColumn<T>(string Name, Func<T, object?> Value);

/// <summary>
/// RFC 4180: a header row, CRLF, quotes where they are needed. Numbers are invariant and times ISO 8601 in UTC, as in the JSON. A text that a
/// spreadsheet would take for a formula gets an apostrophe before it.
/// </summary>
internal static class Csv
{
    public const string MediaType = "text/csv";

    /// <summary>What the OpenAPI document says of every export.</summary>
    public const string Description =
        "The same filters as the list's, to the end: without pages, and read while it is sent. UTF-8, RFC 4180 with a header row, numbers with a point, "
        + "times in UTC. A text that begins with =, +, -, @, a tab or a line break has an apostrophe before it, so that no spreadsheet takes it for a formula.";

    /// <summary>An answer that is written as the rows come. When they fail halfway, the connection is broken off: a file that ends was sent whole.</summary>
    public static IResult Download<T>(string fileName, IReadOnlyList<CsvColumn<T>> columns, IAsyncEnumerable<T> rows, CancellationToken ct) => TypedResults.Stream(
        async body =>
        {
            var writer = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 16_384, leaveOpen: true);
            await using (writer.ConfigureAwait(false))
            {
                await writer.WriteAsync(Line(columns.Select(column => (object?)column.Name)).AsMemory(), ct).ConfigureAwait(false);
                await foreach (var row in rows.WithCancellation(ct).ConfigureAwait(false))
                {
                    await writer.WriteAsync(Line(columns.Select(column => column.Value(row))).AsMemory(), ct).ConfigureAwait(false);
                }
            }
        },
        $"{MediaType}; charset=utf-8; header=present",
        fileName);

    internal static string Line(IEnumerable<object?> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => Quoted(Guarded(text)),
        DateTimeOffset time => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        Enum word => JsonNamingPolicy.CamelCase.ConvertName(word.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"No cell for {value.GetType().Name}."),
    };

    private static string Guarded(string text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? $"'{text}" : text;

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
