namespace DistributedLoss.Parquet.Metadata;

/// <summary>One column of one row group: parquet.thrift's ColumnChunk and ColumnMetaData together. Sizes and offsets are in bytes.</summary>
public sealed record ColumnChunkMetadata
{
    // Far more than any writer's: they keep the arrays for a damaged count small.
    private const int MaxEncodings = 1000;
    private const int MaxPathParts = 1000;

    public required PhysicalType Type { get; init; }

    public IReadOnlyList<ParquetEncoding> Encodings { get; init; } = [];

    public IReadOnlyList<string> Path { get; init; } = [];

    public CompressionCodec Codec { get; init; }

    /// <summary>Values with their nulls, and one for each null or empty list: the number of definition levels.</summary>
    public required long NumValues { get; init; }

    /// <summary>Pages with their headers, decompressed.</summary>
    public long TotalUncompressedSize { get; init; }

    /// <summary>Pages with their headers, as stored.</summary>
    public long TotalCompressedSize { get; init; }

    public long DataPageOffset { get; init; }

    public long? DictionaryPageOffset { get; init; }

    public long? OffsetIndexOffset { get; init; }

    public int? OffsetIndexLength { get; init; }

    public long? ColumnIndexOffset { get; init; }

    public int? ColumnIndexLength { get; init; }

    /// <summary>Another file that holds the pages; such chunks cannot be read.</summary>
    public string? FilePath { get; init; }

    /// <summary>Encrypted chunks cannot be read.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Where the first page starts. Some writers say 0 for "no dictionary page".</summary>
    public long StartOffset => DictionaryPageOffset is long d && d > 0 && d < DataPageOffset ? d : DataPageOffset;

    /// <summary>One past the last page's last byte.</summary>
    public long EndOffset => StartOffset + TotalCompressedSize;

    internal static ColumnChunkMetadata Read(ref ThriftReader reader, ColumnChunkMetadata? before)
    {
        ColumnChunkMetadata? chunk = null;
        string? filePath = null;
        long? offsetIndexOffset = null, columnIndexOffset = null;
        int? offsetIndexLength = null, columnIndexLength = null;
        bool encrypted = false;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    filePath = reader.String(field);
                    break;
                case 3 when field.Type == ThriftType.Struct:
                    chunk = ReadMetadata(ref reader, before);
                    break;
                case 4:
                    offsetIndexOffset = reader.I64(field);
                    break;
                case 5:
                    offsetIndexLength = reader.I32(field);
                    break;
                case 6:
                    columnIndexOffset = reader.I64(field);
                    break;
                case 7:
                    columnIndexLength = reader.I32(field);
                    break;
                case 8:
                    encrypted = true;
                    reader.Skip(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        if (chunk is null && !encrypted && !reader.Exhausted)
        {
            throw reader.Malformed("a column chunk has no metadata");
        }
        return (chunk ?? new ColumnChunkMetadata { Type = default, NumValues = 0 }) with
        {
            FilePath = filePath,
            IsEncrypted = encrypted,
            OffsetIndexOffset = offsetIndexOffset,
            OffsetIndexLength = offsetIndexLength,
            ColumnIndexOffset = columnIndexOffset,
            ColumnIndexLength = columnIndexLength,
        };
    }

    internal void Write(ThriftWriter writer)
    {
        writer.BeginStruct();
        if (FilePath is not null)
        {
            writer.String(1, FilePath);
        }
        // Deprecated: readers are told to ignore it, and newer writers write 0.
        writer.I64(2, 0);
        WriteMetadata(writer);
        if (OffsetIndexOffset is long indexOffset && OffsetIndexLength is int indexLength)
        {
            writer.I64(4, indexOffset);
            writer.I32(5, indexLength);
        }
        if (ColumnIndexOffset is long columnOffset && ColumnIndexLength is int columnLength)
        {
            writer.I64(6, columnOffset);
            writer.I32(7, columnLength);
        }
        writer.EndStruct();
    }

    private static ColumnChunkMetadata ReadMetadata(ref ThriftReader reader, ColumnChunkMetadata? before)
    {
        PhysicalType? type = null;
        IReadOnlyList<ParquetEncoding> encodings = [];
        IReadOnlyList<string> path = [];
        CompressionCodec? codec = null;
        long? values = null, uncompressed = null, compressed = null, dataPage = null, dictionaryPage = null;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    type = (PhysicalType)reader.I32(field);
                    break;
                case 2:
                    encodings = ReadEncodings(ref reader, field, before?.Encodings ?? []);
                    break;
                case 3:
                    path = ReadPath(ref reader, field, before?.Path ?? []);
                    break;
                case 4:
                    codec = (CompressionCodec)reader.I32(field);
                    break;
                case 5:
                    values = reader.I64(field);
                    break;
                case 6:
                    uncompressed = reader.I64(field);
                    break;
                case 7:
                    compressed = reader.I64(field);
                    break;
                case 9:
                    dataPage = reader.I64(field);
                    break;
                case 11:
                    dictionaryPage = reader.I64(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        if (!reader.Exhausted && (type is null || codec is null || values is null || compressed is null || dataPage is null))
        {
            throw reader.Malformed("a column chunk lacks its type, codec, number of values, size or page offset");
        }
        return new ColumnChunkMetadata
        {
            Type = type ?? default,
            Encodings = encodings,
            Path = path,
            Codec = codec ?? default,
            NumValues = values ?? 0,
            TotalUncompressedSize = uncompressed ?? 0,
            TotalCompressedSize = compressed ?? 0,
            DataPageOffset = dataPage ?? 0,
            DictionaryPageOffset = dictionaryPage,
        };
    }

    private static IReadOnlyList<ParquetEncoding> ReadEncodings(ref ThriftReader reader, ThriftField field, IReadOnlyList<ParquetEncoding> before)
    {
        var encodings = new ParquetEncoding[reader.BeginList(field, ThriftType.I32, MaxEncodings)];
        for (int i = 0; i < encodings.Length; i++)
        {
            encodings[i] = (ParquetEncoding)reader.I32Element();
        }
        reader.EndList();
        bool isAsBefore = encodings.Length == before.Count;
        for (int i = 0; isAsBefore && i < encodings.Length; i++)
        {
            isAsBefore = encodings[i] == before[i];
        }
        return isAsBefore ? before : encodings;
    }

    private static IReadOnlyList<string> ReadPath(ref ThriftReader reader, ThriftField field, IReadOnlyList<string> before)
    {
        string[] path = new string[reader.BeginList(field, ThriftType.Binary, MaxPathParts)];
        for (int i = 0; i < path.Length; i++)
        {
            path[i] = reader.StringElement(i < before.Count ? before[i] : "");
        }
        reader.EndList();
        return path.SequenceEqual(before) ? before : path;
    }

    private void WriteMetadata(ThriftWriter writer)
    {
        writer.BeginStruct(3);
        writer.I32(1, (int)Type);
        writer.BeginList(2, ThriftType.I32, Encodings.Count);
        foreach (ParquetEncoding encoding in Encodings)
        {
            writer.I32Element((int)encoding);
        }
        writer.BeginList(3, ThriftType.Binary, Path.Count);
        foreach (string part in Path)
        {
            writer.StringElement(part);
        }
        writer.I32(4, (int)Codec);
        writer.I64(5, NumValues);
        writer.I64(6, TotalUncompressedSize);
        writer.I64(7, TotalCompressedSize);
        writer.I64(9, DataPageOffset);
        if (DictionaryPageOffset is long dictionary)
        {
            writer.I64(11, dictionary);
        }
        writer.EndStruct();
    }
}
