using System.Buffers.Binary;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Tests.Writing;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>
/// Offset indexes and V2 headers that lie about rows. Ranges are read as shards are, each to its last row and no further: some reader must
/// notice, since labels are found by row number.
/// </summary>
public sealed class RowClaimTests : IDisposable
{
    private const int Rows = 1000;
    private const int Classes = 10;
    private readonly TemporaryFile _file = new();

    /// <summary>Rows of one length or of many, stored and compressed pages, cuts at every page, at some and at few.</summary>
    public static TheoryData<bool, bool, long> Files()
    {
        var data = new TheoryData<bool, bool, long>();
        for (var kind = 0; kind < 4; kind++)
        {
            for (var targetBytes = 1; targetBytes < 5000; targetBytes = targetBytes * 50 + 1000)
                data.Add(kind % 2 == 1, kind > 1, targetBytes);
        }
        return data;
    }

    public void Dispose() => _file.Dispose();

    [Theory, MemberData(nameof(Files))]
    public void An_honest_index_is_believed_whatever_the_cuts(bool ragged, bool compressed, long targetBytes)
    {
        Write(ragged, compressed, version: 1);
        Assert.Equal(Rows, ReadRanges(targetBytes, out var ranges));
        Assert.True(ranges > 1, "nothing was cut");
    }

    [Theory, MemberData(nameof(Files))]
    public void A_lie_in_the_offset_index_is_found_whatever_the_cuts(bool ragged, bool compressed, long targetBytes)
    {
        Write(ragged, compressed, version: 1);
        var original = File.ReadAllBytes(_file.Path);
        var random = new Random(5);
        for (var turn = 0; turn < 60; turn++)
        {
            var bytes = original.ToArray();
            PatchIndex(bytes, pages =>
            {
                // One page's claim, or those of several pages on end: their own rows then seem right, and the lies cancel out behind them.
                var first = random.Next(3, pages.Length);
                var last = Math.Min(pages.Length - 1, first + random.Next(3));
                var shift = random.Next(2) == 0 ? 1 + random.Next(3) : -1 - random.Next(3);
                for (var i = first; i <= last; i++)
                    pages[i] = pages[i] with { FirstRowIndex = pages[i].FirstRowIndex + shift };
            });
            File.WriteAllBytes(_file.Path, bytes);
            Assert.Throws<ParquetException>(() => ReadRanges(targetBytes, out _));
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void Rows_that_neither_index_nor_footer_admit_are_found(bool ragged, bool compressed, long targetBytes)
    {
        Write(ragged, compressed, version: 1);
        var original = File.ReadAllBytes(_file.Path);
        var count = Pages(original).Pages.Count;
        for (var from = 3; from <= count; from++)
        {
            // Every claim from one page on, and the footer's, are one row short: each range but one is as long as its claims.
            var bytes = PatchRows(original, Rows - 1);
            PatchIndex(bytes, pages =>
            {
                for (var i = from; i < pages.Length; i++)
                    pages[i] = pages[i] with { FirstRowIndex = pages[i].FirstRowIndex - 1 };
            });
            File.WriteAllBytes(_file.Path, bytes);
            Assert.Throws<ParquetException>(() => ReadRanges(targetBytes, out _));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3000)]
    [InlineData(1 << 30)]
    public void A_lie_in_V2_headers_is_found_whatever_the_cuts(long targetBytes)
    {
        Write(ragged: false, compressed: false, version: 2);
        var original = File.ReadAllBytes(_file.Path);
        var pages = Pages(original).Pages;
        for (var turn = 0; turn + 1 < pages.Count; turn++)
        {
            var bytes = original.ToArray();
            PatchHeader(bytes, pages[turn], 1);
            PatchHeader(bytes, pages[turn + 1], -1);
            File.WriteAllBytes(_file.Path, bytes);
            Assert.Throws<ParquetException>(() => ReadRanges(targetBytes, out _));
        }
    }

    [Fact]
    public void A_row_group_whose_logits_have_more_rows_than_it_says_is_refused_with_the_last_row_at_the_latest()
    {
        Write(ragged: false, compressed: false, version: 1);
        File.WriteAllBytes(_file.Path, PatchRows(File.ReadAllBytes(_file.Path), Rows - 1));
        Assert.Contains("more rows", Assert.Throws<ParquetException>(() => ReadRanges(1 << 30, out _)).Message, StringComparison.Ordinal);
    }

    private void Write(bool ragged, bool compressed, int version)
    {
        var options = new WriterOptions { PageVersion = version, PageBytes = 1500, Codec = compressed ? CompressionCodec.Zstd : CompressionCodec.Uncompressed };
        new Dump("claims", new DumpSchema(Classes), options, Rows, ragged).Write(_file.Path);
    }

    private long ReadRanges(long targetBytes, out int ranges)
    {
        using var file = ParquetFile.Open(_file.Path);
        var column = LogitColumn.Resolve(file, new LogitColumnSpec());
        var starts = PagePlan.Find(file, column, 0, targetBytes);
        ranges = starts.Length;
        var end = file.Metadata.RowGroups[0].NumRows;
        var total = 0L;
        ParquetException? failure = null;
        for (var i = 0; i < starts.Length; i++)
        {
            try
            {
                using var reader = column.OpenReader(0, Classes, starts[i]);
                var left = (i + 1 < starts.Length ? starts[i + 1].FirstRow : end) - starts[i].FirstRow;
                for (; left > 0 && reader.TryRead((int)Math.Min(left, 64), out var tile); left -= tile.Rows)
                    total += tile.Rows;
                Assert.Equal(0, left);
            }
            catch (ParquetException e)
            {
                failure = e;
            }
        }
        return failure is null ? total : throw failure;
    }

    private static OffsetIndex Pages(byte[] file)
    {
        var chunk = Footer(file, out _).RowGroups[0].Columns[0];
        return OffsetIndex.Parse(file.AsSpan((int)chunk.OffsetIndexOffset!, (int)chunk.OffsetIndexLength!));
    }

    private static void PatchIndex(byte[] file, Action<PageLocation[]> patch)
    {
        var chunk = Footer(file, out _).RowGroups[0].Columns[0];
        var pages = Pages(file).Pages.ToArray();
        patch(pages);
        var bytes = new OffsetIndex(pages).ToBytes();
        Assert.Equal(chunk.OffsetIndexLength, bytes.Length);
        bytes.CopyTo(file.AsSpan((int)chunk.OffsetIndexOffset!));
    }

    private static void PatchHeader(byte[] file, PageLocation page, int rows)
    {
        Assert.True(PageHeader.TryParse(file.AsSpan((int)page.Offset, page.CompressedPageSize), page.Offset, out var header, out var length, ReaderLimits.Default));
        var bytes = (header with { NumRows = header.NumRows + rows }).ToBytes();
        Assert.Equal(length, bytes.Length);
        bytes.CopyTo(file.AsSpan((int)page.Offset));
    }

    private static byte[] PatchRows(byte[] file, int rows)
    {
        var footer = Footer(file, out var offset);
        var bytes = (footer with { NumRows = rows, RowGroups = [footer.RowGroups[0] with { NumRows = rows }] }).ToBytes();
        var tail = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(tail, bytes.Length);
        "PAR1"u8.CopyTo(tail.AsSpan(4));
        return [.. file.AsSpan(0, offset), .. bytes, .. tail];
    }

    private static FileMetadata Footer(byte[] file, out int offset)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - 8));
        offset = file.Length - 8 - length;
        return FileMetadata.Parse(file.AsSpan(offset, length), ReaderLimits.Default, offset);
    }
}
