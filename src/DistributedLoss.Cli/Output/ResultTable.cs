using DistributedLoss.Cli.Logging;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Output;

/// <summary>An evaluation's result as text for people.</summary>
internal sealed class ResultTable(TextWriter writer, bool colour)
{
    /// <summary>Up to this many classes all are listed; of more, the worst and the best.</summary>
    private const int AllClasses = 12;

    private const int WorstOrBest = 5;

    private const string Indent = "  ";

    public void Write(EvaluationResult result)
    {
        WriteHeadline(result);
        WriteRows(result);
        WriteClasses(result);
        WriteHardest(result);
        WriteRun(result);
    }

    private void WriteHeadline(EvaluationResult result)
    {
        if (result.Remark is { } remark)
        {
            Field("mean loss", $"none: {remark}");
            return;
        }

        var loss = result.Loss;
        if (loss.Mean is not { } mean)
        {
            return;
        }

        Field("mean loss", $"{Bold(Quantity.Exact(mean))} nats");
        if (loss.IsWeighted)
        {
            Field("numerator", $"{Quantity.Exact(loss.Sum ?? 0)} nats, the sum of the weighted losses");
            Field("denominator", $"{Quantity.Exact(loss.Denominator)}, the sum of the weights of {Quantity.Count(result.Rows.Evaluated)} rows");
        }

        if (loss.Ci95 is var (low, high))
        {
            Field("", $"95 % interval {Quantity.Rounded(low)} to {Quantity.Rounded(high)}, standard error {Quantity.Rounded(loss.StandardError)}");
        }

        Field("in bits", Quantity.Rounded(loss.Bits));
        Field("perplexity", Quantity.Rounded(loss.Perplexity));
        Field("row losses", $"{Quantity.Rounded(loss.Min)} to {Quantity.Rounded(loss.Max)}");
        if (loss.Infinite > 0)
        {
            Field("", $"{Quantity.Count(loss.Infinite)} rows give their label probability 0: their loss is infinite");
        }

        if (loss.Undefined > 0)
        {
            Field("", $"{Quantity.Count(loss.Undefined)} of these count with weight 0: 0 times infinity is no number");
        }

        string separator = "accuracy";
        foreach (var figure in result.Accuracy)
        {
            Field(separator, $"{Quantity.Percent(figure.Value),10}  top {figure.K}");
            separator = "";
        }
    }

    private void WriteRows(EvaluationResult result)
    {
        var rows = result.Rows;
        Blank();
        Field("rows", $"{Quantity.Count(rows.Total),14}");
        Field("  evaluated", $"{Quantity.Count(rows.Evaluated),14}");
        Field("  ignored", $"{Quantity.Count(rows.Ignored),14}  label {result.Options.IgnoreIndex}");
        Field("  invalid", $"{Quantity.Count(rows.Invalid.Values.Sum()),14}{string.Concat(rows.Invalid.Select((c, i) => $"{(i == 0 ? Indent : ", ")}{c.Key} {Quantity.Count(c.Value)}"))}");
    }

    private void WriteClasses(EvaluationResult result)
    {
        var seen = result.PerClass.Where(c => c.LossMean is not null).OrderByDescending(c => c.LossMean).ThenBy(c => c.Class).ToList();
        if (seen.Count == 0)
        {
            return;
        }

        bool all = result.PerClass.Count <= AllClasses;
        Blank();
        Heading(all
            ? $"classes ({result.PerClass.Count})"
            : $"classes ({Quantity.Count(result.PerClass.Count)}{(seen.Count < result.PerClass.Count ? $", {Quantity.Count(seen.Count)} with rows" : "")}): highest and lowest mean loss");
        var table = new TextTable("class", "rows", "mean loss", "recall", "precision", "F1");
        var shown = all ? result.PerClass : seen.Count <= 2 * WorstOrBest ? seen : [.. seen.Take(WorstOrBest), .. seen.TakeLast(WorstOrBest)];
        for (int i = 0; i < shown.Count; i++)
        {
            if (!all && seen.Count > 2 * WorstOrBest && i == WorstOrBest)
            {
                table.Add("...", "", "", "", "", "");
            }

            var c = shown[i];
            table.Add(
                $"{c.Class}", Quantity.Count(c.Count), Quantity.Aligned(c.LossMean), Quantity.Share(c.Recall), Quantity.Share(c.Precision), Quantity.Share(c.F1));
        }

        Table(table);
        if (!all)
        {
            Line($"{Indent}all of them: --format json, field perClass");
        }
    }

    private void WriteHardest(EvaluationResult result)
    {
        if (result.Hardest.Count == 0)
        {
            return;
        }

        Blank();
        // One file needs no column of its own; its name may be longer than a line.
        bool oneFile = result.Files.Count == 1;
        Heading(oneFile ? $"hardest rows of {OneLine.Of(result.Files[0].Path)}" : "hardest rows");
        string[] columns = ["loss", "label", "predicted", "rank", "row group", "row"];
        var table = new TextTable(oneFile ? columns : [.. columns, "file"]) { TextLast = !oneFile };
        foreach (var row in result.Hardest)
        {
            string[] cells =
                [Quantity.Aligned(row.Loss), $"{row.Label}", $"{row.Predicted}", Quantity.Count(row.Rank), $"{row.RowGroup}", $"{row.Row}"];
            table.Add(oneFile ? cells : [.. cells, OneLine.Of(row.File)]);
        }

        Table(table);
    }

    private void WriteRun(EvaluationResult result)
    {
        var (timing, environment, shards) = (result.Timing, result.Environment, result.Shards);
        Blank();
        Field("digest", result.Digest);
        string retried = shards.Retried + shards.Speculated > 0 ? $" ({shards.Retried} retried, {shards.Speculated} run twice)" : "";
        Field("run", $"files {Quantity.Count(result.Files.Count)}, shards {Quantity.Count(shards.Total)}{retried}, engine {environment.Engine}, workers {environment.Workers}, kernel {environment.Kernel}");
        Field("time", $"{Quantity.Seconds(timing.EvaluateSeconds)}, and {Quantity.Seconds(timing.PlanSeconds)} to plan");
        if (timing.RowsPerSecond > 0)
        {
            Field("rate", $"{Quantity.Short(timing.RowsPerSecond)} rows/s, {Quantity.Short(timing.LogitsPerSecond)} logits/s, {Quantity.Bytes(timing.BytesRead)} read");
        }
    }

    private void Table(TextTable table)
    {
        foreach (string line in table.Lines(Indent, Dim))
        {
            Line(line);
        }
    }

    private void Field(string name, string value) => Line($"{Dim(name.PadRight(12))}{value}");

    private void Heading(string text) => Line(Bold(text));

    private void Blank() => writer.Write('\n');

    private void Line(string text) => writer.Write($"{text}\n");

    private string Bold(string text) => colour ? $"\e[1m{text}\e[0m" : text;

    private string Dim(string text) => colour ? $"\e[2m{text}\e[0m" : text;
}
