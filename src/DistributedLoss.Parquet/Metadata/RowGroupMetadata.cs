namespace DistributedLoss.Parquet.Metadata;

/// <summary>A horizontal slice of the file: one chunk for each leaf of the schema, in its order.</summary>
public sealed record RowGroupMetadata
{
    public required IReadOnlyList<ColumnChunkMetadata> Columns { get; init; }

    public required long NumRows { get; init; }

    /// <summary>Decompressed bytes of all columns.</summary>
    public long TotalByteSize { get; init; }

    public long? FileOffset { get; init; }

    public int? Ordinal { get; init; }

    // The row group before shares its names and encodings with this one: wide files have thousands of both in each.
    internal static RowGroupMetadata Read(ref ThriftReader reader, RowGroupMetadata? before)
    {
        ColumnChunkMetadata[]? columns = null;
        long? rows = null, fileOffset = null;
        long bytes = 0;
        int? ordinal = null;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    columns = new ColumnChunkMetadata[reader.BeginList(field, ThriftType.Struct)];
                    for (int i = 0; i < columns.Length && !reader.Exhausted; i++)
                    {
                        columns[i] = ColumnChunkMetadata.Read(ref reader, i < before?.Columns.Count ? before.Columns[i] : null);
                    }
                    reader.EndList();
                    break;
                case 2:
                    bytes = reader.I64(field);
                    break;
                case 3:
                    rows = reader.I64(field);
                    break;
                case 5:
                    fileOffset = reader.I64(field);
                    break;
                case 7:
                    ordinal = reader.I32(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        if (!reader.Exhausted && (columns is null || rows is null))
        {
            throw reader.Malformed("a row group lacks its columns or its number of rows");
        }
        return new RowGroupMetadata
        {
            Columns = columns ?? [],
            NumRows = rows ?? 0,
            TotalByteSize = bytes,
            FileOffset = fileOffset,
            Ordinal = ordinal,
        };
    }

    internal void Write(ThriftWriter writer)
    {
        writer.BeginStruct();
        writer.BeginList(1, ThriftType.Struct, Columns.Count);
        foreach (ColumnChunkMetadata column in Columns)
        {
            column.Write(writer);
        }
        writer.I64(2, TotalByteSize);
        writer.I64(3, NumRows);
        if (FileOffset is long offset)
        {
            writer.I64(5, offset);
        }
        writer.I64(6, Columns.Sum(c => c.TotalCompressedSize));
        // The format gives the ordinal 16 bits; row groups past that have none.
        if (Ordinal is >= 0 and <= short.MaxValue)
        {
            writer.I16(7, (short)Ordinal);
        }
        writer.EndStruct();
    }
}
