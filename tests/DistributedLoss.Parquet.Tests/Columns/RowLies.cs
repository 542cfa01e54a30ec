using System.Buffers.Binary;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>Makes a file of one row group and one column claim other rows for its pages than they have.</summary>
internal static class RowLies
{
    /// <summary>Moves rows from one page's claim to the next one's: in the offset index, or in V2 headers. False where that cannot be done.</summary>
    public static bool Shift(byte[] file, Random random, int version)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - 8));
        var chunk = FileMetadata.Parse(file.AsSpan(file.Length - 8 - length, length), ReaderLimits.Default, file.Length - 8 - length).RowGroups[0].Columns[0];
        var shift = random.Next(2) == 0 ? 1 : -1;
        return version == 1 ? ShiftIndex(file, chunk, random, shift) : ShiftHeaders(file, chunk, random, shift);
    }

    private static bool ShiftIndex(byte[] file, ColumnChunkMetadata chunk, Random random, int shift)
    {
        var at = file.AsSpan((int)chunk.OffsetIndexOffset!, (int)chunk.OffsetIndexLength!);
        PageLocation[] pages = [.. OffsetIndex.Parse(at).Pages];
        var page = random.Next(1, pages.Length);
        pages[page] = pages[page] with { FirstRowIndex = pages[page].FirstRowIndex + shift };
        var bytes = new OffsetIndex(pages).ToBytes();
        return bytes.Length == at.Length && bytes.AsSpan().TryCopyTo(at);
    }

    private static bool ShiftHeaders(byte[] file, ColumnChunkMetadata chunk, Random random, int shift)
    {
        var offsets = new List<(int Offset, PageHeader Header, int Length)>();
        for (var offset = (int)chunk.DataPageOffset; offset < (int)chunk.DataPageOffset + chunk.TotalCompressedSize;)
        {
            Assert.True(PageHeader.TryParse(file.AsSpan(offset), offset, out var header, out var length, ReaderLimits.Default));
            offsets.Add((offset, header, length));
            offset += length + header.CompressedSize;
        }
        var page = random.Next(offsets.Count - 1);
        foreach (var (i, rows) in new[] { (page, shift), (page + 1, -shift) })
        {
            var (offset, header, length) = offsets[i];
            var bytes = (header with { NumRows = header.NumRows + rows }).ToBytes();
            // A header that says as many rows as values claims nothing.
            if (bytes.Length != length || header.NumRows + rows < 1 || header.NumRows + rows >= header.NumValues || header.NumRows >= header.NumValues)
                return false;
            bytes.CopyTo(file.AsSpan(offset));
        }
        return true;
    }
}
