namespace DistributedLoss.Parquet.Metadata;

/// <summary>The footer: parquet.thrift's FileMetaData.</summary>
public sealed record FileMetadata
{
    public int Version { get; init; }

    /// <summary>The schema tree, depth first; <see cref="Metadata.Schema"/> makes it a tree again.</summary>
    public required IReadOnlyList<SchemaElement> Schema { get; init; }

    public required long NumRows { get; init; }

    public required IReadOnlyList<RowGroupMetadata> RowGroups { get; init; }

    public IReadOnlyList<KeyValuePair<string, string?>> KeyValues { get; init; } = [];

    public string? CreatedBy { get; init; }

    /// <summary>Parses a footer, without its length and magic. Bytes after the structure are ignored.</summary>
    /// <param name="footer">The footer's bytes.</param>
    /// <param name="limits">What the footer may make the reader allocate.</param>
    /// <param name="offset">Byte offset of the footer in its file, for error messages.</param>
    /// <exception cref="ParquetException">The bytes are no footer, or pass a limit.</exception>
    public static FileMetadata Parse(ReadOnlySpan<byte> footer, ReaderLimits? limits = null, long offset = 0)
    {
        limits ??= ReaderLimits.Default;
        var reader = new ThriftReader(footer, offset, limits.MaxDepth, limits.MaxFooterElements);
        FileMetadata metadata = Read(ref reader);
        return reader.Exhausted ? throw reader.Malformed("the footer ends in the middle of a structure") : metadata;
    }

    public byte[] ToBytes()
    {
        var writer = new ThriftWriter();
        writer.BeginStruct();
        writer.I32(1, Version);
        writer.BeginList(2, ThriftType.Struct, Schema.Count);
        foreach (SchemaElement element in Schema)
        {
            element.Write(writer);
        }
        writer.I64(3, NumRows);
        writer.BeginList(4, ThriftType.Struct, RowGroups.Count);
        foreach (RowGroupMetadata rowGroup in RowGroups)
        {
            rowGroup.Write(writer);
        }
        if (KeyValues.Count > 0)
        {
            writer.BeginList(5, ThriftType.Struct, KeyValues.Count);
            foreach ((string key, string? value) in KeyValues)
            {
                writer.BeginStruct();
                writer.String(1, key);
                if (value is not null)
                {
                    writer.String(2, value);
                }
                writer.EndStruct();
            }
        }
        if (CreatedBy is not null)
        {
            writer.String(6, CreatedBy);
        }
        writer.EndStruct();
        return writer.Written.ToArray();
    }

    private static FileMetadata Read(ref ThriftReader reader)
    {
        int version = 0;
        SchemaElement[]? schema = null;
        RowGroupMetadata[]? rowGroups = null;
        KeyValuePair<string, string?>[] keyValues = [];
        long? rows = null;
        string? createdBy = null;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    version = reader.I32(field);
                    break;
                case 2:
                    schema = new SchemaElement[reader.BeginList(field, ThriftType.Struct)];
                    for (int i = 0; i < schema.Length && !reader.Exhausted; i++)
                    {
                        schema[i] = SchemaElement.Read(ref reader);
                    }
                    reader.EndList();
                    break;
                case 3:
                    rows = reader.I64(field);
                    break;
                case 4:
                    rowGroups = new RowGroupMetadata[reader.BeginList(field, ThriftType.Struct)];
                    for (int i = 0; i < rowGroups.Length && !reader.Exhausted; i++)
                    {
                        rowGroups[i] = RowGroupMetadata.Read(ref reader, i > 0 ? rowGroups[i - 1] : null);
                    }
                    reader.EndList();
                    break;
                case 5:
                    keyValues = new KeyValuePair<string, string?>[reader.BeginList(field, ThriftType.Struct)];
                    for (int i = 0; i < keyValues.Length && !reader.Exhausted; i++)
                    {
                        keyValues[i] = ReadKeyValue(ref reader);
                    }
                    reader.EndList();
                    break;
                case 6:
                    createdBy = reader.String(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        if (!reader.Exhausted && (schema is null || rows is null || rowGroups is null))
        {
            throw reader.Malformed("the footer lacks its schema, its number of rows or its row groups");
        }
        return new FileMetadata
        {
            Version = version,
            Schema = schema ?? [],
            NumRows = rows ?? 0,
            RowGroups = rowGroups ?? [],
            KeyValues = keyValues,
            CreatedBy = createdBy,
        };
    }

    private static KeyValuePair<string, string?> ReadKeyValue(ref ThriftReader reader)
    {
        string key = "";
        string? value = null;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    key = reader.String(field);
                    break;
                case 2:
                    value = reader.String(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        return new(key, value);
    }
}
