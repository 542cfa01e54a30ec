using System.Runtime.InteropServices;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Bench;

/// <summary>Writes raw logits and labels, as the peers have them in RAM, as a dump: narrower types, and dumps where there is no other writer.</summary>
/// <param name="Logits">A file of row-major little-endian float32.</param>
/// <param name="Labels">A file of little-endian int32, one a row.</param>
/// <param name="Output">The dump.</param>
internal sealed record Conversion(string Logits, string Labels, int Classes, string Output)
{
    public LogitType Type { get; init; } = LogitType.Float32;

    public LogitLayout Layout { get; init; } = LogitLayout.List;

    /// <summary>Flat columns are PREFIX0 and so on.</summary>
    public string Prefix { get; init; } = "logit_";

    public CompressionCodec Codec { get; init; } = CompressionCodec.Uncompressed;

    public int PageVersion { get; init; } = 1;

    public int RowGroupRows { get; init; } = 5000;

    /// <exception cref="InvalidDataException">The files' lengths do not agree.</exception>
    public Written Run()
    {
        byte[] labels = File.ReadAllBytes(Labels);
        using var logits = File.OpenRead(Logits);
        int rows = labels.Length / sizeof(int);
        if (labels.Length != (long)rows * sizeof(int) || logits.Length != (long)rows * Classes * sizeof(float))
        {
            throw new InvalidDataException($"{Logits}: {logits.Length} bytes for {rows} rows of {Classes} float32");
        }

        var schema = new DumpSchema(Classes) { LogitType = Type, Layout = Layout, LogitsPrefix = Prefix, Int64Labels = false };
        using var writer = new DumpWriter(Output, schema, new WriterOptions { Codec = Codec, PageVersion = PageVersion, RowGroupRows = RowGroupRows });
        float[] row = new float[Classes];
        for (int r = 0; r < rows; r++)
        {
            logits.ReadExactly(MemoryMarshal.AsBytes(row.AsSpan()));
            writer.Append(row, [MemoryMarshal.Read<int>(labels.AsSpan(r * sizeof(int)))]);
        }

        writer.Close();
        return new Written(rows);
    }
}

/// <summary>What a conversion wrote.</summary>
internal sealed record Written(int Rows);
