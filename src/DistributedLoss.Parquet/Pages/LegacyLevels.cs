namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// The BIT_PACKED levels of the oldest writers: no runs and no length, values packed from the highest bit down. They are turned into one
/// bit-packed run of the hybrid encoding, so that nothing behind this point knows of them.
/// </summary>
internal static unsafe class LegacyLevels
{
    public static long ByteLength(int width, long values) => (values * width + 7) >> 3;

    /// <summary>Opens <paramref name="feed"/> over the transcoded levels, which live in <paramref name="buffer"/>.</summary>
    public static void Open(ByteFeed feed, NativeBuffer buffer, byte* levels, int width, long values)
    {
        var groups = (values + 7) >> 3;
        var bytes = groups * width;
        var target = buffer.Reserve(5 + bytes);
        var at = target;
        for (var header = (ulong)groups << 1 | 1; ; header >>= 7)
        {
            *at++ = (byte)(header & 0x7f | (header > 0x7f ? 0x80u : 0));
            if (header <= 0x7f)
                break;
        }
        new Span<byte>(at, (int)bytes).Clear();
        for (long value = 0, bit = 0; value < values; value++)
        {
            for (var k = width - 1; k >= 0; k--, bit++)
            {
                var set = (levels[bit >> 3] >> (int)(7 - (bit & 7))) & 1;
                var to = value * width + k;
                at[to >> 3] |= (byte)(set << (int)(to & 7));
            }
        }
        feed.OpenMemory(target, at - target + bytes);
    }
}
