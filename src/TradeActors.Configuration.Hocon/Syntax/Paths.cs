using System.Text;

namespace TradeActors.Configuration.Hocon.Syntax;

/// <summary>Path expressions: keys and what stands in <c>${}</c>. Dots outside quotes part the elements.</summary>
internal static class Paths
{
    /// <summary>Reads a path up to the first character that cannot belong to one; blanks at its end are not part of it.</summary>
    public static string[] Take(Cursor at)
    {
        var start = at.Here;
        var elements = new List<string>();
        var element = new StringBuilder();
        var (isQuoted, blanks) = (false, "");
        while (at.Current == '"' || at.IsAtUnquoted)
        {
            element.Append(blanks);
            if (at.Current == '"')
            {
                element.Append(QuotedText.Take(at));
                isQuoted = true;
            }
            else if (at.Current == '.')
            {
                End();
                at.Advance();
            }
            else
            {
                element.Append(at.Current);
                at.Advance();
            }

            blanks = at.TakeInlineBlanks();
        }

        if (elements.Count == 0 && element.Length == 0 && !isQuoted)
        {
            throw at.Error(
                $"A key is expected, and here is {at.Describe()}. Put a key that holds other characters than letters, digits, '-', '_' and '.' in quotes.");
        }

        End();
        return [.. elements];

        void End()
        {
            if (element.Length == 0 && !isQuoted)
            {
                throw new HoconException(
                    start, "A path cannot begin or end with a dot or hold two in a row. Put an element that is empty or holds dots in quotes.");
            }

            elements.Add(element.ToString());
            element.Clear();
            isQuoted = false;
        }
    }
}
