using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// A column chunk as it is stored: page after page of any type, each with its header, its bytes and their checksum. Sizes are checked against the
/// chunk and the limits before anything is read or allocated for them.
/// </summary>
internal sealed unsafe class StoredPages(ParquetFile file, SchemaLeaf leaf) : IDisposable
{
    private const int HeaderWindow = 512;

    // parquet-cpp before 1.3 left the dictionary page's header out of a chunk's size (PARQUET-816); its other readers allow as much.
    private const int ForgottenHeaderBytes = 100;
    private byte[] _headerBytes = new byte[HeaderWindow];
    private PageHeader _header;
    private long _next;
    private long _end;

    public PageContext Context { get; } = new(file, leaf.Path);

    public ColumnChunkMetadata Chunk { get; private set; } = null!;

    /// <summary>The header of the page at hand.</summary>
    public ref readonly PageHeader Header => ref _header;

    /// <summary>File offset of the first byte behind that header.</summary>
    public long BodyOffset { get; private set; }

    /// <summary>What has been read of the page at hand, when it comes in pieces.</summary>
    public PageChecksum Checksum { get; } = new();

    public bool IsCompressed => Chunk.Codec != CompressionCodec.Uncompressed && (_header.Type != PageType.DataV2 || _header.IsCompressed);

    /// <summary>Stands before a row group's first page.</summary>
    public void Start(int rowGroup)
    {
        Context.RowGroup = rowGroup;
        Chunk = file.Metadata.RowGroups[rowGroup].Columns[leaf.ColumnIndex];
        (_next, _end) = (Chunk.StartOffset, Math.Min(Chunk.EndOffset + ForgottenHeaderBytes, file.Length));
        Context.PageOffset = _next;
        if (Chunk.IsEncrypted)
            Context.Fail("the column chunk is encrypted; decrypt the file first");
        if (Chunk.FilePath is not null)
            Context.Fail($"the column chunk's pages are in another file, {Chunk.FilePath}, which is not supported");
        if (leaf.Type == PhysicalType.FixedLenByteArray && (leaf.TypeLength == 0 || leaf.TypeLength > file.Limits.MaxPageBytes))
            Context.Fail($"values of {leaf.TypeLength} bytes cannot be read; 1 to {file.Limits.MaxPageBytes} are possible");
        Context.Enter(_next, _end);
    }

    public void Dispose() => Context.Enter(0, 0);

    /// <summary>Stands before the page whose header is at <paramref name="offset"/>.</summary>
    public void Seek(long offset) => _next = offset;

    /// <summary>Reads the next page's header, and nothing else of it. False at the chunk's end.</summary>
    public bool Next()
    {
        if (_next >= _end)
            return false;
        ReadHeader();
        if (_header.CompressedSize > _end - BodyOffset)
            Context.Fail($"the page says {_header.CompressedSize} bytes; its column chunk has {_end - BodyOffset} left");
        var larger = Math.Max(_header.CompressedSize, _header.UncompressedSize);
        if (larger > file.Limits.MaxPageBytes)
            Context.Fail($"the page says {larger} bytes, over the limit of {file.Limits.MaxPageBytes}; write smaller pages or raise the limit");
        _next = BodyOffset + _header.CompressedSize;
        if (_header.Type is PageType.Data or PageType.DataV2 or PageType.Dictionary && !IsCompressed && _header.CompressedSize != _header.UncompressedSize)
            Context.Fail($"an uncompressed page says {_header.CompressedSize} bytes stored, {_header.UncompressedSize} decompressed");
        return true;
    }

    /// <summary>Reads the whole page as stored, and verifies its checksum.</summary>
    public ReadOnlySpan<byte> ReadBody(NativeBuffer buffer)
    {
        var body = new Span<byte>(buffer.Reserve(_header.CompressedSize), _header.CompressedSize);
        Context.Read(BodyOffset, body);
        if (_header.Crc is not null)
        {
            Checksum.Reset();
            Checksum.Append(body);
            VerifyChecksum();
        }
        return body;
    }

    /// <summary>Compares <see cref="Checksum"/> with the header's, if it has one.</summary>
    public void VerifyChecksum()
    {
        if (_header.Crc is uint expected && Checksum.Value != expected)
            Context.Fail($"the page's checksum is {Checksum.Value:x8}, its header says {expected:x8}; the file is damaged");
    }

    public void Decompress(ReadOnlySpan<byte> stored, byte* target, int size)
    {
        try
        {
            Codecs.Decompress(Chunk.Codec, stored, new Span<byte>(target, size));
        }
        catch (ParquetException e)
        {
            throw Located(e);
        }
    }

    /// <summary>Decompresses the page's first <paramref name="size"/> bytes, its levels.</summary>
    public void DecompressPrefix(ReadOnlySpan<byte> stored, NativeBuffer buffer, long size)
    {
        if (size < 0 || size > _header.UncompressedSize)
            Context.Fail($"the page's levels say {size} bytes; the page has {_header.UncompressedSize}");
        try
        {
            if (Codecs.DecompressPrefix(Chunk.Codec, stored, new Span<byte>(buffer.Reserve(size), (int)size)) < size)
                Context.Fail($"the page decompresses to fewer than the {size} bytes of its levels");
        }
        catch (ParquetException e)
        {
            throw Located(e);
        }
    }

    /// <summary>An error of a codec, which does not know where it stands, with the place.</summary>
    public ParquetException Located(ParquetException e) => e.Within(file.Path, Context.RowGroup, Context.Column, Context.PageOffset);

    private void ReadHeader()
    {
        Context.PageOffset = _next;
        for (var size = HeaderWindow; ; size *= 8)
        {
            var window = (int)Math.Min(size, _end - _next);
            if (_headerBytes.Length < window)
                _headerBytes = new byte[window];
            var bytes = _headerBytes.AsSpan(0, window);
            Context.Read(_next, bytes);
            try
            {
                if (PageHeader.TryParse(bytes, _next, out _header, out var length, file.Limits))
                {
                    BodyOffset = _next + length;
                    return;
                }
            }
            catch (ParquetException e)
            {
                throw Located(e);
            }
            if (window == _end - _next)
                Context.Fail("the column chunk ends within a page header");
            if (window >= file.Limits.MaxPageHeaderBytes)
                Context.Fail($"a page header of more than {file.Limits.MaxPageHeaderBytes} bytes, the reader's limit");
        }
    }
}
