using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Compression;

/// <summary>
/// Snappy's block format (format_description.txt in google/snappy), straight into the caller's span. Packages that were at hand
/// return a new array for each page.
/// </summary>
internal static unsafe class SnappyDecoder
{
    // Short literals move a whole vector, past their own end but never past the destination's.
    private const int Vector = BackCopy.Vector;

    public static void Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int start = ReadLength(source, out uint length);
        if (length != (uint)destination.Length)
        {
            throw Codecs.WrongLength(CompressionCodec.Snappy, length, destination.Length);
        }
        int written = Decode(source[start..], destination);
        if (written != destination.Length)
        {
            throw Codecs.Damaged(CompressionCodec.Snappy, $"it ends after {written} of {length} bytes");
        }
    }

    public static int DecompressPrefix(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int start = ReadLength(source, out uint length);
        int wanted = (int)Math.Min(length, (uint)destination.Length);
        int written = wanted == length
            ? Decode(source[start..], destination[..wanted])
            : Decode(source[start..], destination, prefix: true);
        return written == wanted
            ? written
            : throw Codecs.Damaged(CompressionCodec.Snappy, $"it ends after {written} of {length} bytes");
    }

    private static int ReadLength(ReadOnlySpan<byte> source, out uint length)
    {
        ulong value = 0;
        for (int i = 0; i < 5 && i < source.Length; i++)
        {
            value |= (ulong)(source[i] & 0x7f) << (7 * i);
            if (source[i] < 0x80)
            {
                length = (uint)value;
                return value <= uint.MaxValue ? i + 1 : throw Codecs.Damaged(CompressionCodec.Snappy, $"its length is {value}");
            }
        }
        throw Codecs.Damaged(CompressionCodec.Snappy, "it does not begin with a length");
    }

    /// <summary>Decodes elements until the source ends, or the destination of a prefix is full; returns the bytes written.</summary>
    private static int Decode(ReadOnlySpan<byte> source, Span<byte> destination, bool prefix = false)
    {
        fixed (byte* sourceStart = source, destinationStart = destination)
        {
            byte* s = sourceStart, sourceEnd = sourceStart + source.Length;
            byte* d = destinationStart, destinationEnd = destinationStart + destination.Length;
            while (s < sourceEnd && !(prefix && d == destinationEnd))
            {
                uint tag = *s++;
                uint length = (tag >> 2) + 1;
                if ((tag & 3) == 0)
                {
                    if (length <= Vector && sourceEnd - s >= Vector && destinationEnd - d >= Vector)
                    {
                        Vector128.Store(Vector128.Load(s), d);
                        s += length;
                        d += length;
                        continue;
                    }
                    if (length > 60)
                    {
                        uint bytes = length - 60;
                        length = Little(ref s, sourceEnd, bytes) + 1;
                        if (length == 0)
                        {
                            throw Codecs.Damaged(CompressionCodec.Snappy, "a literal of 4 GiB");
                        }
                    }
                    if (length > sourceEnd - s)
                    {
                        throw Codecs.Damaged(CompressionCodec.Snappy, $"a literal of {length} bytes where {sourceEnd - s} are left");
                    }
                    length = Fit(length, destinationEnd - d, prefix);
                    Unsafe.CopyBlockUnaligned(d, s, length);
                    s += length;
                    d += length;
                    continue;
                }
                uint offset;
                if ((tag & 3) == 1)
                {
                    length = ((tag >> 2) & 7) + 4;
                    offset = ((tag >> 5) << 8) | Little(ref s, sourceEnd, 1);
                }
                else
                {
                    offset = Little(ref s, sourceEnd, (tag & 3) == 2 ? 2u : 4u);
                }
                if (offset == 0 || offset > d - destinationStart)
                {
                    throw Codecs.Damaged(CompressionCodec.Snappy, $"a copy from {offset} bytes back after {d - destinationStart}");
                }
                length = Fit(length, destinationEnd - d, prefix);
                BackCopy.Copy(d, offset, length, destinationEnd);
                d += length;
            }
            return (int)(d - destinationStart);
        }
    }

    private static uint Fit(uint length, long room, bool prefix) =>
        length <= room ? length
        : prefix ? (uint)room
        : throw Codecs.Damaged(CompressionCodec.Snappy, $"an element of {length} bytes where {room} are left");

    private static uint Little(ref byte* s, byte* end, uint bytes)
    {
        if (bytes > end - s)
        {
            throw Codecs.Damaged(CompressionCodec.Snappy, "it ends inside an element");
        }
        uint value = 0;
        for (int i = 0; i < bytes; i++)
        {
            value |= (uint)s[i] << (8 * i);
        }
        s += bytes;
        return value;
    }
}
