using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
        if (Width == 4)
        {
            Decode4((uint*)target, count);
            return;
        }
        for (var k = 0; k < Width; k++)
        {
            var from = Stream(k, count);
            var to = target + k;
            for (var i = 0; i < count; i++)
                to[(long)i * Width] = from[i];
        }
    }

    private void Pass(long count)
    {
        if (count > _count - _at)
            Context.Fail($"{count} values are asked of BYTE_STREAM_SPLIT data that has {_count - _at} left");
        _at += count;
    }

    // The bytes of values that Pass has passed already.
    private byte* Stream(int k, int count) => _values == null ? _windows[k].Take(count) : _values + k * _count + _at - count;

    private void Decode4(uint* target, int count)
    {
        var s0 = Stream(0, count);
        var s1 = Stream(1, count);
        var s2 = Stream(2, count);
        var s3 = Stream(3, count);
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (low0, low1) = Zip(Vector128.Load(s0 + i), Vector128.Load(s1 + i));
            var (high0, high1) = Zip(Vector128.Load(s2 + i), Vector128.Load(s3 + i));
            Store(target + i, low0, high0);
            Store(target + i + 8, low1, high1);
        }
        for (; i < count; i++)
            target[i] = s0[i] | (uint)s1[i] << 8 | (uint)s2[i] << 16 | (uint)s3[i] << 24;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<ushort> First, Vector128<ushort> Second) Zip(Vector128<byte> low, Vector128<byte> high)
    {
        var (low0, low1) = Vector128.Widen(low);
        var (high0, high1) = Vector128.Widen(high);
        return (low0 | high0 << 8, low1 | high1 << 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(uint* target, Vector128<ushort> low, Vector128<ushort> high)
    {
        var (low0, low1) = Vector128.Widen(low);
        var (high0, high1) = Vector128.Widen(high);
        (low0 | high0 << 16).Store(target);
        (low1 | high1 << 16).Store(target + 4);
    }

    private long CountOf(int width, long bytes)
    {
        if (bytes % width != 0)
            Context.Fail($"BYTE_STREAM_SPLIT data of {bytes} bytes is not a whole number of {width}-byte values");
        return bytes / width;
    }
}
