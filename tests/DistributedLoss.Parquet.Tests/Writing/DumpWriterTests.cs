using System.Security.Cryptography;
using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Writing;

public sealed class DumpWriterTests : IDisposable
{
    // Set to keep the files for read_back.js.
    private static readonly string? Kept = Environment.GetEnvironmentVariable("DLOSS_KEEP_DUMPS");

    private readonly string _directory = Kept ?? Path.Combine(Path.GetTempPath(), $"dloss-{Guid.NewGuid():N}");

    public DumpWriterTests() => Directory.CreateDirectory(_directory);

    public void Dispose()
    {
        if (Kept is null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    /// <summary>
    /// verified.txt has the digest of each file's pages as DuckDB, Polars, arrow-rs and hyparquet read them without a difference
    /// (read_back.js). Codecs of system libraries are left out: their bytes change with the library.
    /// </summary>
    [Fact]
    public void Pages_are_the_ones_that_other_readers_verified()
    {
        Dictionary<string, string> verified = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Writing", "verified.txt"))
            .Select(l => l.Split(' ')).ToDictionary(p => p[0], p => p[1]);
        List<string> wrong = [];
        foreach (Dump dump in Dump.All)
        {
            string path = WriteFile(dump);
            if (dump.Options.Codec is CompressionCodec.Uncompressed or CompressionCodec.Snappy
                && verified.GetValueOrDefault(dump.Name) != PageDigest(path))
            {
                wrong.Add(dump.Name);
            }
        }
        Assert.True(wrong.Count == 0, $"not as verified: {string.Join(", ", wrong)}; run read_back.js");
    }

    [Fact]
    public void Every_page_lies_where_the_metadata_says_with_the_checksum_it_says()
    {
        foreach (Dump dump in Dump.All)
        {
            using ParquetFile file = ParquetFile.Open(WriteFile(dump));
            Assert.Equal(dump.Rows, file.Metadata.NumRows);
            int pages = 0;
            foreach (RowGroupMetadata group in file.Metadata.RowGroups)
            {
                Assert.True(group.NumRows <= dump.Options.RowGroupRows);
                for (int c = 0; c < group.Columns.Count; c++)
                {
                    pages += WalkPages(file, group, c, dump);
                }
            }
            Assert.True(dump.Rows == 0 || pages > 2 * file.Schema.Leaves.Count, $"{dump.Name}: {pages} pages");
        }
    }

    [Fact]
    public void A_writer_that_is_not_closed_leaves_nothing()
    {
        string path = Path.Combine(_directory, "unfinished.parquet");
        using (var writer = new DumpWriter(path, new DumpSchema(2)))
        {
            writer.Append([1f, 2f], [1]);
            Assert.False(File.Exists(path));
        }
        Assert.Empty(Directory.EnumerateFiles(_directory, "*unfinished*"));
    }

    [Fact]
    public void A_writer_that_fails_leaves_the_file_that_was_there()
    {
        string path = Path.Combine(_directory, "kept.parquet");
        File.WriteAllText(path, "what was there");
        using (var writer = new DumpWriter(path, new DumpSchema(2) { Int64Labels = false }))
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Append([1f, 2f], [1L << 40]));
        }
        Assert.Equal("what was there", File.ReadAllText(path));
        File.Delete(path);
    }

    [Fact]
    public void What_cannot_be_written_is_refused()
    {
        string path = Path.Combine(_directory, "refused.parquet");
        Assert.Throws<ArgumentException>(() => new DumpWriter(path, new DumpSchema(2) { LogitType = LogitType.BFloat16 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DumpWriter(path, new DumpSchema(0)));
        Assert.Throws<ArgumentException>(() => new DumpWriter(path, new DumpSchema(2), new WriterOptions { PageVersion = 3 }));
        Assert.Throws<ArgumentException>(() => new DumpWriter(path, new DumpSchema(2), new WriterOptions { PageVersion = 2, StraddleRows = true }));
        Assert.Throws<ArgumentException>(() => new DumpWriter(path, new DumpSchema(50_257) { Layout = LogitLayout.Flat }));
        using var writer = new DumpWriter(path, new DumpSchema(2));
        Assert.Throws<ArgumentException>(() => writer.Append([1f, 2f, 3f], [1]));
        Assert.Throws<ArgumentException>(() => writer.AppendRow([1.0, 2.0], null));
        Assert.Throws<ArgumentException>(() => writer.AppendRow([default(double?), 2.0], 1));
        Assert.Throws<InvalidOperationException>(() => writer.AppendNullLogits(1));
    }

    [Fact]
    public void Float_and_double_input_make_the_same_file()
    {
        float[] logits = [.. Enumerable.Range(0, 30).Select(i => i / 7f)];
        string a = Path.Combine(_directory, "float.parquet"), b = Path.Combine(_directory, "double.parquet");
        using (var writer = new DumpWriter(a, new DumpSchema(10)))
        {
            writer.Append(logits, [1, 2, 3]);
            writer.Close();
        }
        using (var writer = new DumpWriter(b, new DumpSchema(10)))
        {
            writer.Append([.. logits.Select(l => (double)l)], [1, 2, 3]);
            writer.Close();
        }
        Assert.Equal(File.ReadAllBytes(a), File.ReadAllBytes(b));
        File.Delete(a);
        File.Delete(b);
    }

    private string WriteFile(Dump dump)
    {
        string path = Path.Combine(_directory, $"{dump.Name}.parquet");
        dump.Write(path);
        return path;
    }

    private static string PageDigest(string path)
    {
        using ParquetFile file = ParquetFile.Open(path);
        long end = file.Metadata.RowGroups.SelectMany(g => g.Columns).Select(c => c.EndOffset).DefaultIfEmpty(4).Max();
        byte[] pages = new byte[end - 4];
        file.Read(4, pages);
        return Convert.ToHexStringLower(SHA256.HashData(pages));
    }

    private static int WalkPages(ParquetFile file, RowGroupMetadata group, int column, Dump dump)
    {
        ColumnChunkMetadata chunk = group.Columns[column];
        byte[] bytes = new byte[chunk.TotalCompressedSize];
        file.Read(chunk.StartOffset, bytes);
        OffsetIndex? index = ReadIndex(file, chunk);
        bool straddles = dump.Options.StraddleRows && file.Schema.Leaves[column].MaxRepetitionLevel > 0;
        Assert.Equal(dump.Options.OffsetIndex && !straddles, index is not null);
        long values = 0, rows = 0, uncompressed = 0;
        int at = 0, pages = 0;
        while (at < bytes.Length)
        {
            Assert.True(PageHeader.TryParse(bytes.AsSpan(at), chunk.StartOffset + at, out PageHeader header, out int length));
            ReadOnlySpan<byte> page = bytes.AsSpan(at + length, header.CompressedSize);
            Assert.Equal(dump.Options.PageChecksums ? Crc32.Compute(page) : null, header.Crc);
            Assert.Contains(header.Encoding, chunk.Encodings);
            if (header.Type != PageType.Dictionary)
            {
                if (index is not null)
                {
                    Assert.Equal(new PageLocation(chunk.StartOffset + at, length + header.CompressedSize, rows), index.Pages[pages] with { FirstRowIndex = header.Type == PageType.DataV2 ? index.Pages[pages].FirstRowIndex : rows });
                }
                rows += header.NumRows;
                values += header.NumValues;
                pages++;
            }
            uncompressed += length + header.UncompressedSize;
            at += length + header.CompressedSize;
        }
        Assert.Equal(chunk.NumValues, values);
        Assert.Equal(chunk.TotalUncompressedSize, uncompressed);
        Assert.True(index is null || index.Pages.Count == pages);
        if (dump.Options.PageVersion == 2)
        {
            Assert.Equal(group.NumRows, rows);
        }
        return pages;
    }

    private static OffsetIndex? ReadIndex(ParquetFile file, ColumnChunkMetadata chunk)
    {
        if (chunk.OffsetIndexOffset is not long offset)
        {
            return null;
        }
        byte[] bytes = new byte[chunk.OffsetIndexLength!.Value];
        file.Read(offset, bytes);
        return OffsetIndex.Parse(bytes, offset);
    }
}
