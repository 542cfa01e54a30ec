using DistributedLoss.Cli.Logging;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Output;

/// <summary>An evaluation's result as text for people.</summary>
internal sealed class ResultTable(TextWriter writer, bool colour)
{
    private readonly TextReport _report = new(writer, colour);

    public void Write(EvaluationResult result)
    {
        if (result.Remark is { } remark)
        {
            _report.Field("mean loss", $"none: {remark}");
        }
        else
        {
            FigureTable.Write(_report, result.Figures);
        }

        WriteRows(result);
        ClassTable.Write(_report, result.Figures);
        SliceTable.Write(_report, result.Slices);
        WriteHardest(result);
        WriteRun(result);
    }

    private void WriteRows(EvaluationResult result)
    {
        var rows = result.Rows;
        _report.Blank();
        _report.Field("rows", $"{Quantity.Count(rows.Total),14}{(result.Sequences is { } sequences ? $"  the positions of {Quantity.Count(sequences)} sequences" : "")}");
        _report.Field("  evaluated", $"{Quantity.Count(rows.Evaluated),14}");
        _report.Field("  ignored", $"{Quantity.Count(rows.Ignored),14}  label {result.Options.IgnoreIndex}");
        _report.Field("  invalid", $"{Quantity.Count(rows.Total - rows.Evaluated - rows.Ignored),14}{(rows.Invalid.Count == 0 ? "" : Causes(rows))}");
    }

    private static string Causes(RowFigures rows) =>
        TextReport.Indent + string.Join(", ", rows.Invalid.Select(c => $"{c.Key} {Quantity.Count(c.Value)}"));

    private void WriteHardest(EvaluationResult result)
    {
        if (result.Hardest.Count == 0)
        {
            return;
        }

        _report.Blank();
        // One file needs no column of its own; its name may be longer than a line.
        bool oneFile = result.Files.Count == 1;
        _report.Heading(oneFile ? $"hardest rows of {OneLine.Of(result.Files[0].Path)}" : "hardest rows");
        // An element is named by its class.
        bool hasPositions = result.Sequences is not null, areElements = result.Figures.Binary is not null;
        string[] columns = ["loss", areElements ? "class" : "label", "predicted", "rank", "row group", "row", .. hasPositions ? (string[])["position"] : []];
        var table = new TextTable(oneFile ? columns : [.. columns, "file"]) { TextLast = !oneFile };
        foreach (var row in result.Hardest)
        {
            string[] cells =
            [
                Quantity.Aligned(row.Loss), $"{row.Label}", $"{row.Predicted}", Quantity.Count(row.Rank), $"{row.RowGroup}", $"{row.Row}",
                .. hasPositions ? (string[])[$"{row.Position}"] : [],
            ];
            table.Add(oneFile ? cells : [.. cells, OneLine.Of(row.File)]);
        }

        _report.Table(table);
    }

    private void WriteRun(EvaluationResult result)
    {
        var (timing, environment, shards) = (result.Timing, result.Environment, result.Shards);
        _report.Blank();
        _report.Field("digest", result.Digest);
        string retried = shards.Retried + shards.Speculated > 0 ? $" ({shards.Retried} retried, {shards.Speculated} run twice)" : "";
        _report.Field("run", $"files {Quantity.Count(result.Files.Count)}, shards {Quantity.Count(shards.Total)}{retried}, engine {environment.Engine}, workers {environment.Workers}, kernel {environment.Kernel}");
        _report.Field("time", $"{Quantity.Seconds(timing.EvaluateSeconds)}, and {Quantity.Seconds(timing.PlanSeconds)} to plan");
        if (timing.RowsPerSecond > 0)
        {
            _report.Field("rate", $"{Quantity.Short(timing.RowsPerSecond)} rows/s, {Quantity.Short(timing.LogitsPerSecond)} logits/s, {Quantity.Bytes(timing.BytesRead)} read");
        }
    }
}
