using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Inspection;

/// <summary>One file's footer, and its logits as they are stored.</summary>
/// <param name="Logits">Null when the file has no such column.</param>
internal sealed record FileInspection(
    string Path, long Bytes, long Rows, int RowGroups, string? CreatedBy, IReadOnlyList<ColumnGroup> Columns, LogitsInspection? Logits);

/// <param name="Type">Of the (first) column.</param>
/// <param name="Columns">1, or C for flat columns.</param>
internal sealed record LogitsInspection(
    string Column, string Type, int Columns, IReadOnlyList<string> Codecs, IReadOnlyList<string> Encodings, LogitPages Pages, long StoredBytes);

/// <summary>What is in a dataset and how it would be evaluated; nothing but footers, page headers and a few rows is read.</summary>
/// <param name="Plan">Null when it cannot be evaluated.</param>
/// <param name="Problem">Why it cannot be evaluated: what <c>evaluate</c> would say.</param>
/// <param name="Values">What a few rows look like; null when there is no plan.</param>
internal sealed record DatasetInspection(IReadOnlyList<FileInspection> Files, RunPlan? Plan, string? Problem, InputLook? Values, int Workers)
{
    /// <summary>The largest page that is decompressed for a look at its values: some writers cut no smaller ones.</summary>
    private const int LookBytes = 128 << 20;

    /// <summary>The runtime, its code and the program's, and the buffers that every run has.</summary>
    private const long BaseBytes = 64L << 20;

    /// <summary>A worker's read window: uncompressed pages pass through it, however large they are.</summary>
    private const long WindowBytes = 4L << 20;

    /// <summary>Totals under way for each worker: one being filled and one being merged.</summary>
    private const int TotalsPerWorker = 2;

    /// <summary>A class's exact sum and counts, once it has rows: 128,256 classes fit in 32 MB.</summary>
    private const long ClassBytes = 256;

    public long Rows => Files.Sum(f => f.Rows);

    /// <summary>An upper estimate of the process's memory in an evaluation; null when there is no plan.</summary>
    public long? PeakBytes
    {
        get
        {
            if (Plan is null)
            {
                return null;
            }

            long totals = (Plan.Classes ?? 0) * ClassBytes;
            long pages = Files.Where(f => f.Logits is not null).Select(f => PageBytes(f.Logits!)).DefaultIfEmpty(0).Max();
            int workers = Math.Min(Workers, Math.Max(Plan.Shards.Count, 1));
            return BaseBytes + totals + (workers * (WindowBytes + InputFiles.BytesAhead(Files.Select(f => f.Path)) + pages + (TotalsPerWorker * totals)));
        }
    }

    /// <exception cref="BadInputException">A path matches nothing.</exception>
    /// <exception cref="ParquetException">A file is no valid Parquet.</exception>
    public static DatasetInspection Read(IReadOnlyList<string> paths, EvaluationOptions options, int workers, CancellationToken cancel = default)
    {
        var files = InputPaths.Expand(paths, cancel).Select(path => ReadFile(path, options, cancel)).ToList();
        try
        {
            return Planned(files, RunPlan.Create(paths, options, null, cancel), workers, cancel);
        }
        catch (Exception e) when (e is BadInputException or ParquetException)
        {
            return ReadBinary(files, paths, options, workers, cancel) ?? new DatasetInspection(files, null, e.Message, null, workers);
        }
    }

    private static DatasetInspection Planned(IReadOnlyList<FileInspection> files, RunPlan plan, int workers, CancellationToken cancel) =>
        new(files, plan, null, InputSample.Read(plan, LookBytes, null, cancel), workers);

    /// <summary>Targets that are neither classes nor distributions may be those of independent elements.</summary>
    private static DatasetInspection? ReadBinary(
        IReadOnlyList<FileInspection> files, IReadOnlyList<string> paths, EvaluationOptions options, int workers, CancellationToken cancel)
    {
        try
        {
            return Planned(files, RunPlan.Create(paths, options with { Loss = new LossFunction { Input = LossInput.BinaryLogits } }, null, cancel), workers, cancel);
        }
        catch (Exception e) when (e is BadInputException or ParquetException)
        {
            return null;
        }
    }

    private static FileInspection ReadFile(string path, EvaluationOptions options, CancellationToken cancel)
    {
        using var file = InputFiles.Open(path, Reading.InParts, cancel: cancel);
        return new FileInspection(
            path, file.Length, file.Metadata.NumRows, file.Metadata.RowGroups.Count, file.Metadata.CreatedBy, ColumnGroup.Of(file.Schema), ReadLogits(file, options));
    }

    private static LogitsInspection? ReadLogits(ParquetFile file, EvaluationOptions options)
    {
        SchemaLeaf[] leaves = options.LogitsPrefix is { } prefix
            ? [.. file.Schema.Leaves.Where(l => l.Path.StartsWith(prefix, StringComparison.Ordinal) && l.Path[prefix.Length..] is [>= '0' and <= '9', ..])]
            : file.Schema.Find(options.LogitsColumn)?.SingleLeaf is { } leaf ? [leaf] : [];
        if (leaves.Length == 0)
        {
            return null;
        }

        var chunks = file.Metadata.RowGroups.SelectMany(g => leaves.Select(l => g.Columns[l.ColumnIndex])).ToList();
        int group = Enumerable.Range(0, file.Metadata.RowGroups.Count).FirstOrDefault(g => file.Metadata.RowGroups[g].NumRows > 0, -1);
        return new LogitsInspection(
            options.LogitsPrefix is null ? options.LogitsColumn : $"{leaves[0].Path} ... {leaves[^1].Path}",
            TypeOf(file, leaves[0], options),
            leaves.Length,
            [.. chunks.Select(c => FormatNames.Of(c.Codec)).Distinct().Order(StringComparer.Ordinal)],
            [.. chunks.SelectMany(c => c.Encodings).Select(FormatNames.Of).Distinct().Order(StringComparer.Ordinal)],
            group < 0 ? new LogitPages(0, 0, 0) : LogitPages.Read(file, group, leaves[0].ColumnIndex),
            chunks.Sum(c => c.TotalCompressedSize));
    }

    private static string TypeOf(ParquetFile file, SchemaLeaf leaf, EvaluationOptions options)
    {
        string type = FormatNames.TypeOf(options.LogitsPrefix is null ? file.Schema.Find(options.LogitsColumn)! : leaf.Node);
        return options.Packed is { } packed ? $"{type} of {packed.ToString().ToLowerInvariant()}" : type;
    }

    /// <summary>Of compressed pages; flat columns have one open in each.</summary>
    private static long PageBytes(LogitsInspection logits) =>
        logits.Codecs is ["UNCOMPRESSED"] ? 0 : logits.Columns * BytesHeld(logits);

    // docs/formats.md, "Memory".
    private static long BytesHeld(LogitsInspection logits)
    {
        const long lookBack = 4 << 20;
        bool isStreamed = logits.Pages.MaxBytes > ReaderLimits.Default.StreamedPageBytes && !logits.Codecs.Contains("LZ4");
        bool isSpread = logits.Encodings.Any(e => e is "BYTE_STREAM_SPLIT" or "DELTA_BYTE_ARRAY" or "DELTA_LENGTH_BYTE_ARRAY");
        return !isStreamed ? (long)logits.Pages.MaxStoredBytes + logits.Pages.MaxBytes
            : isSpread ? logits.Pages.MaxBytes
            : Math.Min(logits.Pages.MaxBytes, lookBack);
    }
}
