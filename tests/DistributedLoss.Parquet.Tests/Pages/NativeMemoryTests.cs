using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;
using DistributedLoss.Parquet.Tests.Columns;
using DistributedLoss.Parquet.Tests.Writing;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Pages;

/// <summary>Counts native bytes of the whole process, so nothing else may read meanwhile.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(AloneInTheProcess))]
public class NativeMemoryTests(DumpFiles files) : IClassFixture<DumpFiles>
{
    [Fact]
    public void Readers_give_back_every_native_byte_wherever_they_stop()
    {
        var before = NativeBuffer.AllocatedBytes;
        foreach (var (dump, path) in Dump.All.Where(d => d.Rows > 0).Select(d => files[d.Name]))
        {
            using var file = ParquetFile.Open(path);
            var column = LogitColumn.Resolve(file, DumpReadingTests.Spec(dump));
            foreach (var tiles in new[] { 0, 1, 7, int.MaxValue })
            {
                using var reader = column.OpenReader(0, dump.Schema.Classes);
                for (var i = 0; i < tiles && reader.TryRead(10, out _); i++)
                {
                }
            }
            using (var labels = IntegerColumnReader.Open(file, "label", 0))
            {
                labels.Read(new long[3], new bool[3]);
                Assert.True(NativeBuffer.AllocatedBytes > before, "a reader without native memory leaves nothing to test");
            }
            Assert.Throws<ParquetException>(() => column.OpenReader(0, dump.Schema.Classes, new RowRangeStart(1L << 40)));
        }
        Assert.Equal(before, NativeBuffer.AllocatedBytes);
    }

    [Theory]
    [InlineData(LogitLayout.List, false, CompressionCodec.Uncompressed, 1)]
    [InlineData(LogitLayout.List, true, CompressionCodec.Uncompressed, 1)]
    [InlineData(LogitLayout.PackedFixed, false, CompressionCodec.Uncompressed, 1)]
    [InlineData(LogitLayout.PackedBinary, false, CompressionCodec.Uncompressed, 1)]
    [InlineData(LogitLayout.List, false, CompressionCodec.Zstd, 1)]
    [InlineData(LogitLayout.List, false, CompressionCodec.Zstd, 2)]
    [InlineData(LogitLayout.PackedBinary, false, CompressionCodec.Gzip, 1)]
    [InlineData(LogitLayout.PackedFixed, false, CompressionCodec.Brotli, 2)]
    public void A_large_page_costs_windows_not_its_size(LogitLayout layout, bool split, CompressionCodec codec, int version)
    {
        const int Classes = 50_257;
        const int Rows = 100;
        using var directory = new TemporaryFile();
        using (var writer = new DumpWriter(
            directory.Path, new DumpSchema(Classes) { Layout = layout }, new WriterOptions { PageBytes = 1 << 29, ByteStreamSplit = split, PageChecksums = !split, Codec = codec, PageVersion = version }))
        {
            // Noise: a page that compresses well would fit into the windows.
            var random = new Random(1);
            for (var r = 0; r < Rows; r++)
                writer.AppendRow([.. Enumerable.Range(0, Classes).Select(_ => random.NextDouble())], 0);
            writer.Close();
        }
        var before = NativeBuffer.AllocatedBytes;
        using var file = ParquetFile.Open(directory.Path);
        var packed = layout == LogitLayout.List ? default(FloatFormat?) : FloatFormat.Float32;
        using var reader = LogitColumn.Resolve(file, new LogitColumnSpec { Packed = packed }).OpenReader(0, Classes);
        var (rows, most) = (0, 0L);
        while (reader.TryRead(Rows, out var tile))
        {
            rows += tile.Rows;
            most = Math.Max(most, NativeBuffer.AllocatedBytes - before);
        }
        Assert.Equal(Rows, rows);
        var stored = file.Metadata.RowGroups[0].Columns[0].TotalCompressedSize;
        Assert.InRange(stored, 15_000_000, 21_000_000);
        Assert.InRange(reader.BytesRead, stored, stored * 11 / 10);
        // Values' window, levels' windows and one row, or what the codec looks back on, of a page of 20 MB.
        Assert.InRange(most, 1, codec == CompressionCodec.Zstd ? 5_000_000 : 2_000_000);
    }

    [Theory]
    [InlineData(1, CompressionCodec.Uncompressed)]
    [InlineData(1, CompressionCodec.Zstd)]
    [InlineData(2, CompressionCodec.Uncompressed)]
    [InlineData(2, CompressionCodec.Zstd)]
    public void A_row_of_many_positions_costs_windows_and_one_position_not_its_size(int version, CompressionCodec codec)
    {
        const int Classes = 20_000;
        const int Positions = 60;
        using var large = new TemporaryFile();
        var random = new Random(1);
        var row = Enumerable.Range(0, Positions).Select(_ => Enumerable.Range(0, Classes).Select(_ => (float?)random.NextSingle()).ToArray()).ToArray();
        var entries = SequenceFile.EntriesOf([row]);
        // Of a V1 row, the second page begins within its first position.
        SequenceFile.Write(large.Path, entries, version == 1 ? [Classes / 2, entries.Count] : [entries.Count], new WriterOptions { PageVersion = version, Codec = codec }, hasIndex: false);
        using var file = ParquetFile.Open(large.Path, new ReaderLimits { StreamedPageBytes = 1 << 20 });
        var before = NativeBuffer.AllocatedBytes;
        using var reader = LogitColumn.Resolve(file, new LogitColumnSpec()).OpenSequenceReader(0, Classes);
        Assert.True(reader.NextRow(out _));
        var (positions, most) = (0, 0L);
        while (reader.TryReadPositions(Positions, out var tile))
        {
            Assert.Equal(row[positions][7], BitConverter.ToSingle(tile.Values[28..]));
            positions += tile.Rows;
            most = Math.Max(most, NativeBuffer.AllocatedBytes - before);
        }
        Assert.Equal(Positions, positions);
        Assert.InRange(file.Metadata.RowGroups[0].Columns[0].TotalCompressedSize, 4_000_000, 6_000_000);
        Assert.InRange(most, 1, codec == CompressionCodec.Zstd ? 4_600_000 : 1_500_000);
    }

    [Theory]
    [InlineData("list_Uncompressed_v1", 512 << 10)]
    [InlineData("list_Zstd_v2", 512 << 10)]
    [InlineData("list_Zstd_v1", 900)]
    [InlineData("list_Zstd_v2", 900)]
    [InlineData("split_v1", 512 << 10)]
    [InlineData("straddle", 512 << 10)]
    [InlineData("flat_v1", 512 << 10)]
    [InlineData("binary_Float32_v1", 512 << 10)]
    public void Pages_and_rows_allocate_nothing_once_the_reader_is_warm(string name, int window)
    {
        // The least of several runs: a collection that another test's thread starts in mid-run books the rest of this thread's buffer to it.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => AllocatedByWarmHalf(name, window)));
    }

    private long AllocatedByWarmHalf(string name, int window)
    {
        var (dump, path) = files[name];
        using var file = ParquetFile.Open(path, DumpReadingTests.Limits(window));
        using var reader = LogitColumn.Resolve(file, DumpReadingTests.Spec(dump)).OpenReader(0, dump.Schema.Classes);
        for (var rows = 0; rows < 150; rows++)
            Assert.True(reader.TryRead(1, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var left = 0;
        while (reader.TryRead(1, out _))
            left++;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(150, left);
        return allocated;
    }
}
