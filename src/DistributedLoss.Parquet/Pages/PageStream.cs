using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// The compressed bytes of one page, decompressed from front to back as they are asked for: stored bytes come through a window over the file,
/// so that a page of hundreds of megabytes costs that window and what the codec looks back on. With the page's last byte, its length, its
/// checksum and the codec's own checksums have been verified.
/// </summary>
internal sealed unsafe class PageStream(StoredPages pages, int maxCodecWindow, int windowBytes) : ICompressedInput, IDisposable
{
    // Stored bytes, a piece of their values, and what a kernel needs beside them fit a level-2 cache of a megabyte.
    private const int MostInputBytes = 128 << 10;
    private const int MostPieceBytes = 256 << 10;
    private readonly NativeBuffer _window = new();
    private StreamDecoder? _decoder;
    private CompressionCodec _codec;
    private int _at;
    private int _end;
    private long _fileStart;
    private long _fileAt;
    private long _fileEnd;
    private uint _checksumBefore;
    private FileAhead? _mapped;
    private byte* _piece;
    private int _pieceLeft;
    private long _undecoded;

    /// <summary>Decompressed bytes not read yet.</summary>
    public long Left => _pieceLeft + _undecoded;

    /// <summary>
    /// Where the stored bytes of about one more piece can be fetched into the cache while this one is evaluated, never to be read; 0 if they cannot.
    /// </summary>
    public nint Ahead
    {
        get
        {
            // Who looks at one row maps nothing.
            if (_fileAt - _fileStart <= MostPieceBytes || _fileAt == _fileEnd)
                return 0;
            _mapped ??= pages.Context.File!.OpenAhead();
            return _mapped == null ? 0 : _mapped.Map(_fileAt, Math.Min(MostPieceBytes, _fileEnd - _fileAt), pages.Context.File!.Length);
        }
    }

    private int InputBytes => Math.Min(windowBytes, MostInputBytes);

    /// <summary>Starts at <paramref name="offset"/>, the page's first compressed byte. What the page's checksum covers before it has been appended.</summary>
    /// <param name="stored">Compressed bytes.</param>
    /// <param name="length">Bytes that they must decompress to.</param>
    /// <param name="whole">Whether <see cref="Take"/> is to give all of them at once.</param>
    public void Start(long offset, long stored, int length, bool whole = false)
    {
        (_fileStart, _fileEnd, _checksumBefore) = (offset, offset + stored, pages.Checksum.Value);
        (_pieceLeft, _undecoded) = (0, length);
        Rewind();
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
            _decoder ??= StreamDecoder.Create(_codec, maxCodecWindow, windowBytes);
            _decoder.Start(this, length, whole ? length : Math.Min(windowBytes, MostPieceBytes));
        }
        catch (ParquetException e)
        {
            throw pages.Located(e);
        }
    }

    /// <summary>Copies the next <paramref name="count"/> bytes to <paramref name="target"/>.</summary>
    public void Read(byte* target, long count)
    {
        if (count > Left)
            pages.Context.Fail($"{count} bytes are wanted of a page that has {Left} left");
        while (count > 0)
        {
            if (_pieceLeft == 0)
                Decode(0);
            var n = Math.Min(count, _pieceLeft);
            Buffer.MemoryCopy(_piece, target, n, n);
            _piece += n;
            _pieceLeft -= (int)n;
            target += n;
            count -= n;
        }
    }

    /// <summary>Hands out the next bytes, a piece of them, where they were decompressed; not to be called at the page's end.</summary>
    /// <param name="kept">The last bytes handed out that are still needed: they stand before the next ones then.</param>
    /// <returns>The first of the next bytes; valid until the next call.</returns>
    public byte* Take(int kept, out int count)
    {
        if (_pieceLeft == 0)
            Decode(kept);
        (var taken, count) = ((nint)_piece, _pieceLeft);
        _piece += count;
        _pieceLeft = 0;
        return (byte*)taken;
    }

    public ReadOnlySpan<byte> Peek(int least, int most)
    {
        if (_end - _at < least && _fileAt < _fileEnd)
            ReadOn(least, most);
        return new ReadOnlySpan<byte>(_window.Start + _at, _end - _at);
    }

    public void Advance(int count) => _at += count;

    public void Rewind()
    {
        (_fileAt, _at, _end) = (_fileStart, 0, 0);
        pages.Checksum.Reset(_checksumBefore);
    }

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
        _mapped?.Dispose();
        _window.Dispose();
    }

    private void Decode(int kept)
    {
        try
        {
            _piece = _decoder!.More(kept, out _pieceLeft);
            _undecoded -= _pieceLeft;
            if (_undecoded > 0)
                return;
            _decoder.Finish();
            Drain();
        }
        catch (ParquetException e)
        {
            throw pages.Located(e);
        }
    }

    // What is left of the window moves to its front.
    private void ReadOn(int least, int most)
    {
        var kept = new ReadOnlySpan<byte>(_window.Start + _at, _end - _at);
        var read = (int)Math.Min(Math.Max(least, Math.Min(most, InputBytes)) - kept.Length, _fileEnd - _fileAt);
        if (kept.Length + read > _window.Capacity)
        {
            var few = kept.ToArray();
            _window.Reserve(Math.Max(few.Length + read, InputBytes));
            kept = few;
        }
        kept.CopyTo(new Span<byte>(_window.Start, kept.Length));
        var target = new Span<byte>(_window.Start + kept.Length, read);
        pages.Context.Read(_fileAt, target);
        pages.Checksum.Append(target);
        _fileAt += read;
        (_at, _end) = (0, kept.Length + read);
    }

    // Of a page of no values, what the decoder was never asked for.
    private void Drain()
    {
        while (Peek(1, MostInputBytes) is { IsEmpty: false } rest)
            Advance(rest.Length);
        pages.VerifyChecksum();
    }
}
