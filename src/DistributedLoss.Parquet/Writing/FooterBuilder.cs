using System.Buffers.Binary;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>What a file's end says of its row groups, added up as they are written.</summary>
internal sealed class FooterBuilder(PageWriter pages)
{
    private readonly List<RowGroupMetadata> _rowGroups = [];
    private readonly List<OffsetIndex?[]> _indexes = [];

    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    /// <summary>The file's first bytes.</summary>
    public void WriteMagic() => pages.WriteRaw(Magic);

    /// <param name="rows">At least 1.</param>
    /// <param name="chunks">One a leaf of the schema, as written.</param>
    /// <param name="hasIndex">Which of them, by position, get an offset index.</param>
    public void Add(int rows, IReadOnlyList<ChunkBuilder> chunks, Func<int, bool> hasIndex)
    {
        ColumnChunkMetadata[] columns = [.. chunks.Select(c => c.Build())];
        _indexes.Add([.. chunks.Select((c, i) => hasIndex(i) ? c.OffsetIndex : null)]);
        _rowGroups.Add(new RowGroupMetadata
        {
            Columns = columns,
            NumRows = rows,
            TotalByteSize = columns.Sum(c => c.TotalUncompressedSize),
            FileOffset = columns[0].StartOffset,
            Ordinal = _rowGroups.Count,
        });
    }

    /// <summary>The file's last bytes: offset indexes, footer, its length, magic.</summary>
    public void Write(IReadOnlyList<SchemaElement> schema)
    {
        byte[] footer = new FileMetadata
        {
            Version = 2,
            Schema = schema,
            NumRows = _rowGroups.Sum(g => g.NumRows),
            RowGroups = WithOffsetIndexes(),
            CreatedBy = $"DistributedLoss version {typeof(FooterBuilder).Assembly.GetName().Version?.ToString(3)}",
        }.ToBytes();
        pages.WriteRaw(footer);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        pages.WriteRaw(length);
        pages.WriteRaw(Magic);
    }

    private List<RowGroupMetadata> WithOffsetIndexes()
    {
        var groups = new List<RowGroupMetadata>(_rowGroups.Count);
        for (int g = 0; g < _rowGroups.Count; g++)
        {
            ColumnChunkMetadata[] columns = [.. _rowGroups[g].Columns];
            for (int c = 0; c < columns.Length; c++)
            {
                if (_indexes[g][c] is OffsetIndex index)
                {
                    long offset = pages.Position;
                    byte[] bytes = index.ToBytes();
                    pages.WriteRaw(bytes);
                    columns[c] = columns[c] with { OffsetIndexOffset = offset, OffsetIndexLength = bytes.Length };
                }
            }
            groups.Add(_rowGroups[g] with { Columns = columns });
        }
        return groups;
    }
}
