using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Output;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Inspection;

/// <summary>An inspection as text for people.</summary>
internal static class InspectionTable
{
    private const int FileLimit = 20;

    private const string Indent = "  ";

    public static void Write(TextWriter writer, DatasetInspection inspection)
    {
        foreach (string line in Lines(inspection))
        {
            writer.Write($"{line}\n");
        }
    }

    private static IEnumerable<string> Lines(DatasetInspection inspection)
    {
        var files = new TextTable("rows", "row groups", "bytes", "columns", "file") { TextLast = true };
        foreach (var file in inspection.Files.Take(FileLimit))
        {
            files.Add(
                Quantity.Count(file.Rows), Quantity.Count(file.RowGroups), Quantity.Count(file.Bytes), Quantity.Count(file.Columns.Sum(c => c.Columns)), OneLine.Of(file.Path));
        }

        yield return $"files ({Quantity.Count(inspection.Files.Count)})";
        foreach (string line in files.Lines(Indent, s => s))
        {
            yield return line;
        }

        if (inspection.Files.Count > FileLimit)
        {
            yield return $"{Indent}and {Quantity.Count(inspection.Files.Count - FileLimit)} more: --format json has all";
        }

        yield return "";
        // Files of one dump have one schema; a file that differs in what matters is the problem that is told below.
        yield return $"columns of {OneLine.Of(inspection.Files[0].Path)}";
        var columns = new TextTable("type", "nulls", "column") { LeftAligned = 2, TextLast = true };
        foreach (var column in inspection.Files[0].Columns)
        {
            columns.Add(column.Type, column.Nullable ? "may be" : "no", OneLine.Of(column.Name));
        }

        foreach (string line in columns.Lines(Indent, s => s))
        {
            yield return line;
        }

        yield return "";
        foreach (var (name, value) in Fields(inspection))
        {
            yield return $"{name,-12}{value}";
        }
    }

    private static IEnumerable<(string Name, string Value)> Fields(DatasetInspection inspection)
    {
        if (inspection.Files[0].Logits is { } logits)
        {
            yield return ("logits", $"{OneLine.Of(logits.Column)}, {logits.Type}{(logits.Columns > 1 ? $", {Quantity.Count(logits.Columns)} columns" : "")}");
            yield return ("  stored", $"{string.Join(", ", logits.Codecs)}; {string.Join(", ", logits.Encodings)}; {Quantity.Bytes(inspection.Files.Sum(f => f.Logits?.StoredBytes ?? 0))}");
            if (logits.Pages.Version > 0)
            {
                yield return ("  pages", $"version {logits.Pages.Version}, the largest {Quantity.Bytes(logits.Pages.MaxBytes)}{(logits.Pages.MaxBytes == logits.Pages.MaxStoredBytes ? "" : $", stored in {Quantity.Bytes(logits.Pages.MaxStoredBytes)}")}");
            }
        }

        yield return ("rows", Quantity.Count(inspection.Rows));
        if (inspection.Plan is not { } plan)
        {
            yield return ("evaluate", $"would fail: {OneLine.Of(inspection.Problem!)}");
            foreach (string advice in InspectionAdvice.Of(inspection.Files[0]))
            {
                yield return ("", advice);
            }

            yield break;
        }

        yield return ("classes", plan.Classes is { } classes ? Quantity.Count(classes) : "unknown: no row has logits");
        yield return ("values", InspectionAdvice.Of(inspection.Values!, plan.Target));
        yield return ("label", OneLine.Of(plan.Options.LabelColumn));
        string sizes = plan.Shards.Count > 0 ? $", of {Quantity.Count(plan.Shards.Min(s => s.Rows))} to {Quantity.Count(plan.Shards.Max(s => s.Rows))} rows" : "";
        yield return ("shards", $"{Quantity.Count(plan.Shards.Count)}{sizes}");
        yield return ("memory", $"about {Quantity.Bytes(inspection.PeakBytes!.Value)} with {inspection.Workers} workers");
    }
}
