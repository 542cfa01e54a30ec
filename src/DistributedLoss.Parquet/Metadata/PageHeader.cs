namespace DistributedLoss.Parquet.Metadata;

/// <summary>
/// What stands before each page: parquet.thrift's PageHeader with the structure of its type folded in. Sizes are in bytes and never
/// negative; a V2 page's levels fit in its sizes.
/// </summary>
public readonly record struct PageHeader
{
    public PageType Type { get; init; }

    /// <summary>The page without its header, decompressed (V2: with its levels, which are never compressed).</summary>
    public int UncompressedSize { get; init; }

    /// <summary>The page without its header, as stored.</summary>
    public int CompressedSize { get; init; }

    /// <summary>CRC-32 (ISO-HDLC) of the page as stored.</summary>
    public uint? Crc { get; init; }

    /// <summary>Values with their nulls: the number of definition levels, or of dictionary entries.</summary>
    public int NumValues { get; init; }

    public ParquetEncoding Encoding { get; init; }

    /// <summary>V1 only; V2 levels are always RLE.</summary>
    public ParquetEncoding DefinitionLevelEncoding { get; init; }

    /// <summary>V1 only; V2 levels are always RLE.</summary>
    public ParquetEncoding RepetitionLevelEncoding { get; init; }

    /// <summary>V2 only.</summary>
    public int NumNulls { get; init; }

    /// <summary>V2 only: rows that start in this page, which begins with a row.</summary>
    public int NumRows { get; init; }

    /// <summary>V2 only.</summary>
    public int DefinitionLevelsByteLength { get; init; }

    /// <summary>V2 only.</summary>
    public int RepetitionLevelsByteLength { get; init; }

    /// <summary>V2 only: whether the values are compressed with the column's codec.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>Reads the header at the start of <paramref name="window"/>.</summary>
    /// <param name="window">Bytes of the file from the header on; may end before the header does.</param>
    /// <param name="offset">Byte offset of the window in its file, for error messages.</param>
    /// <param name="header">The header.</param>
    /// <param name="length">The header's own length in bytes.</param>
    /// <param name="limits">Bounds on depth and number of elements.</param>
    /// <returns>False if the window ends before the header does: come back with more bytes.</returns>
    /// <exception cref="ParquetException">The bytes are no page header.</exception>
    public static bool TryParse(
        ReadOnlySpan<byte> window, long offset, out PageHeader header, out int length, ReaderLimits? limits = null)
    {
        limits ??= ReaderLimits.Default;
        var reader = new ThriftReader(window, offset, limits.MaxDepth, limits.MaxFooterElements);
        header = Read(ref reader);
        length = reader.Position;
        return !reader.Exhausted;
    }

    public byte[] ToBytes()
    {
        var writer = new ThriftWriter();
        writer.BeginStruct();
        writer.I32(1, (int)Type);
        writer.I32(2, UncompressedSize);
        writer.I32(3, CompressedSize);
        if (Crc is uint crc)
        {
            writer.I32(4, (int)crc);
        }
        switch (Type)
        {
            case PageType.Data:
                writer.BeginStruct(5);
                writer.I32(1, NumValues);
                writer.I32(2, (int)Encoding);
                writer.I32(3, (int)DefinitionLevelEncoding);
                writer.I32(4, (int)RepetitionLevelEncoding);
                writer.EndStruct();
                break;
            case PageType.Index:
                writer.BeginStruct(6);
                writer.EndStruct();
                break;
            case PageType.Dictionary:
                writer.BeginStruct(7);
                writer.I32(1, NumValues);
                writer.I32(2, (int)Encoding);
                writer.EndStruct();
                break;
            case PageType.DataV2:
                writer.BeginStruct(8);
                writer.I32(1, NumValues);
                writer.I32(2, NumNulls);
                writer.I32(3, NumRows);
                writer.I32(4, (int)Encoding);
                writer.I32(5, DefinitionLevelsByteLength);
                writer.I32(6, RepetitionLevelsByteLength);
                writer.Bool(7, IsCompressed);
                writer.EndStruct();
                break;
        }
        writer.EndStruct();
        return writer.Written.ToArray();
    }

    private static PageHeader Read(ref ThriftReader reader)
    {
        int? type = null, uncompressed = null, compressed = null;
        uint? crc = null;
        PageHeader? data = null, dictionary = null, dataV2 = null;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    type = reader.I32(field);
                    break;
                case 2:
                    uncompressed = reader.I32(field);
                    break;
                case 3:
                    compressed = reader.I32(field);
                    break;
                case 4:
                    crc = (uint)reader.I32(field);
                    break;
                case 5 when field.Type == ThriftType.Struct:
                    data = ReadData(ref reader);
                    break;
                case 7 when field.Type == ThriftType.Struct:
                    dictionary = ReadData(ref reader);
                    break;
                case 8 when field.Type == ThriftType.Struct:
                    dataV2 = ReadDataV2(ref reader);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        if (reader.Exhausted)
        {
            return default;
        }
        if (type is null || uncompressed is null || compressed is null)
        {
            throw reader.Malformed("a page header lacks its type or its sizes");
        }
        // An index page has no structure of its own, and a type that is newer than this reader is passed over by its size.
        PageHeader? body = (PageType)type switch
        {
            PageType.Data => data,
            PageType.Dictionary => dictionary,
            PageType.DataV2 => dataV2,
            _ => default(PageHeader),
        };
        if (body is not PageHeader found)
        {
            throw reader.Malformed($"a page header of type {(PageType)type} lacks that type's structure");
        }
        return Checked(ref reader, found with
        {
            Type = (PageType)type,
            UncompressedSize = uncompressed.Value,
            CompressedSize = compressed.Value,
            Crc = crc,
        });
    }

    private static PageHeader Checked(ref ThriftReader reader, PageHeader header)
    {
        if (header.UncompressedSize < 0 || header.CompressedSize < 0)
        {
            throw reader.Malformed($"a page header says {header.CompressedSize} bytes stored, {header.UncompressedSize} decompressed");
        }
        if (header.NumValues < 0)
        {
            throw reader.Malformed($"a page header says {header.NumValues} values");
        }
        if (header.Type == PageType.DataV2)
        {
            long levels = (long)header.DefinitionLevelsByteLength + header.RepetitionLevelsByteLength;
            if (header.DefinitionLevelsByteLength < 0 || header.RepetitionLevelsByteLength < 0
                || levels > Math.Min(header.CompressedSize, header.UncompressedSize))
            {
                throw reader.Malformed(
                    $"a page of {header.CompressedSize} bytes ({header.UncompressedSize} decompressed) says that its levels take "
                    + $"{header.RepetitionLevelsByteLength} and {header.DefinitionLevelsByteLength}");
            }
            if (header.NumRows < 0 || header.NumNulls < 0 || header.NumNulls > header.NumValues || header.NumRows > header.NumValues)
            {
                throw reader.Malformed(
                    $"a page header says {header.NumRows} rows, {header.NumValues} values and {header.NumNulls} nulls");
            }
        }
        return header;
    }

    // A dictionary page's structure begins with the same two fields.
    private static PageHeader ReadData(ref ThriftReader reader)
    {
        int values = -1, encoding = -1, definition = (int)ParquetEncoding.Rle, repetition = (int)ParquetEncoding.Rle;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    values = reader.I32(field);
                    break;
                case 2:
                    encoding = reader.I32(field);
                    break;
                case 3 when field.Type == ThriftType.I32:
                    definition = reader.I32(field);
                    break;
                case 4:
                    repetition = reader.I32(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        return new PageHeader
        {
            NumValues = values,
            Encoding = (ParquetEncoding)encoding,
            DefinitionLevelEncoding = (ParquetEncoding)definition,
            RepetitionLevelEncoding = (ParquetEncoding)repetition,
        };
    }

    private static PageHeader ReadDataV2(ref ThriftReader reader)
    {
        int values = -1, nulls = -1, rows = -1, encoding = -1, definitionLength = -1, repetitionLength = -1;
        bool compressed = true;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    values = reader.I32(field);
                    break;
                case 2:
                    nulls = reader.I32(field);
                    break;
                case 3:
                    rows = reader.I32(field);
                    break;
                case 4:
                    encoding = reader.I32(field);
                    break;
                case 5:
                    definitionLength = reader.I32(field);
                    break;
                case 6:
                    repetitionLength = reader.I32(field);
                    break;
                case 7:
                    compressed = reader.Bool(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        return new PageHeader
        {
            NumValues = values,
            NumNulls = nulls,
            NumRows = rows,
            Encoding = (ParquetEncoding)encoding,
            DefinitionLevelEncoding = ParquetEncoding.Rle,
            RepetitionLevelEncoding = ParquetEncoding.Rle,
            DefinitionLevelsByteLength = definitionLength,
            RepetitionLevelsByteLength = repetitionLength,
            IsCompressed = compressed,
        };
    }
}
