using System.Buffers.Binary;
using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>Compresses pages and writes them, header first, to a stream that begins at the file's beginning.</summary>
internal sealed class PageWriter(Stream stream, WriterOptions options)
{
    private readonly GrowingBuffer _plain = new();
    private byte[] _compressed = [];

    /// <summary>Bytes written so far: the offset of what is written next.</summary>
    public long Position { get; private set; }

    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        Position += bytes.Length;
    }

    public void WriteData(ChunkBuilder chunk, PageContent page)
    {
        long offset = Position;
        (int headerLength, PageHeader header) = options.PageVersion == 1 ? WriteV1(page) : WriteV2(page);
        chunk.AddDataPage(offset, headerLength, header, page.NumRows);
    }

    public void WriteDictionary(ChunkBuilder chunk, ReadOnlySpan<byte> values, int count)
    {
        long offset = Position;
        ReadOnlySpan<byte> stored = Compress(values);
        var header = new PageHeader
        {
            Type = PageType.Dictionary,
            NumValues = count,
            Encoding = ParquetEncoding.Plain,
            UncompressedSize = values.Length,
            CompressedSize = stored.Length,
        };
        chunk.AddDictionaryPage(offset, Write(ref header, [], [], stored), header);
    }

    // V1: levels behind their lengths, then values, all compressed as one.
    private (int HeaderLength, PageHeader Header) WriteV1(PageContent page)
    {
        _plain.Clear();
        AppendLevels(page.RepetitionLevels);
        AppendLevels(page.DefinitionLevels);
        bool compress = options.Codec != CompressionCodec.Uncompressed;
        if (compress)
        {
            _plain.Append(page.Values);
        }
        ReadOnlySpan<byte> first = compress ? Compress(_plain.Written) : _plain.Written;
        ReadOnlySpan<byte> second = compress ? [] : page.Values;
        var header = new PageHeader
        {
            Type = PageType.Data,
            NumValues = page.NumValues,
            Encoding = page.Encoding,
            DefinitionLevelEncoding = ParquetEncoding.Rle,
            RepetitionLevelEncoding = ParquetEncoding.Rle,
            UncompressedSize = compress ? _plain.Length : _plain.Length + page.Values.Length,
            CompressedSize = first.Length + second.Length,
        };
        return (Write(ref header, first, second, []), header);
    }

    // V2: levels first and never compressed; values are left as they are where compression gains nothing.
    private (int HeaderLength, PageHeader Header) WriteV2(PageContent page)
    {
        ReadOnlySpan<byte> values = Compress(page.Values);
        bool gained = options.Codec != CompressionCodec.Uncompressed && values.Length < page.Values.Length;
        if (!gained)
        {
            values = page.Values;
        }
        int levels = page.RepetitionLevels.Length + page.DefinitionLevels.Length;
        var header = new PageHeader
        {
            Type = PageType.DataV2,
            NumValues = page.NumValues,
            NumNulls = page.NumNulls,
            NumRows = page.NumRows,
            Encoding = page.Encoding,
            RepetitionLevelsByteLength = page.RepetitionLevels.Length,
            DefinitionLevelsByteLength = page.DefinitionLevels.Length,
            IsCompressed = gained,
            UncompressedSize = levels + page.Values.Length,
            CompressedSize = levels + values.Length,
        };
        return (Write(ref header, page.RepetitionLevels, page.DefinitionLevels, values), header);
    }

    private int Write(ref PageHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        if (options.PageChecksums)
        {
            header = header with { Crc = Crc32.Append(Crc32.Append(Crc32.Compute(first), second), third) };
        }
        byte[] bytes = header.ToBytes();
        WriteRaw(bytes);
        WriteRaw(first);
        WriteRaw(second);
        WriteRaw(third);
        return bytes.Length;
    }

    private ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> bytes)
    {
        if (options.Codec == CompressionCodec.Uncompressed)
        {
            return bytes;
        }
        int room = Codecs.MaxCompressedLength(options.Codec, bytes.Length);
        if (_compressed.Length < room)
        {
            _compressed = new byte[room];
        }
        return _compressed.AsSpan(0, Codecs.Compress(options.Codec, bytes, _compressed));
    }

    private void AppendLevels(ReadOnlySpan<byte> levels)
    {
        if (!levels.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_plain.Append(4), levels.Length);
            _plain.Append(levels);
        }
    }
}
