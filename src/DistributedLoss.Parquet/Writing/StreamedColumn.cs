using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>A list or packed column, whose pages are written as they fill: it holds one page at most.</summary>
/// <param name="leaf">The column.</param>
/// <param name="width">Bytes of one value; 0 for BYTE_ARRAY.</param>
/// <param name="pages">Where pages go.</param>
/// <param name="options">How pages are cut.</param>
internal sealed class StreamedColumn(SchemaLeaf leaf, int width, PageWriter pages, WriterOptions options)
{
    private readonly GrowingBuffer _values = new();
    private readonly GrowingBuffer _split = new();
    private readonly HybridEncoder _repetition = new((uint)leaf.MaxRepetitionLevel);
    private readonly HybridEncoder _definition = new((uint)leaf.MaxDefinitionLevel);
    private ChunkBuilder? _chunk;
    private int _numValues;
    private int _nulls;
    private int _rows;

    // A list's repeated node is the middle one of three; a packed column has none.
    private uint EmptyLevel => (uint)leaf.Lists[0].EmptyDefinitionLevel;

    /// <summary>A row of values that are all there.</summary>
    /// <param name="values">Their PLAIN bytes.</param>
    /// <param name="count">How many; 0 is an empty list.</param>
    public void AppendRow(ReadOnlySpan<byte> values, int count)
    {
        if (count == 0)
        {
            AppendAbsent(EmptyLevel);
            return;
        }
        BeginRow();
        int taken = 0;
        while (taken < count)
        {
            int take = count - taken;
            if (options.StraddleRows)
            {
                take = Math.Clamp((options.PageBytes - _values.Length) / width, 1, take);
            }
            _repetition.Append(taken == 0 ? 0u : 1u);
            _repetition.Append(1, take - 1);
            _definition.Append((uint)leaf.MaxDefinitionLevel, take);
            _values.Append(width == 0 ? values : values.Slice(taken * width, take * width));
            _numValues += take;
            taken += take;
            if (options.StraddleRows && _values.Length + width > options.PageBytes)
            {
                EndPage();
            }
        }
        EndRow();
    }

    /// <summary>A list some of whose elements are null.</summary>
    /// <param name="values">The PLAIN bytes of those that are not.</param>
    /// <param name="isNull">One flag an element.</param>
    public void AppendRow(ReadOnlySpan<byte> values, ReadOnlySpan<bool> isNull)
    {
        BeginRow();
        for (int i = 0; i < isNull.Length; i++)
        {
            _repetition.Append(i == 0 ? 0u : 1u);
            _definition.Append((uint)(leaf.MaxDefinitionLevel - (isNull[i] ? 1 : 0)));
            _nulls += isNull[i] ? 1 : 0;
        }
        _numValues += isNull.Length;
        _values.Append(values);
        EndRow();
    }

    public void AppendNull() => AppendAbsent(0);

    /// <summary>Writes what is left and returns the chunk; the next row begins another.</summary>
    public ChunkBuilder EndChunk()
    {
        EndPage();
        ChunkBuilder chunk = _chunk ?? throw new InvalidOperationException("a row group has no rows");
        _chunk = null;
        return chunk;
    }

    private void AppendAbsent(uint level)
    {
        BeginRow();
        _repetition.Append(0);
        _definition.Append(level);
        _nulls++;
        _numValues++;
        EndRow();
    }

    private void BeginRow()
    {
        if (!options.StraddleRows && (_values.Length >= options.PageBytes || _rows >= options.PageRows))
        {
            EndPage();
        }
        _rows++;
    }

    private void EndRow()
    {
        if (!options.StraddleRows && _values.Length >= options.PageBytes)
        {
            EndPage();
        }
    }

    private void EndPage()
    {
        _chunk ??= new ChunkBuilder(leaf, options.Codec);
        if (_numValues == 0)
        {
            return;
        }
        ReadOnlySpan<byte> values = _values.Written;
        bool split = options.ByteStreamSplit && width > 0;
        if (split)
        {
            _split.Clear();
            Span<byte> destination = _split.Append(values.Length);
            ByteStreamSplit.Encode(values, width, destination);
            values = destination;
        }
        pages.WriteData(_chunk, new PageContent
        {
            NumValues = _numValues,
            NumNulls = _nulls,
            NumRows = _rows,
            Encoding = split ? ParquetEncoding.ByteStreamSplit : ParquetEncoding.Plain,
            RepetitionLevels = leaf.MaxRepetitionLevel > 0 ? _repetition.Finish() : [],
            DefinitionLevels = leaf.MaxDefinitionLevel > 0 ? _definition.Finish() : [],
            Values = values,
        });
        _values.Clear();
        _repetition.Clear();
        _definition.Clear();
        _numValues = _nulls = _rows = 0;
    }
}
