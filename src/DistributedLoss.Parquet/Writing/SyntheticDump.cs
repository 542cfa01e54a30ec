using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>What `dloss generate` writes. Equal seed, rows, classes and accuracy give equal logits and labels, whatever the rest says.</summary>
public sealed record SyntheticOptions
{
    public long Rows { get; init; } = 100_000;

    public int Classes { get; init; } = 1000;

    /// <summary>Files, of as equal numbers of rows as can be.</summary>
    public int Files { get; init; } = 1;

    public LogitType LogitType { get; init; } = LogitType.Float32;

    public LogitLayout Layout { get; init; } = LogitLayout.List;

    public CompressionCodec Codec { get; init; } = CompressionCodec.Uncompressed;

    public int PageVersion { get; init; } = 1;

    /// <summary>Rows of a row group; null for as many as make about 64 MiB of logits.</summary>
    public int? RowGroupRows { get; init; }

    public int PageBytes { get; init; } = 1 << 20;

    public ulong Seed { get; init; }

    /// <summary>The share of rows whose label has the largest logit, in [0, 1]; chance adds (1 - accuracy) / C.</summary>
    public double Accuracy { get; init; } = 0.75;
}

/// <summary>Writes synthetic dumps (see <see cref="SyntheticRows"/>).</summary>
public static class SyntheticDump
{
    private const int RowGroupBytes = 64 << 20;

    // Logits made and handed over at once.
    private const int BatchLogits = 1 << 18;

    /// <summary>
    /// Writes part-00000.parquet and so on into the directory <paramref name="output"/>, or one file if it ends in .parquet. Each file appears
    /// when it is whole. Row ids count through all files.
    /// </summary>
    /// <param name="output">A directory, made if it is not there, or the name of one file.</param>
    /// <param name="options">What to write.</param>
    /// <param name="progress">Told the rows written so far, now and then.</param>
    /// <param name="cancellation">Ends the writing; the file that is being written does not appear.</param>
    /// <returns>The files' paths in order.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    /// <exception cref="IOException">The directory already holds Parquet files, or cannot be written.</exception>
    public static IReadOnlyList<string> Write(
        string output, SyntheticOptions options, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Files, 1);
        if (!(options.Accuracy is >= 0 and <= 1))
        {
            throw new ArgumentException($"an accuracy lies between 0 and 1; {options.Accuracy} does not");
        }
        List<string> paths = Paths(output, options.Files);
        long done = 0;
        for (int file = 0; file < paths.Count; file++)
        {
            // The first Rows % Files files have one row more.
            long rows = (options.Rows / options.Files) + (file < options.Rows % options.Files ? 1 : 0);
            WriteFile(paths[file], options, done, rows, progress, cancellation);
            done += rows;
        }
        return paths;
    }

    private static List<string> Paths(string output, int files)
    {
        if (Path.GetExtension(output).Equals(".parquet", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(output))
        {
            return files == 1
                ? [output]
                : throw new ArgumentException($"{output} names one file and {files} are wanted; name a directory");
        }
        Directory.CreateDirectory(output);
        // What an earlier run left would silently become part of this dump.
        if (Directory.EnumerateFiles(output, "*.parquet").Any())
        {
            throw new IOException($"{output} already holds Parquet files; delete them or choose another directory");
        }
        return [.. Enumerable.Range(0, files).Select(f => Path.Combine(output, $"part-{f:D5}.parquet"))];
    }

    private static void WriteFile(
        string path, SyntheticOptions options, long firstRow, long rows, IProgress<long>? progress, CancellationToken cancellation)
    {
        var schema = new DumpSchema(options.Classes) { LogitType = options.LogitType, Layout = options.Layout };
        int rowBytes = checked(schema.LogitWidth * options.Classes);
        using var writer = new DumpWriter(path, schema, new WriterOptions
        {
            Codec = options.Codec,
            PageVersion = options.PageVersion,
            RowGroupRows = options.RowGroupRows ?? Math.Max(1, RowGroupBytes / rowBytes),
            PageBytes = options.PageBytes,
            FirstId = firstRow,
        });
        var source = new SyntheticRows(options.Seed, options.Classes, options.Accuracy);
        int batch = (int)Math.Min(rows, Math.Max(1, BatchLogits / options.Classes));
        float[] logits = new float[batch * options.Classes];
        long[] labels = new long[batch];
        for (long done = 0; done < rows;)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(batch, rows - done);
            Span<float> someLogits = logits.AsSpan(0, count * options.Classes);
            Span<long> someLabels = labels.AsSpan(0, count);
            source.Fill(firstRow + done, someLogits, someLabels);
            writer.Append(someLogits, someLabels);
            done += count;
            progress?.Report(firstRow + done);
        }
        writer.Close();
    }
}
