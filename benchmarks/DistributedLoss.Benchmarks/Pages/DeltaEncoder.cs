using System.Numerics;

namespace DistributedLoss.Benchmarks.Pages;

/// <summary>DELTA_BINARY_PACKED (Encodings.md) in blocks of 128 values and miniblocks of 32, as most writers cut them; the dump writer has no use for it.</summary>
internal static class DeltaEncoder
{
    private const int Block = 128;
    private const int Miniblock = 32;

    public static byte[] Encode(ReadOnlySpan<long> values)
    {
        var bytes = new List<byte>();
        AppendVarint(bytes, Block);
        AppendVarint(bytes, Block / Miniblock);
        AppendVarint(bytes, (ulong)values.Length);
        AppendZigZag(bytes, values[0]);
        for (int first = 1; first < values.Length; first += Block)
        {
            long[] deltas = new long[Math.Min(Block, values.Length - first)];
            for (int i = 0; i < deltas.Length; i++)
            {
                deltas[i] = values[first + i] - values[first + i - 1];
            }

            AppendBlock(bytes, deltas);
        }

        return [.. bytes];
    }

    private static void AppendBlock(List<byte> bytes, long[] deltas)
    {
        long least = deltas.Min();
        ulong[][] miniblocks = [.. deltas.Select(d => (ulong)(d - least)).Chunk(Miniblock)];
        AppendZigZag(bytes, least);
        for (int m = 0; m < Block / Miniblock; m++)
        {
            bytes.Add(m < miniblocks.Length ? (byte)Width(miniblocks[m]) : (byte)0);
        }

        foreach (ulong[] miniblock in miniblocks)
        {
            AppendPacked(bytes, miniblock, Width(miniblock));
        }
    }

    private static int Width(ulong[] values) => 64 - BitOperations.LeadingZeroCount(values.Max());

    // The last miniblock is as long as the others.
    private static void AppendPacked(List<byte> bytes, ulong[] values, int width)
    {
        byte[] packed = new byte[Miniblock * width / 8];
        for (int i = 0; i < values.Length; i++)
        {
            for (int bit = 0; bit < width; bit++)
            {
                int at = (i * width) + bit;
                packed[at / 8] |= (byte)((values[i] >> bit & 1) << (at % 8));
            }
        }

        bytes.AddRange(packed);
    }

    private static void AppendZigZag(List<byte> bytes, long value) => AppendVarint(bytes, (ulong)((value << 1) ^ (value >> 63)));

    private static void AppendVarint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
    }
}
