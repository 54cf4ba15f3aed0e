using System.Buffers;
using System.Globalization;

namespace TradeActors.Configuration.Hocon.Syntax;

/// <summary>A place in a text that moves forward over it.</summary>
internal sealed class Cursor(string file, string text)
{
    /// <summary>Answered at the end of the text. It cannot be told from a NUL by itself; <see cref="IsAtEnd"/> can.</summary>
    private const char End = '\0';

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("$\"{}[]:=,+#`^?!@*&\\");

    private readonly int[] _lineStarts = [0, .. text.Index().Where(at => at.Item == '\n').Select(at => at.Index + 1)];

    public string File => file;

    public int Position { get; private set; }

    public bool IsAtEnd => Position >= text.Length;

    public char Current => IsAtEnd ? End : text[Position];

    public HoconLocation Here => At(Position);

    public bool IsAtComment => Current == '#' || StartsWith("//");

    /// <summary>Whether the character can stand in a text without quotes.</summary>
    public bool IsAtUnquoted => !IsAtEnd && !Forbidden.Contains(Current) && !IsBlank(Current) && !StartsWith("//");

    public bool IsAtInlineBlank => !IsAtEnd && Current != '\n' && IsBlank(Current);

    public bool StartsWith(string expected) => text.AsSpan(Position).StartsWith(expected, StringComparison.Ordinal);

    public void Advance(int by = 1) => Position += by;

    public string Since(int start) => text[start..Position];

    /// <summary>The next occurrence from here on, or -1.</summary>
    public int IndexOf(string sought) => text.IndexOf(sought, Position, StringComparison.Ordinal);

    public HoconException Error(string problem) => new(Here, problem);

    public string TakeInlineBlanks()
    {
        var start = Position;
        while (IsAtInlineBlank)
        {
            Advance();
        }

        return Since(start);
    }

    /// <summary>Moves over blanks, line ends and comments.</summary>
    /// <returns>Whether a line ended.</returns>
    public bool SkipBlanks()
    {
        var hasLineEnded = false;
        while (!IsAtEnd && (IsBlank(Current) || IsAtComment))
        {
            if (IsAtComment)
            {
                SkipToLineEnd();
                continue;
            }

            hasLineEnded |= Current == '\n';
            Advance();
        }

        return hasLineEnded;
    }

    /// <summary>What stands here, for a message.</summary>
    public string Describe() => IsAtEnd ? "the end of the file"
        : Current == '\n' ? "the end of the line"
        : char.IsControl(Current) ? $"the character U+{(int)Current:X4}"
        : $"'{Current}'";

    public HoconLocation At(int position)
    {
        var found = Array.BinarySearch(_lineStarts, position);
        var line = found >= 0 ? found : ~found - 1;
        return new HoconLocation(file, line + 1, position - _lineStarts[line] + 1);
    }

    // The specification's white space. 0x1C to 0x1F are separators too; the byte order mark is one when files were put together.
    private static bool IsBlank(char c) => c is (>= '\t' and <= '\r') or (>= '\x1c' and <= '\x1f') or '\uFEFF' || CharUnicodeInfo.GetUnicodeCategory(c)
        is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private void SkipToLineEnd()
    {
        var end = text.IndexOf('\n', Position);
        Position = end < 0 ? text.Length : end;
    }
}
