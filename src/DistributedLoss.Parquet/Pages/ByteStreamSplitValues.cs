namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// BYTE_STREAM_SPLIT: byte k of every value stands in stream k, one stream after the other. In memory the streams are addressed where they lie;
/// of a page that stays in the file, each stream passes through its own window, so that the page is never held whole.
/// </summary>
internal sealed unsafe class ByteStreamSplitValues(PageContext context) : DecodedValues(context)
{
    /// <summary>The widest value whose streams can be read from the file: each has a window.</summary>
    public const int MaxFileWidth = 8;

    private readonly List<ByteFeed> _windows = [];
    private byte* _values;
    private long _count;
    private long _at;

    /// <summary>The page's values in memory.</summary>
    public void OpenMemory(int width, byte* values, long bytes)
    {
        _values = values;
        (Width, _count, _at) = (width, CountOf(width, bytes), 0);
    }

    /// <summary>The page's values in the file, <paramref name="windowBytes"/> in memory at a time over all streams.</summary>
    public void OpenFile(int width, long offset, long bytes, int windowBytes)
    {
        _values = null;
        (Width, _count, _at) = (width, CountOf(width, bytes), 0);
        while (_windows.Count < width)
            _windows.Add(new ByteFeed(Context));
        for (var k = 0; k < width; k++)
            _windows[k].OpenFile(offset + k * _count, _count, Math.Max(16, windowBytes / width), null);
    }

    public override void Skip(long count)
    {
        Pass(count);
        for (var k = 0; _values == null && k < Width; k++)
            _windows[k].Skip(count);
    }

    public override void Dispose()
    {
        base.Dispose();
        _windows.ForEach(window => window.Dispose());
    }

    protected override void Decode(byte* target, int count)
    {
        Pass(count);
        Span<nint> streams = stackalloc nint[MaxFileWidth];
        for (var k = 0; k < Math.Min(Width, MaxFileWidth); k++)
            streams[k] = (nint)Stream(k, count);
        switch (Width)
        {
            case 2:
                ByteZip.Zip2((byte*)streams[0], (byte*)streams[1], (ushort*)target, count);
                break;
            case 4:
                ByteZip.Zip4((byte*)streams[0], (byte*)streams[1], (byte*)streams[2], (byte*)streams[3], (uint*)target, count);
                break;
            case 8:
                ByteZip.Zip8(streams, (ulong*)target, count);
                break;
            default:
                for (var k = 0; k < Width; k++)
                    Scatter(k < MaxFileWidth ? (byte*)streams[k] : Stream(k, count), target + k, count);
                break;
        }
    }

    private void Scatter(byte* from, byte* to, int count)
    {
        for (var i = 0; i < count; i++)
            to[(long)i * Width] = from[i];
    }

    private void Pass(long count)
    {
        if (count > _count - _at)
            Context.Fail($"{count} values are asked of BYTE_STREAM_SPLIT data that has {_count - _at} left");
        _at += count;
    }

    // The bytes of values that Pass has passed already.
    private byte* Stream(int k, int count) => _values == null ? _windows[k].Take(count) : _values + k * _count + _at - count;

    private long CountOf(int width, long bytes)
    {
        if (bytes % width != 0)
            Context.Fail($"BYTE_STREAM_SPLIT data of {bytes} bytes is not a whole number of {width}-byte values");
        return bytes / width;
    }
}
