using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Parquet.Compression;

/// <summary>The copies of LZ4 and Snappy from what has been decompressed already.</summary>
internal static unsafe class BackCopy
{
    /// <summary>Copies move whole vectors, past their own end but never past the room's.</summary>
    public const int Vector = 16;

    /// <summary>Copies <paramref name="length"/> bytes from <paramref name="offset"/> bytes back; source and target may overlap, which repeats a pattern.</summary>
    /// <param name="roomEnd">Nothing is written from here on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* d, uint offset, long length, byte* roomEnd)
    {
        var from = d - offset;
        var end = d + length;
        if (roomEnd - end < Vector)
        {
            while (d < end)
                *d++ = *from++;
            return;
        }
        // Each step makes the pattern twice as long, until a vector of it is whole.
        while (d - from < Vector && d < end)
        {
            var period = d - from;
            Vector128.Store(Vector128.Load(from), d);
            d += period;
        }
        while (d < end)
        {
            Vector128.Store(Vector128.Load(from), d);
            d += Vector;
            from += Vector;
        }
    }
}
