using System.Text;

namespace TradeActors.Benchmarks.Harness;

/// <param name="Ratio">Of the figure to the limit, 1 for "as fast as it could be"; null where there is none.</param>
internal sealed record Figure(string Scenario, string What, string Value, string Limit, double? Ratio);

/// <summary>Collects figures for the table at the end.</summary>
internal sealed class Report
{
    private readonly List<Figure> _figures = [];

    public void Add(string scenario, string what, string value, string limit = "", double? ratio = null)
    {
        var figure = new Figure(scenario, what, value, limit, ratio);
        _figures.Add(figure);
        Progress.Say(scenario, $"{what}: {value}{(limit.Length > 0 ? $"; limit {limit}" : "")}{(ratio is { } r ? $"; ratio {r:P0}" : "")}");
    }

    /// <summary>A Markdown table, aligned so that it can also be read as it is.</summary>
    public string ToTable()
    {
        string[][] rows =
        [
            ["scenario", "what", "figure", "limit, same run", "ratio"],
            .. _figures.Select(figure => new[] { figure.Scenario, figure.What, figure.Value, figure.Limit, figure.Ratio?.ToString("P0") ?? "" }),
        ];
        var widths = Enumerable.Range(0, 5).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        for (var i = 0; i < rows.Length; i++)
        {
            text.Append("| ").AppendJoin(" | ", rows[i].Select((cell, column) => cell.PadRight(widths[column]))).AppendLine(" |");
            if (i == 0)
            {
                text.Append('|').AppendJoin('|', widths.Select(width => new string('-', width + 2))).AppendLine("|");
            }
        }

        return text.ToString();
    }
}

/// <summary>What several rounds come to.</summary>
internal static class Median
{
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
