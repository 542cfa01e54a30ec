using System.Runtime.CompilerServices;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// One section of a page (repetition levels, definition levels or values) read from front to back: memory that holds the whole section, a
/// window over the file that is refilled as the reader goes, or piece after piece of a page that is decompressed meanwhile, where the decoder
/// wrote it. A page of hundreds of megabytes costs a window, or what its codec looks back on.
/// A pointer from a Take is valid until the next call. <see cref="NativeBuffer.Padding"/> bytes past a taken span may be loaded, never used.
/// </summary>
internal sealed unsafe class ByteFeed(PageContext context) : IDisposable
{
    private const int SkippedAtOnce = 64 << 10;
    private readonly NativeBuffer _window = new();
    private byte* _at;
    private byte* _end;

    // File offsets, or positions in the page's decompressed bytes.
    private long _sourceStart;
    private long _sourceAt;
    private long _sourceEnd;
    private PageStream? _stream;
    private int _windowBytes;
    private PageChecksum? _checksum;
    private FileAhead? _mapped;

    public PageContext Context => context;

    /// <summary>How often bytes that were taken have made room for others.</summary>
    public int Refills { get; private set; }

    /// <summary>Bytes of the section not taken yet.</summary>
    public long Left => Buffered + (_sourceEnd - _sourceAt);

    /// <summary>Bytes that can be taken without another read; in memory, all that are left.</summary>
    public long Buffered => _end - _at;

    /// <summary>How many bytes one <see cref="Take"/> gives cheaply; if they are fewer than <paramref name="unit"/>, more are read or decompressed first.</summary>
    public long Ready(long unit)
    {
        if (unit > Buffered && unit <= _windowBytes && unit <= Left)
            Refill(unit);
        return Buffered;
    }

    /// <summary>
    /// How far behind a byte that was taken, in memory, the one lies that takes its place with the next read (of a stream: of the stored bytes that the
    /// next piece is made of, as many): to be fetched into the cache, never to be read. 0 if there is none.
    /// </summary>
    public nint Ahead { get; private set; }

    public void OpenMemory(byte* start, long length)
    {
        _at = start;
        _end = start + length;
        (_sourceAt, _sourceEnd, _checksum, _stream, Ahead) = (0, 0, null, null, 0);
    }

    /// <param name="windowBytes">Bytes per read; a single larger Take grows the window.</param>
    /// <param name="checksum">Fed with every byte of the section, in order, when the page has one.</param>
    public void OpenFile(long offset, long length, int windowBytes, PageChecksum? checksum)
    {
        (_sourceStart, _sourceAt, _sourceEnd, _windowBytes, _checksum, _stream) = (offset, offset, offset + length, windowBytes, checksum, null);
        Ahead = 0;
        _at = _end = _window.Reserve(windowBytes);
    }

    /// <summary>What is left of a page that is decompressed as the section is taken.</summary>
    /// <param name="windowBytes">A larger Take is put together in a window, from pieces.</param>
    public void OpenStream(PageStream stream, int windowBytes)
    {
        (_sourceAt, _sourceEnd, _windowBytes, _checksum, _stream) = (0, stream.Left, windowBytes, null, stream);
        Ahead = 0;
        _at = _end = null;
    }

    /// <summary>The next <paramref name="count"/> bytes, contiguous.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Take(long count)
    {
        if ((ulong)count > (ulong)(_end - _at))
            Refill(count);
        var taken = _at;
        _at += count;
        return taken;
    }

    /// <summary>
    /// Up to <paramref name="want"/> contiguous bytes, as many as are at hand in whole multiples of <paramref name="unit"/>, at least one unit.
    /// </summary>
    public byte* TakeSome(long want, int unit, out long got)
    {
        if (_end - _at < Math.Min(want, unit))
            Refill(Math.Min(want, unit));
        got = Math.Min(want, _end - _at);
        if (got < want)
            got -= got % unit;
        var taken = _at;
        _at += got;
        return taken;
    }

    /// <summary>Takes copies of the last <paramref name="period"/> bytes that were taken, which are still at hand; at most <paramref name="most"/>, and how many they were.</summary>
    public long TakeRepeated(int period, long most)
    {
        var bytes = period <= 0 ? 0 : Math.Min(most, Buffered / period) * period;
        var at = 0L;
        while (at + sizeof(ulong) <= bytes && Unsafe.ReadUnaligned<ulong>(_at + at) == Unsafe.ReadUnaligned<ulong>(_at + at - period))
            at += sizeof(ulong);
        while (at < bytes && _at[at] == _at[at - period])
            at++;
        var copies = period <= 0 ? 0 : at / period;
        _at += copies * period;
        return copies;
    }

    public byte TakeByte() => *Take(1);

    public int TakeInt32() => Unsafe.ReadUnaligned<int>(Take(4));

    /// <summary>An unsigned LEB128 number of at most 32 bits (Parquet: Encodings, ULEB128).</summary>
    public uint TakeVarint()
    {
        var result = 0u;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = TakeByte();
            if (shift == 28 && b > 0x0f)
                break;
            result |= (uint)(b & 0x7f) << shift;
            if (b < 0x80)
                return result;
        }
        context.Fail("a variable-length number has more than 32 bits");
        return 0;
    }

    /// <summary>A zigzag LEB128 number of at most 64 bits.</summary>
    public long TakeZigZag64()
    {
        var result = 0ul;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = TakeByte();
            if (shift == 63 && b > 1)
                break;
            result |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return (long)(result >> 1) ^ -(long)(result & 1);
        }
        context.Fail("a variable-length number has more than 64 bits");
        return 0;
    }

    /// <summary>Passes over bytes; they are still read where a checksum or a decoder wants them.</summary>
    public void Skip(long count)
    {
        if (count > Left)
            FailShort(count);
        while ((_checksum != null || _stream != null) && count > Buffered)
        {
            count -= Buffered;
            _at = _end;
            Refill(Math.Min(Math.Min(count, _windowBytes), SkippedAtOnce));
        }
        var buffered = Math.Min(count, Buffered);
        _at += buffered;
        _sourceAt += count - buffered;
    }

    public void Dispose()
    {
        _mapped?.Dispose();
        _window.Dispose();
    }

    // Moves what is left to the front of the window and reads behind it, up to the window's size or what the Take needs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refill(long need)
    {
        if (need < 0 || need > Left)
            FailShort(need);
        if (_stream != null && need <= _windowBytes)
        {
            TakePieces(need);
            return;
        }
        Refills++;
        var kept = Buffered;
        if (need > _window.Capacity)
            GrowWindow(need);
        else
            Buffer.MemoryCopy(_at, _window.Start, _window.Capacity, kept);
        var target = _window.Start + kept;
        var read = _stream != null ? need - kept : Math.Min(Math.Max(_windowBytes, need) - kept, _sourceEnd - _sourceAt);
        if (_stream != null)
            _stream.Read(target, read);
        else
            context.Read(_sourceAt, new Span<byte>(target, (int)read));
        _checksum?.Append(new ReadOnlySpan<byte>(target, (int)read));
        _sourceAt += read;
        _at = _window.Start;
        _end = target + read;
        if (_stream == null)
            FindAhead();
    }

    // A first read tells nothing of a second: who looks at one row maps nothing.
    private void FindAhead()
    {
        if (_mapped == null && _sourceAt - _sourceStart > _windowBytes)
            _mapped = context.File!.OpenAhead();
        var next = _mapped == null ? 0 : _mapped.Map(_sourceAt, _windowBytes, context.File!.Length);
        Ahead = next == 0 ? 0 : next - (nint)_window.Start;
    }

    // What is left of the last piece stays before the next: the decoder sees to it.
    private void TakePieces(long need)
    {
        while (Buffered < need)
        {
            var kept = (int)Buffered;
            var piece = _stream!.Take(kept, out var count);
            _at = piece - kept;
            _end = piece + count;
            _sourceAt += count;
        }
        var next = _stream!.Ahead;
        Ahead = next == 0 ? 0 : next - (nint)_at;
    }

    private void GrowWindow(long need)
    {
        var kept = new byte[Buffered];
        new ReadOnlySpan<byte>(_at, kept.Length).CopyTo(kept);
        kept.CopyTo(new Span<byte>(_window.Reserve(need), kept.Length));
    }

    private void FailShort(long need) =>
        context.Fail($"the page's data ends early: {need} more bytes are needed, {Left} are left");
}
