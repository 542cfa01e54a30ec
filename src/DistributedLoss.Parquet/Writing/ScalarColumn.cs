using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>Writes the chunk of a column without lists from a row group's values, which the caller has kept.</summary>
internal sealed class ScalarColumn(PageWriter pages, WriterOptions options)
{
    private readonly GrowingBuffer _present = new();
    private readonly GrowingBuffer _split = new();

    /// <summary>Writes one chunk.</summary>
    /// <param name="leaf">The column.</param>
    /// <param name="plain">PLAIN bytes, one value a row; what stands for a null is not written.</param>
    /// <param name="width">Bytes of one value.</param>
    /// <param name="isNull">One flag a row, or empty if no row is null.</param>
    /// <param name="split">BYTE_STREAM_SPLIT rather than PLAIN.</param>
    public ChunkBuilder Write(SchemaLeaf leaf, ReadOnlySpan<byte> plain, int width, ReadOnlySpan<bool> isNull, bool split)
    {
        var chunk = new ChunkBuilder(leaf, options.Codec);
        int rows = plain.Length / width, pageRows = PageRows(width);
        for (int row = 0; row < rows; row += pageRows)
        {
            int count = Math.Min(pageRows, rows - row);
            ReadOnlySpan<bool> nulls = isNull.IsEmpty ? default : isNull.Slice(row, count);
            ReadOnlySpan<byte> values = Present(plain.Slice(row * width, count * width), width, nulls);
            if (split)
            {
                _split.Clear();
                Span<byte> destination = _split.Append(values.Length);
                ByteStreamSplit.Encode(values, width, destination);
                values = destination;
            }
            WritePage(chunk, leaf, count, nulls, values, split ? ParquetEncoding.ByteStreamSplit : ParquetEncoding.Plain);
        }
        return chunk;
    }

    /// <summary>Writes one chunk as a dictionary in order of first appearance, and indexes into it.</summary>
    public ChunkBuilder WriteDictionary(SchemaLeaf leaf, ReadOnlySpan<byte> plain, int width, ReadOnlySpan<bool> isNull)
    {
        var chunk = new ChunkBuilder(leaf, options.Codec);
        int rows = plain.Length / width;
        var dictionary = new GrowingBuffer();
        var indexOf = new Dictionary<long, uint>();
        uint[] indexes = new uint[rows];
        for (int row = 0; row < rows; row++)
        {
            if (!isNull.IsEmpty && isNull[row])
            {
                continue;
            }
            ReadOnlySpan<byte> value = plain.Slice(row * width, width);
            long key = width == 8 ? BitConverter.ToInt64(value) : BitConverter.ToInt32(value);
            if (!indexOf.TryGetValue(key, out indexes[row]))
            {
                indexes[row] = (uint)indexOf.Count;
                indexOf.Add(key, indexes[row]);
                dictionary.Append(value);
            }
        }
        return WriteDictionary(leaf, dictionary.Written, indexOf.Count, indexes, width, isNull);
    }

    /// <summary>Writes one chunk as the dictionary that is given, and indexes into it.</summary>
    /// <param name="leaf">The column.</param>
    /// <param name="dictionary">PLAIN bytes of the dictionary's values.</param>
    /// <param name="values">How many they are.</param>
    /// <param name="indexes">One a row; what stands for a null is not written.</param>
    /// <param name="width">Bytes a row by which pages are cut.</param>
    /// <param name="isNull">One flag a row, or empty if no row is null.</param>
    public ChunkBuilder WriteDictionary(
        SchemaLeaf leaf, ReadOnlySpan<byte> dictionary, int values, ReadOnlySpan<uint> indexes, int width, ReadOnlySpan<bool> isNull)
    {
        var chunk = new ChunkBuilder(leaf, options.Codec);
        pages.WriteDictionary(chunk, dictionary, values);
        var encoder = new HybridEncoder((uint)Math.Max(1, values - 1));
        int pageRows = PageRows(width);
        for (int row = 0; row < indexes.Length; row += pageRows)
        {
            int count = Math.Min(pageRows, indexes.Length - row);
            ReadOnlySpan<bool> nulls = isNull.IsEmpty ? default : isNull.Slice(row, count);
            encoder.Clear();
            for (int i = 0; i < count; i++)
            {
                if (nulls.IsEmpty || !nulls[i])
                {
                    encoder.Append(indexes[row + i]);
                }
            }
            WritePage(chunk, leaf, count, nulls, [(byte)encoder.BitWidth, .. encoder.Finish()], ParquetEncoding.RleDictionary);
        }
        return chunk;
    }

    private int PageRows(int width) => Math.Min(options.PageRows, Math.Max(1, options.PageBytes / width));

    private void WritePage(
        ChunkBuilder chunk, SchemaLeaf leaf, int rows, ReadOnlySpan<bool> isNull, ReadOnlySpan<byte> values, ParquetEncoding encoding)
    {
        var definition = new HybridEncoder((uint)leaf.MaxDefinitionLevel);
        if (isNull.IsEmpty)
        {
            definition.Append((uint)leaf.MaxDefinitionLevel, rows);
        }
        foreach (bool absent in isNull)
        {
            definition.Append(absent ? 0u : 1u);
        }
        pages.WriteData(chunk, new PageContent
        {
            NumValues = rows,
            NumNulls = isNull.Count(true),
            NumRows = rows,
            Encoding = encoding,
            DefinitionLevels = leaf.MaxDefinitionLevel > 0 ? definition.Finish() : [],
            Values = values,
        });
    }

    private ReadOnlySpan<byte> Present(ReadOnlySpan<byte> plain, int width, ReadOnlySpan<bool> isNull)
    {
        if (isNull.IsEmpty)
        {
            return plain;
        }
        _present.Clear();
        for (int i = 0; i < isNull.Length; i++)
        {
            if (!isNull[i])
            {
                _present.Append(plain.Slice(i * width, width));
            }
        }
        return _present.Written;
    }
}
