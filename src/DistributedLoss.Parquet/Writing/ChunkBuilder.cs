using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>What a column chunk's metadata says, added up as its pages are written.</summary>
internal sealed class ChunkBuilder(SchemaLeaf leaf, CompressionCodec codec)
{
    private readonly SortedSet<ParquetEncoding> _encodings = [];
    private readonly List<PageLocation> _pages = [];
    private long? _dataOffset;
    private long? _dictionaryOffset;
    private long _values;
    private long _compressed;
    private long _uncompressed;
    private long _rows;

    public OffsetIndex OffsetIndex => new(_pages);

    public void AddDictionaryPage(long offset, int headerLength, PageHeader header)
    {
        _dictionaryOffset = offset;
        Add(headerLength, header);
    }

    /// <param name="offset">Where the page's header begins.</param>
    /// <param name="headerLength">The header's bytes.</param>
    /// <param name="header">The header.</param>
    /// <param name="rows">Rows that begin in the page.</param>
    public void AddDataPage(long offset, int headerLength, PageHeader header, int rows)
    {
        _dataOffset ??= offset;
        _values += header.NumValues;
        _pages.Add(new PageLocation(offset, headerLength + header.CompressedSize, _rows));
        _rows += rows;
        Add(headerLength, header);
    }

    public ColumnChunkMetadata Build() => new()
    {
        Type = leaf.Type,
        Path = leaf.PathParts,
        Codec = codec,
        Encodings = [.. _encodings],
        NumValues = _values,
        TotalCompressedSize = _compressed,
        TotalUncompressedSize = _uncompressed,
        DataPageOffset = _dataOffset ?? throw new InvalidOperationException($"column {leaf.Path} has no data page"),
        DictionaryPageOffset = _dictionaryOffset,
    };

    private void Add(int headerLength, PageHeader header)
    {
        _encodings.Add(header.Encoding);
        if (leaf.MaxDefinitionLevel > 0)
        {
            _encodings.Add(ParquetEncoding.Rle);
        }
        _compressed += headerLength + header.CompressedSize;
        _uncompressed += headerLength + header.UncompressedSize;
    }
}
