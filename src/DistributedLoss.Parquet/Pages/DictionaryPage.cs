using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Pages;

/// <summary>The dictionary of a column chunk: PLAIN values that the data pages' indices point to. It stays in memory while the chunk is read.</summary>
internal sealed unsafe class DictionaryPage(PageContext context) : IDisposable
{
    private readonly NativeBuffer _offsets = new();

    /// <summary>Holds the page's bytes; whoever loads the page fills it.</summary>
    public NativeBuffer Values { get; } = new();

    /// <summary>Number of entries, or -1 while the chunk has shown no dictionary page.</summary>
    public int Count { get; private set; } = -1;

    /// <summary>Offsets of the length-prefixed entries of a BYTE_ARRAY dictionary.</summary>
    public int* Offsets => (int*)_offsets.Start;

    public void Forget() => Count = -1;

    /// <summary>The bytes of one entry.</summary>
    /// <param name="width">As for <see cref="Open"/>.</param>
    public ReadOnlySpan<byte> Entry(int index, int width) =>
        width > 0 ? new(Values.Start + (long)index * width, width) : new(Values.Start + Offsets[index] + sizeof(int), *(int*)(Values.Start + Offsets[index]));

    /// <param name="header">Of the page whose <paramref name="bytes"/> decompressed bytes are in <see cref="Values"/>.</param>
    /// <param name="width">Bytes per value; 0 for BYTE_ARRAY.</param>
    public void Open(in PageHeader header, long bytes, int width)
    {
        if (header.Encoding is not (ParquetEncoding.Plain or ParquetEncoding.PlainDictionary))
            context.Fail($"the dictionary page is encoded as {header.Encoding}; only PLAIN is possible");
        if (width == 0)
            IndexByteArrays(header.NumValues, bytes);
        else if ((long)header.NumValues * width > bytes)
            context.Fail($"the dictionary page says {header.NumValues} values of {width} bytes, but holds {bytes} bytes");
        Count = header.NumValues;
    }

    public void Dispose()
    {
        Values.Dispose();
        _offsets.Dispose();
    }

    private void IndexByteArrays(int count, long bytes)
    {
        if ((long)count * sizeof(int) > bytes)
            context.Fail($"the dictionary page says {count} values, but holds {bytes} bytes");
        var offsets = (int*)_offsets.Reserve((long)count * sizeof(int));
        var at = 0L;
        for (var i = 0; i < count; i++)
        {
            if (at + sizeof(int) > bytes || *(int*)(Values.Start + at) is var length && (length < 0 || length > bytes - at - sizeof(int)))
            {
                context.Fail($"the dictionary page ends within value {i} of {count}");
                return;
            }
            offsets[i] = (int)at;
            at += sizeof(int) + *(int*)(Values.Start + at);
        }
    }
}
