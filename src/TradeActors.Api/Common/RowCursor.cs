using System.Buffers.Text;
using System.Globalization;
using System.Text;
using TradeActors.Abstractions.ReadModel;

namespace TradeActors.Api.Common;

/// <summary>A place in a list: behind this row. Opaque to clients, so that what lists are ordered by may change.</summary>
internal readonly record struct RowCursor(long Sort, string Id)
{
    private const int Longest = 512;

    public static RowCursor Behind(Row row) => new(row.Sort, row.Key.Id);

    public string ToText() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Sort}/{Id}")));

    /// <summary>Null for what is no cursor of ours: cut off, changed, or made up.</summary>
    public static RowCursor? Read(string text)
    {
        if (text.Length > Longest || !Base64Url.IsValid(text))
        {
            return null;
        }

        var plain = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        return plain.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            && long.TryParse(plain.AsSpan(0, slash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var sort)
            ? new RowCursor(sort, plain[(slash + 1)..])
            : null;
    }
}
