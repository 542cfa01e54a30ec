using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Cost;

/// <summary>Other tests' allocations start collections, which disturb what is measured here.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>
/// In steady state neither rows nor pages allocate managed memory, and a shard allocates what its readers are made of. Times are noisy where CI runs; bytes are not.
/// </summary>
[Collection(nameof(Alone))]
public class AllocationTests
{
    private const int Rows = 60;

    // Measured: 3,600, 2,250 and 41,000. What a column beside logits and labels allocates are the levels and values of one batch.
    private const int BytesOfShard = 4_500;
    private const int BytesOfChunk = 2_600;
    private const int BytesOfSideColumn = 42_000;

    // The least that an object takes.
    private const int ObjectBytes = 24;

    /// <summary>The runtime's own decoders of gzip and Brotli are good for one stream, that is for one page.</summary>
    private static readonly Dictionary<CompressionCodec, int> BytesOfDecoder = new() { [CompressionCodec.Gzip] = 700, [CompressionCodec.Brotli] = 80 };

    private static readonly LogitLayout[] Layouts = [LogitLayout.List, LogitLayout.Flat, LogitLayout.PackedFixed, LogitLayout.PackedBinary];

    private static readonly CompressionCodec[] Codecs =
        [CompressionCodec.Uncompressed, CompressionCodec.Zstd, CompressionCodec.Snappy, CompressionCodec.Lz4Raw, CompressionCodec.Gzip, CompressionCodec.Brotli];

    public static TheoryData<CostDump> Dumps() =>
    [
        .. from layout in Layouts
           from codec in Codecs
           from version in (int[])[1, 2]
           select new CostDump(new DumpSchema(10) { Layout = layout }, new WriterOptions { Codec = codec, PageVersion = version }),
        .. from layout in Layouts
           from type in (LogitType[])[LogitType.Float16, LogitType.Float32, LogitType.Float64]
           from codec in (CompressionCodec[])[CompressionCodec.Uncompressed, CompressionCodec.Zstd]
           select new CostDump(
               new DumpSchema(30) { Layout = layout, LogitType = type, NullableLogits = true, NullableLabel = true, Int64Labels = false, WeightName = "weight" },
               new WriterOptions { Codec = codec, ByteStreamSplit = true, LabelDictionary = true }),
        new(new DumpSchema(1000), new WriterOptions { StraddleRows = true, PageBytes = 100_001 }),
        new(new DumpSchema(1000) { NullableElements = true }, new WriterOptions { Codec = CompressionCodec.Zstd, PageVersion = 2, PageChecksums = false }),
    ];

    /// <summary>Pages that are read through windows, and decompressed as they are read.</summary>
    public static TheoryData<CostDump> LargePages() =>
    [
        .. from codec in (CompressionCodec[])[CompressionCodec.Uncompressed, CompressionCodec.Zstd, CompressionCodec.Gzip, CompressionCodec.Brotli]
           select new CostDump(new DumpSchema(40_000), new WriterOptions { Codec = codec, PageVersion = 2, PageChecksums = false }),
        new(new DumpSchema(40_000), new WriterOptions { ByteStreamSplit = true, PageChecksums = false }),
    ];

    [Theory]
    [MemberData(nameof(Dumps))]
    public void Rows_and_pages_allocate_nothing(CostDump dump) => RowsAndPagesAllocateNothing(dump, 4);

    [Theory]
    [MemberData(nameof(LargePages))]
    public void Rows_and_pages_allocate_nothing_in_pages_that_are_read_in_pieces(CostDump dump) => RowsAndPagesAllocateNothing(dump, 1);

    public static TheoryData<string> Families() => [.. OptionFamily.All.Select(family => family.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Rows_allocate_nothing_whatever_is_asked_of_them(string name)
    {
        using var folder = new DumpFolder();
        var family = OptionFamily.Of(name);
        long[] bytes = SteadyAllocations.Of(Plan(1), Plan(4));
        Assert.True(bytes[1] <= bytes[0] + 500, $"{bytes[0]} bytes for 150 rows, {bytes[1]} for the same rows four times");

        RunPlan Plan(int times)
        {
            string path = folder[$"{times}.parquet"];
            family.Dump().Write(path, groupRows: int.MaxValue, times: times);
            return RunPlan.Create([path], family.Options, new PlanOptions { ShardBytes = long.MaxValue });
        }
    }

    private static void RowsAndPagesAllocateNothing(CostDump dump, int pages)
    {
        using var folder = new DumpFolder();
        long[] bytes = SteadyAllocations.Of(dump.Plan(folder, 1, pages, Rows), dump.Plan(folder, 1, 4 * pages, Rows), dump.Plan(folder, 1, pages, 4 * Rows));
        int decoders = 3 * pages * dump.Chunks * BytesOfDecoder.GetValueOrDefault(dump.Pages.Codec);

        // One object for every page, or row, that one plan has more than the other is too many.
        long most = bytes[0] + (3 * pages * ObjectBytes) - 1 + decoders;
        Assert.True(bytes[1] <= most, $"{bytes[0]} bytes for {pages} pages, {bytes[1]} for {4 * pages} pages of as many rows; at most {most}");
        Assert.True(bytes[2] <= most, $"{bytes[0]} bytes for {pages} pages, {bytes[2]} for as many pages of four times the rows; at most {most}");
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void A_row_group_allocates_what_its_readers_are_made_of(CostDump dump)
    {
        using var folder = new DumpFolder();
        long[] bytes = SteadyAllocations.Of(dump.Plan(folder, 2, 1, Rows), dump.Plan(folder, 12, 1, Rows));
        int chunks = dump.Chunks;
        long most = BytesOfShard + (chunks * (BytesOfChunk + BytesOfDecoder.GetValueOrDefault(dump.Pages.Codec))) + (dump.Schema.WeightName is null ? 0 : BytesOfSideColumn);
        Assert.True((bytes[1] - bytes[0]) / 10 <= most, $"{(bytes[1] - bytes[0]) / 10} bytes for a row group of {chunks} column chunks; at most {most}");
    }

    [Theory]
    [InlineData(LogitLayout.List, 1)]
    [InlineData(LogitLayout.List, 2)]
    [InlineData(LogitLayout.Flat, 1)]
    [InlineData(LogitLayout.PackedFixed, 1)]
    public void A_part_of_a_row_group_allocates_nothing_for_the_pages_of_the_others(LogitLayout layout, int version)
    {
        using var folder = new DumpFolder();
        var dump = new CostDump(new DumpSchema(100) { Layout = layout }, new WriterOptions { PageVersion = version });
        var few = dump.Plan(folder, 1, 40, 10, shards: 8);
        var many = dump.Plan(folder, 1, 400, 1, shards: 8);
        Assert.Equal((8, 8), (few.Shards.Count, many.Shards.Count));
        long[] bytes = SteadyAllocations.Of(few, many);
        Assert.True(bytes[1] <= bytes[0] + (8 * ObjectBytes), $"{bytes[0]} bytes for 8 parts of 40 pages, {bytes[1]} for 8 parts of 400 pages");
    }
}
