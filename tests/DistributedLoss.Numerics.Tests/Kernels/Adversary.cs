using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>Blocks that mix ordinary rows with those that break kernels. Values are the stored type's, little-endian.</summary>
internal static class Adversary
{
    public static (byte[] Values, int[] Labels) Block(LogitType type, int rows, int classes, int seed)
    {
        Random random = new(seed);
        double[] logits = new double[rows * classes];
        int[] labels = new int[rows];
        for (int r = 0; r < rows; r++)
        {
            labels[r] = random.Next(12) == 0 ? -1 : random.Next(classes);
            Fill(logits.AsSpan(r * classes, classes), random, kind: r % 12);
        }

        return (Store(type, logits), labels);
    }

    public static byte[] Store(LogitType type, ReadOnlySpan<double> logits)
    {
        byte[] bytes = new byte[logits.Length * type.Size()];
        for (int i = 0; i < logits.Length; i++)
        {
            Span<byte> place = bytes.AsSpan(i * type.Size());
            double z = logits[i];
            switch (type)
            {
                case LogitType.Float16:
                    MemoryMarshal.Write(place, (Half)z);
                    break;
                case LogitType.BFloat16:
                    MemoryMarshal.Write(place, (ushort)(BitConverter.SingleToUInt32Bits((float)z) >> 16));
                    break;
                case LogitType.Float32:
                    MemoryMarshal.Write(place, (float)z);
                    break;
                default:
                    MemoryMarshal.Write(place, z);
                    break;
            }
        }

        return bytes;
    }

    private static void Fill(Span<double> row, Random random, int kind)
    {
        double scale = kind switch
        {
            1 => 0.01,
            2 => 100,
            3 => 1000,
            4 => 1e4,
            5 => 1e308,
            _ => 5,
        };
        for (int c = 0; c < row.Length; c++)
        {
            row[c] = ((random.NextDouble() * 2) - 1) * scale;
        }

        int at = random.Next(row.Length);
        switch (kind)
        {
            case 6: // ties
                for (int c = 0; c < row.Length; c++)
                {
                    row[c] = random.Next(3);
                }

                break;
            case 7: // masked classes
                for (int c = 0; c < row.Length; c++)
                {
                    row[c] = random.Next(2) == 0 ? double.NegativeInfinity : row[c];
                }

                break;
            case 8:
                row[at] = double.NaN;
                break;
            case 9:
                row[at] = double.PositiveInfinity;
                break;
            case 10:
                row.Fill(double.NegativeInfinity);
                break;
            case 11: // the last exps are subnormal, then zero
                for (int c = 0; c < row.Length; c++)
                {
                    row[c] = -700 - (random.NextDouble() * 50);
                }

                row[at] = 0;
                break;
            default:
                break;
        }
    }
}
