using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Writing;

/// <summary>
/// A dump whose values follow from their places: logit(r, c) = ((r * 7919 + c * 104729) % 255 - 127) / 8, exact in every logit type,
/// and label(r) = r * 31 % C. In ragged dumps, row r has r % (C + 1) logits. read_back.js holds the same formulas against other readers.
/// </summary>
internal sealed record Dump(string Name, DumpSchema Schema, WriterOptions Options, int Rows = 1000, bool Ragged = false)
{
    public static IReadOnlyList<Dump> All { get; } = [.. Matrix()];

    public static double Logit(long r, int c) => (((r * 7919) + (c * 104729L)) % 255 - 127) / 8.0;

    public long Label(long r) => r * 31 % Schema.Classes;

    /// <summary>Null labels, logits and elements, where the schema allows them.</summary>
    public bool IsLabelNull(long r) => Schema.NullableLabel && r % 7 == 2;

    public bool AreLogitsNull(long r) => Schema.NullableLogits && r % 5 == 3;

    public bool IsElementNull(long r, int c) => Schema.NullableElements && (r + c) % 13 == 6;

    public int Length(long r) => Ragged ? (int)(r % (Schema.Classes + 1)) : Schema.Classes;

    public void Write(string path)
    {
        using var writer = new DumpWriter(path, Schema, Options);
        for (long r = 0; r < Rows; r++)
        {
            long? label = IsLabelNull(r) ? null : Label(r);
            if (AreLogitsNull(r))
            {
                writer.AppendNullLogits(label);
                continue;
            }
            double?[] logits = [.. Enumerable.Range(0, Length(r)).Select(c => IsElementNull(r, c) ? default(double?) : Logit(r, c))];
            if (logits.Any(l => l is null))
            {
                writer.AppendRow(logits, label);
            }
            else
            {
                writer.AppendRow([.. logits.Select(l => l!.Value)], label);
            }
        }
        writer.Close();
    }

    private static IEnumerable<Dump> Matrix()
    {
        var ten = new DumpSchema(10);
        foreach (int version in new[] { 1, 2 })
        {
            // Small pages and row groups, so that each file has several of both.
            var plain = new WriterOptions { PageVersion = version, PageBytes = 2000, RowGroupRows = 300 };
            foreach (CompressionCodec codec in new[] { CompressionCodec.Uncompressed, CompressionCodec.Snappy, CompressionCodec.Zstd, CompressionCodec.Gzip, CompressionCodec.Lz4Raw, CompressionCodec.Brotli })
            {
                yield return new($"list_{codec}_v{version}", ten, plain with { Codec = codec });
            }
            yield return new($"double_v{version}", ten with { LogitType = LogitType.Float64, Int64Labels = false }, plain);
            yield return new($"float16_v{version}", ten with { LogitType = LogitType.Float16 }, plain);
            yield return new($"split_v{version}", ten, plain with { ByteStreamSplit = true, Codec = CompressionCodec.Snappy });
            yield return new($"split16_v{version}", ten with { LogitType = LogitType.Float16 }, plain with { ByteStreamSplit = true });
            yield return new($"dictionary_v{version}", ten with { NullableLabel = true }, plain with { LabelDictionary = true });
            yield return new($"nulls_v{version}", ten with { NullableLogits = true, NullableElements = true, NullableLabel = true }, plain, Ragged: true);
            yield return new($"ragged_v{version}", ten, plain, Ragged: true);
            yield return new($"one_class_v{version}", new DumpSchema(1), plain);
            yield return new($"long_rows_v{version}", new DumpSchema(3000), plain, Rows: 40);
            yield return new($"flat_v{version}", ten with { Layout = LogitLayout.Flat }, plain);
            yield return new($"flat_nulls_v{version}", ten with { Layout = LogitLayout.Flat, NullableLogits = true, LogitType = LogitType.Float64 }, plain with { ByteStreamSplit = true });
            yield return new($"flat16_v{version}", ten with { Layout = LogitLayout.Flat, LogitType = LogitType.Float16 }, plain);
            foreach (LogitType type in Enum.GetValues<LogitType>())
            {
                yield return new($"packed_{type}_v{version}", ten with { Layout = LogitLayout.PackedFixed, LogitType = type }, plain);
                yield return new($"binary_{type}_v{version}", ten with { Layout = LogitLayout.PackedBinary, LogitType = type, NullableLogits = true }, plain);
            }
            yield return new($"no_rows_v{version}", ten, plain, Rows: 0);
            yield return new($"no_ids_no_crc_no_index_v{version}", ten with { IdName = null }, plain with { PageChecksums = false, OffsetIndex = false });
        }
        var straddling = new WriterOptions { StraddleRows = true, PageBytes = 108, RowGroupRows = 300 };
        yield return new("straddle", ten, straddling);
        yield return new("straddle_nulls", ten with { NullableLogits = true, LogitType = LogitType.Float64 }, straddling);
        yield return new("straddle_long_rows", new DumpSchema(3000), straddling with { PageBytes = 5000, Codec = CompressionCodec.Snappy }, Rows: 40);
    }
}
