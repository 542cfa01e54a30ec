using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Tests.Columns;
using DistributedLoss.Parquet.Tests.Writing;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Pages;

public class ChecksumTests
{
    /// <summary>Window in bytes: smaller than the page (which is then checked as it passes through) or larger (checked at once).</summary>
    [Theory]
    [InlineData(1000, false, CompressionCodec.Uncompressed, 1)]
    [InlineData(1000, true, CompressionCodec.Uncompressed, 1)]
    [InlineData(1 << 20, false, CompressionCodec.Uncompressed, 1)]
    [InlineData(1 << 20, false, CompressionCodec.Zstd, 1)]
    [InlineData(900, false, CompressionCodec.Zstd, 1)]
    [InlineData(900, true, CompressionCodec.Zstd, 2)]
    [InlineData(900, false, CompressionCodec.Gzip, 2)]
    [InlineData(900, true, CompressionCodec.Brotli, 1)]
    [InlineData(900, false, CompressionCodec.Brotli, 2)]
    public void A_flipped_bit_anywhere_in_a_page_fails_the_read(int window, bool skipped, CompressionCodec codec, int version)
    {
        using var file = new TemporaryFile();
        var dump = new Dump("checked", new DumpSchema(10) { NullableElements = true }, new WriterOptions { PageBytes = 1 << 20, Codec = codec, PageVersion = version }, Rows: 500);
        dump.Write(file.Path);
        var bytes = File.ReadAllBytes(file.Path);
        Assert.Equal(500, Read(file.Path, window, skipped));
        using var intact = ParquetFile.Open(file.Path);
        var chunk = intact.Metadata.RowGroups[0].Columns[0];
        var random = new Random(1);
        for (var turn = 0; turn < 40; turn++)
        {
            // Behind the header (which no checksum covers), in levels and values alike.
            var at = chunk.StartOffset + 60 + random.NextInt64(chunk.TotalCompressedSize - 60);
            var damaged = bytes.ToArray();
            damaged[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file.Path, damaged);
            Assert.Throws<ParquetException>(() => Read(file.Path, window, skipped));
        }
    }

    private static int Read(string path, int window, bool skipped)
    {
        using var file = ParquetFile.Open(path, DumpReadingTests.Limits(window));
        using var reader = LogitColumn.Resolve(file, new LogitColumnSpec()).OpenReader(0, 10);
        var rows = 0;
        if (skipped)
        {
            reader.Skip(rows = 200);
        }
        while (reader.TryRead(50, out var tile))
            rows += tile.Rows;
        return rows;
    }
}
