using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// The compressed bytes of one page, decompressed from front to back as they are asked for: stored bytes come through a window over the file,
/// so that a page of hundreds of megabytes costs that window and what the codec looks back on. With the page's last byte, its length, its
/// checksum and the codec's own checksums have been verified.
/// </summary>
internal sealed unsafe class PageStream(StoredPages pages, int maxCodecWindow) : ICompressedInput, IDisposable
{
    private const int MaxWindowBytes = 128 << 10;
    private readonly NativeBuffer _window = new();
    private StreamDecoder? _decoder;
    private CompressionCodec _codec;
    private int _windowBytes;
    private int _at;
    private int _end;
    private long _fileAt;
    private long _fileEnd;

    /// <summary>Decompressed bytes not read yet.</summary>
    public long Left { get; private set; }

    /// <summary>Starts at <paramref name="offset"/>, the page's first compressed byte. What the page's checksum covers before it has been appended.</summary>
    /// <param name="stored">Compressed bytes.</param>
    /// <param name="length">Bytes that they must decompress to.</param>
    public void Start(long offset, long stored, long length, int windowBytes)
    {
        (_fileAt, _fileEnd, _at, _end, Left) = (offset, offset + stored, 0, 0, length);
        _windowBytes = (int)Math.Min(Math.Min(windowBytes, MaxWindowBytes), stored);
        try
        {
            // A page of nulls has no values: some writers then store no compressed bytes either.
            if (length == 0)
            {
                Drain();
                return;
            }
            if (_codec != pages.Chunk.Codec)
            {
                _decoder?.Dispose();
                _decoder = null;
            }
            _codec = pages.Chunk.Codec;
            _decoder ??= StreamDecoder.Create(_codec, maxCodecWindow);
            _decoder.Start(this, length);
        }
        catch (ParquetException e)
        {
            throw pages.Located(e);
        }
    }

    public void Read(byte* target, int count)
    {
        if (count > Left)
            pages.Context.Fail($"{count} bytes are wanted of a page that has {Left} left");
        if (count == 0)
            return;
        try
        {
            _decoder!.Read(new Span<byte>(target, count));
            Left -= count;
            if (Left > 0)
                return;
            _decoder.Finish();
            Drain();
        }
        catch (ParquetException e)
        {
            throw pages.Located(e);
        }
    }

    public ReadOnlySpan<byte> Peek()
    {
        if (_at == _end)
        {
            (_at, _end) = (0, (int)Math.Min(_windowBytes, _fileEnd - _fileAt));
            var window = new Span<byte>(_window.Reserve(_windowBytes), _end);
            pages.Context.Read(_fileAt, window);
            pages.Checksum.Append(window);
            _fileAt += _end;
        }
        return new ReadOnlySpan<byte>(_window.Start + _at, _end - _at);
    }

    public void Advance(int count) => _at += count;

    public bool TryReadTail(Span<byte> tail)
    {
        if (_fileEnd - _fileAt < tail.Length)
            return false;
        pages.Context.Read(_fileEnd - tail.Length, tail);
        return true;
    }

    public void Dispose()
    {
        _decoder?.Dispose();
        _window.Dispose();
    }

    // Of a page of no values, what the decoder was never asked for.
    private void Drain()
    {
        while (Peek() is { IsEmpty: false } rest)
            Advance(rest.Length);
        pages.VerifyChecksum();
    }
}
