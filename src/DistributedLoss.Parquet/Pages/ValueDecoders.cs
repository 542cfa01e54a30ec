using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Pages;

/// <summary>Picks the decoder for a page's encoding and a column's physical type. Each is made once and reopened for every page that needs it.</summary>
internal sealed unsafe class ValueDecoders(PageContext context, PhysicalType type, int typeLength, ByteFeed feed, int maxValueBytes) : IDisposable
{
    private PlainValues? _plain;
    private DictionaryValues? _dictionary;
    private ByteStreamSplitValues? _byteStreamSplit;
    private DeltaValues? _delta;
    private BooleanValues? _booleans;
    private FixedFromByteArrays? _deltaFixed;
    private PlainByteArrays? _plainBytes;
    private DictionaryByteArrays? _dictionaryBytes;
    private DeltaLengthByteArrays? _deltaLength;
    private DeltaByteArrays? _deltaBytes;

    /// <summary>Bytes per value as stored in a PLAIN page; 0 for BYTE_ARRAY and BOOLEAN.</summary>
    public int Width { get; } = WidthOf(type, typeLength);

    /// <summary>The page's values if they have a fixed width.</summary>
    public FixedValues Fixed { get; private set; } = null!;

    /// <summary>The page's values if the column is BYTE_ARRAY.</summary>
    public ByteArrayValues Bytes { get; private set; } = null!;

    public static int WidthOf(PhysicalType type, int typeLength) => type switch
    {
        PhysicalType.Int32 or PhysicalType.Float => 4,
        PhysicalType.Int64 or PhysicalType.Double => 8,
        PhysicalType.Int96 => 12,
        PhysicalType.FixedLenByteArray => typeLength,
        _ => 0,
    };

    /// <summary>Whether values of this encoding are read from front to back, so that a window over the file is enough.</summary>
    public static bool IsSequential(ParquetEncoding encoding) => encoding is ParquetEncoding.Plain or ParquetEncoding.PlainDictionary
        or ParquetEncoding.RleDictionary or ParquetEncoding.Rle or ParquetEncoding.DeltaBinaryPacked;

    /// <summary>Opens values in memory, or through the feed when <paramref name="section"/> is null.</summary>
    /// <param name="count">Upper bound of the values: the page's entries, nulls included.</param>
    public void Open(ParquetEncoding encoding, byte* section, long bytes, long count, DictionaryPage dictionary)
    {
        if (section != null)
            feed.OpenMemory(section, bytes);
        switch (encoding, type)
        {
            case (ParquetEncoding.Plain, PhysicalType.Boolean):
                Fixed = _booleans ??= new(feed);
                _booleans.OpenPlain();
                break;
            case (ParquetEncoding.Rle, PhysicalType.Boolean):
                Fixed = _booleans ??= new(feed);
                _booleans.OpenRle(count);
                break;
            case (ParquetEncoding.Plain, PhysicalType.ByteArray):
                Bytes = _plainBytes ??= new(feed);
                break;
            case (ParquetEncoding.Plain, _):
                Fixed = _plain ??= new(feed);
                _plain.Open(Width);
                break;
            case (ParquetEncoding.PlainDictionary or ParquetEncoding.RleDictionary, not PhysicalType.Boolean):
                OpenDictionary(dictionary, count);
                break;
            case (ParquetEncoding.DeltaBinaryPacked, PhysicalType.Int32 or PhysicalType.Int64):
                Fixed = _delta ??= new(feed);
                _delta.Open(Width);
                break;
            case (ParquetEncoding.DeltaLengthByteArray, PhysicalType.ByteArray):
                Bytes = _deltaLength ??= new(context);
                _deltaLength.Open(section, bytes);
                break;
            case (ParquetEncoding.DeltaByteArray, PhysicalType.ByteArray or PhysicalType.FixedLenByteArray):
                OpenDeltaBytes(section, bytes);
                break;
            case (ParquetEncoding.ByteStreamSplit, PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.Float or PhysicalType.Double
                or PhysicalType.FixedLenByteArray):
                Fixed = _byteStreamSplit ??= new(context);
                _byteStreamSplit.OpenMemory(Width, section, bytes);
                break;
            default:
                context.Fail($"{type} values encoded as {encoding} cannot be read; write the column with PLAIN or dictionary encoding");
                break;
        }
    }

    /// <summary>BYTE_STREAM_SPLIT values that stay in the file.</summary>
    public void OpenSplitInFile(long offset, long bytes, int windowBytes)
    {
        Fixed = _byteStreamSplit ??= new(context);
        _byteStreamSplit.OpenFile(Width, offset, bytes, windowBytes);
    }

    public void Dispose()
    {
        _dictionary?.Dispose();
        _byteStreamSplit?.Dispose();
        _delta?.Dispose();
        _booleans?.Dispose();
        _deltaFixed?.Dispose();
        _deltaBytes?.Dispose();
    }

    private void OpenDictionary(DictionaryPage dictionary, long count)
    {
        if (dictionary.Count < 0)
            context.Fail("the page is dictionary-encoded, but the column chunk has no dictionary page before it");
        if (type == PhysicalType.ByteArray)
        {
            Bytes = _dictionaryBytes ??= new(feed);
            _dictionaryBytes.Open(dictionary.Values.Start, dictionary.Offsets, dictionary.Count, count);
        }
        else
        {
            Fixed = _dictionary ??= new(feed);
            _dictionary.Open(dictionary.Values.Start, dictionary.Count, Width, count);
        }
    }

    private void OpenDeltaBytes(byte* section, long bytes)
    {
        _deltaBytes ??= new(context, maxValueBytes);
        _deltaBytes.Open(section, bytes);
        if (type == PhysicalType.ByteArray)
            Bytes = _deltaBytes;
        else
            Fixed = _deltaFixed ??= new(context, _deltaBytes, Width);
    }
}
