using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Output;
using DistributedLoss.Comparison;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Comparison;

/// <summary>A comparison as text for people.</summary>
internal sealed class ComparisonTable(TextWriter writer, bool colour)
{
    /// <summary>Up to this many classes all are listed; of more, those that moved most.</summary>
    private const int AllClasses = 12;

    private const int MostMoved = 5;

    private readonly TextReport _report = new(writer, colour);

    public void Write(ComparisonResult result)
    {
        _report.Field("A", Describe(result.A));
        _report.Field("B", Describe(result.B));
        _report.Blank();
        if (result.Rows.Compared == 0)
        {
            _report.Field("difference", $"none: {result.Remark}");
        }
        else
        {
            WriteLoss(result);
            WriteTests(result);
            WritePredictions(result);
        }

        WriteRows(result);
        WriteClasses(result);
        WriteSlices(result);
        WriteMoved(result.Worse, "rows whose loss rose most", result);
        WriteMoved(result.Better, "rows whose loss fell most", result);
        _report.Blank();
        _report.Field("digest", result.Digest);
        _report.Field("run", $"workers {result.Environment.Workers}, kernel {result.Environment.Kernel}, {Quantity.Seconds(result.Timing.Seconds)}");
    }

    private static string Describe(ComparedFiles side) =>
        $"{OneLine.Of(side.Files[0].Path)}{(side.Files.Count > 1 ? $" and {Quantity.Count(side.Files.Count - 1)} more" : "")}, {side.Kind}";

    private void WriteLoss(ComparisonResult result)
    {
        var (figures, difference) = (result.Figures, result.Figures.Difference);
        string over = result.DenominatorUnit == "weight" ? $"weights of {Quantity.Exact(figures.Denominator)}" : $"{Quantity.Count((long)figures.Denominator)} {result.DenominatorUnit}";
        _report.Field("mean loss", $"A {Exact(figures.LossA)}, B {Exact(figures.LossB)} nats over {over}");
        _report.Field("difference", $"{_report.Bold(Exact(difference.Mean))} nats, B - A{(difference.Mean is { } mean && mean != 0 && !double.IsNaN(mean) ? mean < 0 ? ": B is better" : ": B is worse" : "")}");
        if (result.Remark is { } remark)
        {
            _report.Field("", remark);
        }

        if (difference.Ci95 is var (low, high) && !double.IsNaN(low))
        {
            _report.Field("", $"95 % interval {Quantity.Rounded(low)} to {Quantity.Rounded(high)}, standard error {Quantity.Rounded(difference.StandardError)}, paired");
        }

        _report.Field("pairs", $"{Quantity.Count(difference.Better)} better, {Quantity.Count(difference.Worse)} worse, {Quantity.Count(difference.Ties)} equal{(difference.Undefined > 0 ? $", {Quantity.Count(difference.Undefined)} infinite on both sides or not a number" : "")}");
        _report.Field("", $"differences from {Quantity.Rounded(difference.Min)} to {Quantity.Rounded(difference.Max)}; {string.Join(", ", result.Quantiles.Where(q => q.Name is "p5" or "p50" or "p95").Select(q => $"{q.Name} {Quantity.Brief(q.Value)}"))}");
    }

    private void WriteTests(ComparisonResult result)
    {
        var tests = result.Tests;
        _report.Field("p-values", tests.PairedT is { } t ? $"{Quantity.Rounded(t),-12} paired t ({Quantity.Rounded(tests.T)} with {Quantity.Count(tests.Degrees!.Value)} degrees of freedom)" : $"{"-",-12} paired t: {tests.PairedTReason}");
        _report.Field("", $"{Quantity.Rounded(tests.Sign),-12} sign test, exact");
        _report.Field("", tests.Permutation is { } p ? $"{Quantity.Rounded(p),-12} sign-flip permutation, exact" : $"{"-",-12} sign-flip permutation: {tests.PermutationReason}");
    }

    private void WritePredictions(ComparisonResult result)
    {
        var figures = result.Figures;
        _report.Field("accuracy", $"A {Quantity.Percent(figures.AccuracyA)}, B {Quantity.Percent(figures.AccuracyB)}");
        _report.Field("", $"right in A only {Quantity.Count(figures.OnlyARight)}, in B only {Quantity.Count(figures.OnlyBRight)}; exact McNemar p {Quantity.Rounded(result.Tests.McNemar)}");
        _report.Field("agreement", $"{Quantity.Percent(figures.Agreement)} of the predictions are the same");
        var divergence = result.Divergence;
        _report.Field("KL(A || B)", divergence.Reason is { } reason ? $"none: {reason}"
            : $"{Quantity.Rounded(divergence.Mean)} nats, the mean{(divergence.Infinite > 0 ? $"; infinite for {Quantity.Count(divergence.Infinite)} pairs" : "")}");
    }

    private void WriteRows(ComparisonResult result)
    {
        var rows = result.Rows;
        _report.Blank();
        _report.Field("rows", $"{Quantity.Count(rows.Total),14}");
        _report.Field("  compared", $"{Quantity.Count(rows.Compared),14}");
        _report.Field("  ignored", $"{Quantity.Count(rows.Ignored),14}");
        _report.Field("  invalid", $"{Quantity.Count(rows.Invalid),14}  without a loss on either side");
        if (rows.OnlyA + rows.OnlyB > 0)
        {
            _report.Field("  only in A", $"{Quantity.Count(rows.OnlyA),14}  without a loss in B");
            _report.Field("  only in B", $"{Quantity.Count(rows.OnlyB),14}  without a loss in A");
        }
    }

    private void WriteClasses(ComparisonResult result)
    {
        var seen = result.PerClass.Where(c => c.Figures.MeanDifference is not null).ToList();
        if (seen.Count == 0)
        {
            return;
        }

        bool all = result.PerClass.Count <= AllClasses;
        seen.Sort((x, y) => y.Figures.MeanDifference!.Value.CompareTo(x.Figures.MeanDifference!.Value) is not 0 and var byMove ? byMove : x.Class.CompareTo(y.Class));
        _report.Blank();
        _report.Heading(all ? $"classes ({result.PerClass.Count})" : $"classes ({Quantity.Count(result.PerClass.Count)}, {Quantity.Count(seen.Count)} with rows): those whose loss rose and fell most");
        bool hasNames = result.PerClass.Any(c => c.Name is not null);
        var table = new TextTable(["class", "rows", "A", "B", "difference", "+-", "better", "worse", .. hasNames ? (string[])["name"] : []]) { TextLast = hasNames };
        var shown = all ? seen.OrderBy(c => c.Class).ToList() : seen.Count <= 2 * MostMoved ? seen : [.. seen.Take(MostMoved), .. seen.TakeLast(MostMoved)];
        foreach (var c in shown)
        {
            table.Add(
            [
                $"{c.Class}", Quantity.Count(c.Figures.Counts.Rows), Quantity.Aligned(c.Figures.MeanA), Quantity.Aligned(c.Figures.MeanB), Quantity.Aligned(c.Figures.MeanDifference),
                Quantity.Brief(c.Figures.StandardError), Quantity.Count(c.Figures.Counts.Better), Quantity.Count(c.Figures.Counts.Worse),
                .. hasNames ? (string[])[OneLine.Of(c.Name ?? "")] : [],
            ]);
        }

        _report.Table(table);
        if (!all)
        {
            _report.Note("all of them: --format json, field perClass");
        }
    }

    private void WriteSlices(ComparisonResult result)
    {
        foreach (var set in result.Slices.GroupBy(s => string.Join(',', s.Key.Select(k => k.Column))))
        {
            _report.Blank();
            _report.Heading($"slices by {OneLine.Of(set.Key)}");
            var table = new TextTable("rows", "A", "B", "difference", "+-", "better", "worse", "slice") { TextLast = true };
            foreach (var slice in set)
            {
                var (figures, difference) = (slice.Figures, slice.Figures.Difference);
                table.Add(
                    Quantity.Count(figures.Pairs), Quantity.Aligned(figures.LossA), Quantity.Aligned(figures.LossB), Quantity.Aligned(difference.Mean), Quantity.Brief(difference.StandardError),
                    Quantity.Count(difference.Better), Quantity.Count(difference.Worse), OneLine.Of(string.Join(", ", slice.Key.Select(k => k.Value ?? "null"))));
            }

            _report.Table(table);
        }
    }

    private void WriteMoved(IReadOnlyList<MovedRow> rows, string heading, ComparisonResult result)
    {
        if (rows.Count == 0)
        {
            return;
        }

        _report.Blank();
        _report.Heading(heading);
        bool hasIndex = rows.Any(r => r.Index is not null), isOneFile = rows.All(r => r.FileA == rows[0].FileA);
        string[] columns = ["difference", "A", "B", "label", "A says", "B says", "row", .. hasIndex ? (string[])[result.IsBinary ? "class" : "position"] : []];
        var table = new TextTable(isOneFile ? columns : [.. columns, "file"]) { TextLast = !isOneFile };
        foreach (var row in rows)
        {
            string[] cells =
            [
                Quantity.Aligned(row.Difference), Quantity.Aligned(row.LossA), Quantity.Aligned(row.LossB), Quantity.Rounded(row.Label), $"{row.PredictedA}", $"{row.PredictedB}", $"{row.RowA}",
                .. hasIndex ? (string[])[$"{row.Index}"] : [],
            ];
            table.Add(isOneFile ? cells : [.. cells, OneLine.Of(row.FileA)]);
        }

        _report.Table(table);
    }

    private static string Exact(double? value) => value is { } v ? Quantity.Exact(v) : "none";
}
