using System.Diagnostics;
using DistributedLoss.Parquet.Metadata;
using Xunit.Abstractions;

namespace DistributedLoss.Parquet.Tests.Metadata;

public sealed class FooterTests(ITestOutputHelper output)
{
    // Its footer says 0 rows and its one row group 6: a contradiction that this reader refuses on purpose.
    private const string Contradictory = "repeated_no_annotation.parquet";

    [Fact]
    public void Every_reference_file_opens_but_the_one_whose_rows_do_not_add_up()
    {
        foreach (string path in TestFiles.Reference("data", output))
        {
            if (Path.GetFileName(path) == Contradictory)
            {
                Assert.Contains("0 rows, its row groups have 6", Assert.Throws<ParquetException>(() => ParquetFile.Open(path)).Message, StringComparison.Ordinal);
                continue;
            }
            using ParquetFile file = ParquetFile.Open(path);
            output.WriteLine($"{Path.GetFileName(path)}: {file.Metadata.NumRows} rows, {file.Schema.Leaves.Count} columns, {file.Metadata.CreatedBy}");
        }
    }

    [Fact]
    public void A_bad_reference_file_opens_or_gives_a_parquet_exception_that_names_it()
    {
        foreach (string path in TestFiles.Reference("bad_data", output))
        {
            try
            {
                using ParquetFile file = ParquetFile.Open(path);
                output.WriteLine($"{Path.GetFileName(path)}: footer is well formed");
            }
            catch (ParquetException e)
            {
                output.WriteLine(e.Message);
                Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_footer_comes_back_as_it_was_written()
    {
        FileMetadata footer = Example();
        FileMetadata back = FileMetadata.Parse(footer.ToBytes());
        Assert.Equal(footer.Version, back.Version);
        Assert.Equal(footer.NumRows, back.NumRows);
        Assert.Equal(footer.CreatedBy, back.CreatedBy);
        Assert.Equal(footer.KeyValues, back.KeyValues);
        Assert.Equal(footer.Schema, back.Schema);
        Assert.Equal(footer.RowGroups.Count, back.RowGroups.Count);
        Assert.Equal(footer.ToBytes(), back.ToBytes());
        ColumnChunkMetadata chunk = back.RowGroups[0].Columns[0];
        Assert.Equal(["logits", "list", "element"], chunk.Path);
        Assert.Equal([ParquetEncoding.Plain, ParquetEncoding.Rle], chunk.Encodings);
        Assert.Equal(5_000_000_000, chunk.TotalCompressedSize);
        Assert.Equal(4, chunk.StartOffset);
        Assert.Equal(77, chunk.OffsetIndexLength);
    }

    [Theory]
    [InlineData(LogicalTypeKind.Time, TimeUnit.Millis, false)]
    [InlineData(LogicalTypeKind.Timestamp, TimeUnit.Micros, true)]
    [InlineData(LogicalTypeKind.Timestamp, TimeUnit.Nanos, false)]
    public void Units_and_scales_come_back(LogicalTypeKind kind, TimeUnit unit, bool utc)
    {
        FileMetadata one = Example();
        SchemaElement label = one.Schema[4] with { LogicalType = new(kind, Unit: unit, IsAdjustedToUtc: utc), Scale = 7 };
        SchemaElement back = FileMetadata.Parse((one with { Schema = [.. one.Schema.Take(4), label] }).ToBytes()).Schema[4];
        Assert.Equal(label, back);
    }

    [Fact]
    public void Row_groups_share_the_names_and_encodings_of_the_one_before()
    {
        FileMetadata one = Example();
        FileMetadata back = FileMetadata.Parse((one with { NumRows = 24, RowGroups = [one.RowGroups[0], one.RowGroups[0]] }).ToBytes());
        for (int c = 0; c < 2; c++)
        {
            ColumnChunkMetadata first = back.RowGroups[0].Columns[c], second = back.RowGroups[1].Columns[c];
            Assert.Equal(one.RowGroups[0].Columns[c].Path, second.Path);
            Assert.Equal(one.RowGroups[0].Columns[c].Encodings, second.Encodings);
            Assert.Same(first.Path, second.Path);
        }
    }

    [Fact]
    public void Absurd_numbers_of_names_or_encodings_in_one_column_are_errors()
    {
        FileMetadata one = Example();
        RowGroupMetadata group = one.RowGroups[0];
        FileMetadata With(ColumnChunkMetadata chunk) => one with { RowGroups = [group with { Columns = [chunk, group.Columns[1]] }] };
        FileMetadata names = With(group.Columns[0] with { Path = [.. Enumerable.Repeat("", 1001)] });
        FileMetadata encodings = With(group.Columns[0] with { Encodings = [.. Enumerable.Repeat(ParquetEncoding.Plain, 1001)] });
        Assert.Contains("1001", Assert.Throws<ParquetException>(() => FileMetadata.Parse(names.ToBytes())).Message, StringComparison.Ordinal);
        Assert.Contains("1001", Assert.Throws<ParquetException>(() => FileMetadata.Parse(encodings.ToBytes())).Message, StringComparison.Ordinal);
    }

    // A footer that is one long list of the smallest legal structures.
    [Fact]
    public void A_footer_of_small_structures_stays_inside_its_memory_budget()
    {
        const int count = 200_000;
        SchemaElement leaf = new("x") { Repetition = Repetition.Required, Type = PhysicalType.Int32 };
        byte[] bytes = new FileMetadata { NumRows = 0, RowGroups = [], Schema = [new("r") { NumChildren = count }, .. Enumerable.Repeat(leaf, count)] }.ToBytes();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Schema schema = Schema.Build(FileMetadata.Parse(bytes).Schema);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / count;
        output.WriteLine($"{each} bytes an element");
        Assert.Equal(count, schema.Leaves.Count);
        Assert.True(each < 300, $"{each} bytes an element");
    }

    [Fact]
    public void Every_prefix_of_a_footer_is_an_error()
    {
        byte[] bytes = Example().ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<ParquetException>(() => FileMetadata.Parse(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Damaged_footers_parse_or_give_a_parquet_exception()
    {
        List<byte[]> footers = [Example().ToBytes()];
        foreach (string path in TestFiles.Reference("data", output).Where(p => new FileInfo(p).Length < 20_000))
        {
            byte[] bytes = File.ReadAllBytes(path);
            footers.Add(bytes[^(8 + BitConverter.ToInt32(bytes, bytes.Length - 8))..^8]);
        }
        var random = new Random(20240229);
        var clock = Stopwatch.StartNew();
        int parsed = 0, refused = 0;
        for (int i = 0; i < 200_000 && (i < 1000 || clock.ElapsedMilliseconds < 4000); i++)
        {
            byte[] bytes = Mutate(footers[i % footers.Count], random);
            try
            {
                FileMetadata footer = FileMetadata.Parse(bytes);
                FileChecks.Check(footer, Schema.Build(footer.Schema), footerOffset: 1 << 20);
                parsed++;
            }
            catch (ParquetException)
            {
                refused++;
            }
        }
        output.WriteLine($"{parsed} parsed, {refused} refused");
        Assert.True(parsed > 0 && refused > 0);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        byte[] bytes = (byte[])original.Clone();
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(bytes.Length - at, random.Next(1, 12))).Fill(0xff);
                    break;
                default:
                    int to = random.Next(bytes.Length);
                    int length = Math.Min(random.Next(1, 40), bytes.Length - Math.Max(at, to));
                    bytes.AsSpan(at, length).CopyTo(bytes.AsSpan(to));
                    break;
            }
        }
        return bytes;
    }

    internal static FileMetadata Example() => new()
    {
        Version = 2,
        NumRows = 12,
        CreatedBy = "a writer",
        KeyValues = [new("k", "v"), new("no value", null)],
        Schema =
        [
            new("schema") { NumChildren = 2 },
            new("logits") { Repetition = Repetition.Optional, NumChildren = 1, ConvertedType = ConvertedType.List, LogicalType = new(LogicalTypeKind.List) },
            new("list") { Repetition = Repetition.Repeated, NumChildren = 1 },
            new("element") { Repetition = Repetition.Optional, Type = PhysicalType.FixedLenByteArray, TypeLength = 2, LogicalType = new(LogicalTypeKind.Float16) },
            new("label") { Repetition = Repetition.Required, Type = PhysicalType.Int32, ConvertedType = ConvertedType.UInt8, LogicalType = new(LogicalTypeKind.Integer, BitWidth: 8) },
        ],
        RowGroups =
        [
            new()
            {
                NumRows = 12,
                TotalByteSize = 1000,
                FileOffset = 4,
                Ordinal = 0,
                Columns =
                [
                    new()
                    {
                        Type = PhysicalType.FixedLenByteArray,
                        NumValues = 120,
                        Encodings = [ParquetEncoding.Plain, ParquetEncoding.Rle],
                        Path = ["logits", "list", "element"],
                        Codec = CompressionCodec.Zstd,
                        TotalCompressedSize = 5_000_000_000,
                        TotalUncompressedSize = 6_000_000_000,
                        DataPageOffset = 40,
                        DictionaryPageOffset = 4,
                        OffsetIndexOffset = 6_000_000_100,
                        OffsetIndexLength = 77,
                        ColumnIndexOffset = 6_000_000_000,
                        ColumnIndexLength = 100,
                    },
                    new() { Type = PhysicalType.Int32, NumValues = 12, Path = ["label"], DataPageOffset = 5_000_000_004, TotalCompressedSize = 48 },
                ],
            },
        ],
    };
}
