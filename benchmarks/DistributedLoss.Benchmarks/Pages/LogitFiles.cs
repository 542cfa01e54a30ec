using BenchmarkDotNet.Attributes;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Benchmarks.Pages;

/// <summary>The logits of a file in the page cache, tile by tile, with all that the reader checks and nothing done with them.</summary>
public class LogitFiles : IUnits
{
    private const int Logits = 2_000_000;
    private const string Prefix = "logits_";

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"dloss-benchmark-{Guid.NewGuid():N}.parquet");

    public static IEnumerable<string> Layouts =>
    [
        "List V1 Uncompressed",
        "List V2 Uncompressed",
        "List V1 Snappy",
        "List V1 Lz4Raw",
        "List V1 Zstd",
        "List V2 Zstd",
        "List V1 Gzip",
        "List V1 Brotli",
        "List V1 Uncompressed split",
        "List V1 Zstd split",
        "Flat V1 Uncompressed",
        "Flat V1 Zstd",
        "PackedFixed V1 Uncompressed",
        "PackedBinary V1 Uncompressed",
    ];

    [ParamsSource(nameof(Layouts))]
    public string Layout { get; set; } = "";

    [Params(10, 1000)]
    public int Classes { get; set; }

    public string Unit => "logit";

    public long Units => Logits;

    private int Rows => Logits / Classes;

    [GlobalSetup]
    public void Setup()
    {
        string[] names = Layout.Split(' ');
        var schema = new DumpSchema(Classes) { Layout = Enum.Parse<LogitLayout>(names[0]), LogitsPrefix = Prefix };
        var options = new WriterOptions { Codec = Enum.Parse<CompressionCodec>(names[2]), PageVersion = names[1] == "V2" ? 2 : 1, ByteStreamSplit = names.Contains("split") };
        using (var writer = new DumpWriter(_path, schema, options))
        {
            float[] logits = new float[Logits];
            long[] labels = new long[Rows];
            new SyntheticRows(5, Classes, 0.7).Fill(0, logits, labels);
            writer.Append(logits, labels);
            writer.Close();
        }

        if (Read() != Rows)
        {
            throw new InvalidOperationException($"{Layout}: {Read()} rows are read of {Rows}");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);

    [Benchmark]
    public long Read()
    {
        using var file = ParquetFile.Open(_path);
        var column = LogitColumn.Resolve(file, new LogitColumnSpec
        {
            Column = Layout.StartsWith("Flat", StringComparison.Ordinal) ? null : "logits",
            Prefix = Layout.StartsWith("Flat", StringComparison.Ordinal) ? Prefix : null,
            Packed = Layout.StartsWith("Packed", StringComparison.Ordinal) ? FloatFormat.Float32 : null,
        });
        long rows = 0;
        for (int group = 0; group < file.Metadata.RowGroups.Count; group++)
        {
            using var reader = column.OpenReader(group, Classes);
            while (reader.TryRead(4096, out var tile))
            {
                rows += tile.Rows;
            }
        }

        return rows;
    }
}
