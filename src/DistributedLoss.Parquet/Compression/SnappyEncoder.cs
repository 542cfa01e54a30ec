using System.Buffers.Binary;
using System.Numerics;

namespace DistributedLoss.Parquet.Compression;

/// <summary>Snappy's block format: greedy matches through a hash table, one 64 KiB block at a time, as the reference encoder does.</summary>
internal static class SnappyEncoder
{
    private const int BlockSize = 1 << 16;
    private const int TableBits = 14;

    // The last bytes of a block are always literals, so that loads of eight bytes stay inside it.
    private const int Margin = 15;

    /// <summary>The reference's bound: 32 bytes and a sixth more than the input.</summary>
    public static int MaxCompressedLength(int length) => checked(32 + length + (length / 6));

    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int d = 0;
        uint length = (uint)source.Length;
        for (; length >= 0x80; length >>= 7)
        {
            destination[d++] = (byte)(length | 0x80);
        }
        destination[d++] = (byte)length;
        Span<ushort> table = stackalloc ushort[1 << TableBits];
        while (!source.IsEmpty)
        {
            ReadOnlySpan<byte> block = source[..Math.Min(BlockSize, source.Length)];
            table.Clear();
            d += CompressBlock(block, destination[d..], table);
            source = source[block.Length..];
        }
        return d;
    }

    private static int CompressBlock(ReadOnlySpan<byte> block, Span<byte> destination, Span<ushort> table)
    {
        int d = 0, emitted = 0, limit = block.Length - Margin;
        int s = 1;
        while (TryFindMatch(block, table, limit, ref s, out int candidate))
        {
            d += Literal(block[emitted..s], destination[d..]);
            do
            {
                int matched = 4 + block[(s + 4)..].CommonPrefixLength(block[(candidate + 4)..]);
                d += Copy(s - candidate, matched, destination[d..]);
                s += matched;
                emitted = s;
            }
            while (s < limit && TryMatchHere(block, table, s, out candidate));
            s++;
        }
        return emitted < block.Length ? d + Literal(block[emitted..], destination[d..]) : d;
    }

    /// <summary>Moves <paramref name="s"/> to the next position that repeats four earlier bytes; steps grow where nothing matches.</summary>
    private static bool TryFindMatch(ReadOnlySpan<byte> block, Span<ushort> table, int limit, ref int s, out int candidate)
    {
        for (int skip = 32; s < limit; s += skip++ >> 5)
        {
            if (TryMatchHere(block, table, s, out candidate))
            {
                return true;
            }
        }
        candidate = 0;
        return false;
    }

    private static bool TryMatchHere(ReadOnlySpan<byte> block, Span<ushort> table, int s, out int candidate)
    {
        uint four = BinaryPrimitives.ReadUInt32LittleEndian(block[s..]);
        ref ushort slot = ref table[(int)((four * 0x1e35a7bdu) >> (32 - TableBits))];
        candidate = slot;
        slot = (ushort)s;
        return candidate < s && BinaryPrimitives.ReadUInt32LittleEndian(block[candidate..]) == four;
    }

    private static int Literal(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        if (bytes.IsEmpty)
        {
            return 0;
        }
        int n = bytes.Length - 1, d = 1;
        if (n < 60)
        {
            destination[0] = (byte)(n << 2);
        }
        else
        {
            int count = (BitOperations.Log2((uint)n) >> 3) + 1;
            destination[0] = (byte)((59 + count) << 2);
            for (int i = 0; i < count; i++)
            {
                destination[d++] = (byte)(n >> (8 * i));
            }
        }
        bytes.CopyTo(destination[d..]);
        return d + bytes.Length;
    }

    private static int Copy(int offset, int length, Span<byte> destination)
    {
        int d = 0;
        while (length > 0)
        {
            // A rest shorter than four bytes has no encoding with a short offset, so the one before it takes less.
            int step = length >= 68 ? 64 : length > 64 ? 60 : length;
            if (step is >= 4 and < 12 && offset < 2048)
            {
                destination[d++] = (byte)(((offset >> 8) << 5) | ((step - 4) << 2) | 1);
                destination[d++] = (byte)offset;
            }
            else
            {
                destination[d++] = (byte)(((step - 1) << 2) | 2);
                destination[d++] = (byte)offset;
                destination[d++] = (byte)(offset >> 8);
            }
            length -= step;
        }
        return d;
    }
}
