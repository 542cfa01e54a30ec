namespace DistributedLoss.Parquet.Metadata;

/// <summary>Where a data page begins, in bytes from the start of the file, with its header in its size, and its first row in the row group.</summary>
public readonly record struct PageLocation(long Offset, int CompressedPageSize, long FirstRowIndex);

/// <summary>The data pages of one column chunk in order: parquet.thrift's OffsetIndex. Dictionary pages are not in it.</summary>
public sealed record OffsetIndex(IReadOnlyList<PageLocation> Pages)
{
    /// <summary>Parses an offset index. Offsets and row indexes are checked to be ascending and not negative.</summary>
    /// <exception cref="ParquetException">The bytes are no offset index.</exception>
    public static OffsetIndex Parse(ReadOnlySpan<byte> bytes, long offset = 0, ReaderLimits? limits = null)
    {
        limits ??= ReaderLimits.Default;
        var reader = new ThriftReader(bytes, offset, limits.MaxDepth, limits.MaxFooterElements);
        PageLocation[]? pages = null;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            if (field.Id != 1)
            {
                reader.Skip(field);
                continue;
            }
            pages = new PageLocation[reader.BeginList(field, ThriftType.Struct)];
            for (int i = 0; i < pages.Length && !reader.Exhausted; i++)
            {
                pages[i] = ReadLocation(ref reader);
                if (!reader.Exhausted && i > 0
                    && (pages[i].Offset < pages[i - 1].Offset + pages[i - 1].CompressedPageSize
                        || pages[i].FirstRowIndex < pages[i - 1].FirstRowIndex))
                {
                    throw reader.Malformed($"the offset index's page {i} ({pages[i]}) does not follow page {i - 1} ({pages[i - 1]})");
                }
            }
            reader.EndList();
        }
        reader.EndStruct(outer);
        if (reader.Exhausted || pages is null)
        {
            throw reader.Malformed("the offset index ends in the middle of a structure or has no pages");
        }
        return new OffsetIndex(pages);
    }

    public byte[] ToBytes()
    {
        var writer = new ThriftWriter();
        writer.BeginStruct();
        writer.BeginList(1, ThriftType.Struct, Pages.Count);
        foreach (PageLocation page in Pages)
        {
            writer.BeginStruct();
            writer.I64(1, page.Offset);
            writer.I32(2, page.CompressedPageSize);
            writer.I64(3, page.FirstRowIndex);
            writer.EndStruct();
        }
        writer.EndStruct();
        return writer.Written.ToArray();
    }

    private static PageLocation ReadLocation(ref ThriftReader reader)
    {
        long offset = -1, firstRow = -1;
        int size = -1;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    offset = reader.I64(field);
                    break;
                case 2:
                    size = reader.I32(field);
                    break;
                case 3:
                    firstRow = reader.I64(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        // An offset near 2^63 would wrap when its size is added.
        if (!reader.Exhausted && (offset < 0 || size < 0 || firstRow < 0 || offset > long.MaxValue - size))
        {
            throw reader.Malformed($"a page location says offset {offset}, size {size}, first row {firstRow}");
        }
        return new PageLocation(offset, size, firstRow);
    }
}
