using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// BYTE_STREAM_SPLIT: byte k of every value stands in stream k, one stream after the other. Each of the streams is read from front to back,
/// in memory or through its own file window, so that an uncompressed page is never held whole.
/// </summary>
internal sealed unsafe class ByteStreamSplitValues(PageContext context) : DecodedValues(context)
{
    private readonly List<ByteFeed> _streams = [];

    /// <summary>The page's values in memory.</summary>
    public void OpenMemory(int width, byte* values, long bytes)
    {
        var count = Split(width, bytes);
        for (var k = 0; k < width; k++)
            _streams[k].OpenMemory(values + k * count, count);
    }

    /// <summary>The page's values in the file, <paramref name="windowBytes"/> in memory at a time over all streams.</summary>
    public void OpenFile(int width, long offset, long bytes, int windowBytes)
    {
        var count = Split(width, bytes);
        for (var k = 0; k < width; k++)
            _streams[k].OpenFile(offset + k * count, count, Math.Max(16, windowBytes / width), null);
    }

    public override void Skip(long count)
    {
        for (var k = 0; k < Width; k++)
            _streams[k].Skip(count);
    }

    public override void Dispose()
    {
        base.Dispose();
        _streams.ForEach(stream => stream.Dispose());
    }

    protected override void Decode(byte* target, int count)
    {
        if (Width == 4)
            Decode4((uint*)target, count);
        else
        {
            for (var k = 0; k < Width; k++)
            {
                var from = _streams[k].Take(count);
                var to = target + k;
                for (var i = 0; i < count; i++)
                    to[(long)i * Width] = from[i];
            }
        }
    }

    private void Decode4(uint* target, int count)
    {
        var s0 = _streams[0].Take(count);
        var s1 = _streams[1].Take(count);
        var s2 = _streams[2].Take(count);
        var s3 = _streams[3].Take(count);
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

    private long Split(int width, long bytes)
    {
        if (bytes % width != 0)
            Context.Fail($"BYTE_STREAM_SPLIT data of {bytes} bytes is not a whole number of {width}-byte values");
        Width = width;
        while (_streams.Count < width)
            _streams.Add(new ByteFeed(Context));
        return bytes / width;
    }
}
