using DistributedLoss.Cli.Logging;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Output;

/// <summary>One line a slice, one table a set of columns.</summary>
internal static class SliceTable
{
    /// <summary>Up to this many slices of a set all are listed; of more, those with the highest mean loss.</summary>
    private const int Limit = 20;

    public static void Write(TextReport report, IReadOnlyList<SliceFigures> slices)
    {
        // The sets one after the other, each with the same columns in all its slices.
        for (int first = 0; first < slices.Count;)
        {
            string columns = Columns(slices[first]);
            var set = slices.Skip(first).TakeWhile(s => Columns(s) == columns).ToList();
            WriteSet(report, columns, set);
            first += set.Count;
        }
    }

    private static void WriteSet(TextReport report, string columns, List<SliceFigures> set)
    {
        bool all = set.Count <= Limit;
        report.Blank();
        report.Heading($"slices by {columns} ({Quantity.Count(set.Count)}){(all ? "" : $": the {Limit} with the highest mean loss")}");
        var table = new TextTable("rows", "mean loss", "95 % +-", "top 1", columns) { TextLast = true };
        foreach (var (key, figures) in all ? set : [.. set.OrderByDescending(s => s.Figures.Loss.Mean).Take(Limit)])
        {
            double? half = figures.Loss.Ci95 is var (low, high) && !double.IsNaN(low) ? (high - low) / 2 : null;
            table.Add(
                Quantity.Count(figures.Rows.Evaluated),
                Quantity.Aligned(figures.Loss.Mean),
                Quantity.Aligned(half),
                Quantity.Percent(figures.Accuracy.FirstOrDefault(a => a.K == 1)?.Value),
                string.Join(", ", key.Select(k => k.Value is { } value ? OneLine.Of(value) : "(null)")));
        }

        report.Table(table);
        report.Note("all their figures: --format json, field slices");
    }

    private static string Columns(SliceFigures slice) => string.Join(", ", slice.Key.Select(k => OneLine.Of(k.Column)));
}
