using DistributedLoss.Cli.Logging;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Output;

/// <summary>The classes' own figures, and which of them are taken for which.</summary>
internal static class ClassTable
{
    /// <summary>Up to this many classes all are listed; of more, the worst and the best.</summary>
    private const int AllClasses = 12;

    private const int WorstOrBest = 5;

    private const int MostConfused = 10;

    public static void Write(TextReport report, EvaluationFigures figures)
    {
        WriteClasses(report, figures.PerClass, figures.Binary is not null);
        if (figures.Confusion is { MostConfused: { Count: > 0 } pairs })
        {
            WriteConfused(report, pairs, figures.PerClass);
        }
    }

    private static void WriteClasses(TextReport report, IReadOnlyList<ClassFigures> classes, bool areElements)
    {
        var seen = classes.Where(c => c.LossMean is not null).ToList();
        seen.Sort((x, y) => y.LossMean!.Value.CompareTo(x.LossMean!.Value) is not 0 and var byLoss ? byLoss : x.Class.CompareTo(y.Class));
        if (seen.Count == 0)
        {
            return;
        }

        bool all = classes.Count <= AllClasses;
        report.Blank();
        report.Heading(all
            ? $"classes ({classes.Count})"
            : $"classes ({Quantity.Count(classes.Count)}{(seen.Count < classes.Count ? $", {Quantity.Count(seen.Count)} with rows" : "")}): highest and lowest mean loss");
        bool hasNames = classes.Any(c => c.Name is not null), hasBias = classes.Any(c => c.Bias is not null);
        var table = new TextTable(["class", areElements ? "positive" : "rows", "mean loss", "recall", "precision", "F1", .. hasBias ? (string[])["bias"] : [], .. hasNames ? (string[])["name"] : []]) { TextLast = hasNames };
        var shown = all ? classes : seen.Count <= 2 * WorstOrBest ? seen : [.. seen.Take(WorstOrBest), .. seen.TakeLast(WorstOrBest)];
        for (int i = 0; i < shown.Count; i++)
        {
            var c = shown[i];
            if (!all && seen.Count > 2 * WorstOrBest && i == WorstOrBest)
            {
                table.Add(["...", "", "", "", "", "", .. hasBias ? (string[])[""] : [], .. hasNames ? (string[])[""] : []]);
            }

            table.Add(
            [
                $"{c.Class}", Quantity.Count(c.Count), Quantity.Aligned(c.LossMean), Quantity.Share(c.Recall), Quantity.Share(c.Precision), Quantity.Share(c.F1),
                .. hasBias ? (string[])[Quantity.Share(c.Bias)] : [],
                .. hasNames ? (string[])[OneLine.Of(c.Name ?? "")] : [],
            ]);
        }

        report.Table(table);
        if (!all)
        {
            report.Note("all of them: --format json, field perClass");
        }
    }

    private static void WriteConfused(TextReport report, IReadOnlyList<Numerics.Statistics.ConfusedPair> pairs, IReadOnlyList<ClassFigures> classes)
    {
        report.Blank();
        report.Heading("most confused");
        var table = new TextTable("rows", "label", "predicted as") { TextLast = true };
        foreach (var pair in pairs.Take(MostConfused))
        {
            table.Add(Quantity.Count(pair.Count), Name(classes[pair.Label]), Name(classes[pair.Predicted]));
        }

        report.Table(table);
        if (pairs.Count > MostConfused)
        {
            report.Note("more of them: --format json, field confusion");
        }
    }

    private static string Name(ClassFigures c) => c.Name is { } name ? $"{c.Class} {OneLine.Of(name)}" : $"{c.Class}";
}
