namespace TradeActors.Node.Configuration;

/// <summary>How many letters must be changed, put in or left out to turn one text into another.</summary>
internal static class EditDistance
{
    public static int Between(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        foreach (var (index, letter) in from.Index())
        {
            var diagonal = row[0];
            row[0] = index + 1;
            for (var column = 1; column <= to.Length; column++)
            {
                var replaced = diagonal + (letter == to[column - 1] ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.Min(replaced, Math.Min(row[column], row[column - 1]) + 1);
            }
        }

        return row[^1];
    }
}
