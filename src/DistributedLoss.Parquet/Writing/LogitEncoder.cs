using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DistributedLoss.Parquet.Writing;

/// <summary>Logits as the little-endian bytes of their stored type, each rounded once, to nearest, ties to even.</summary>
public static class LogitEncoder
{
    /// <summary>Encodes float64 logits into logits.Length times the type's width bytes.</summary>
    public static void Encode(ReadOnlySpan<double> logits, LogitType type, Span<byte> destination)
    {
        switch (type)
        {
            case LogitType.Float64 when BitConverter.IsLittleEndian:
                MemoryMarshal.AsBytes(logits).CopyTo(destination);
                break;
            case LogitType.Float64:
                for (int i = 0; i < logits.Length; i++)
                {
                    BinaryPrimitives.WriteDoubleLittleEndian(destination[(8 * i)..], logits[i]);
                }
                break;
            case LogitType.Float32:
                for (int i = 0; i < logits.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(destination[(4 * i)..], (float)logits[i]);
                }
                break;
            case LogitType.Float16:
                for (int i = 0; i < logits.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(destination[(2 * i)..], (Half)logits[i]);
                }
                break;
            default:
                for (int i = 0; i < logits.Length; i++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(destination[(2 * i)..], ToBFloat16(RoundToOdd(logits[i])));
                }
                break;
        }
    }

    /// <summary>Encodes float32 logits into logits.Length times the type's width bytes.</summary>
    public static void Encode(ReadOnlySpan<float> logits, LogitType type, Span<byte> destination)
    {
        switch (type)
        {
            case LogitType.Float32 when BitConverter.IsLittleEndian:
                MemoryMarshal.AsBytes(logits).CopyTo(destination);
                break;
            case LogitType.Float32:
                for (int i = 0; i < logits.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(destination[(4 * i)..], logits[i]);
                }
                break;
            case LogitType.Float64:
                for (int i = 0; i < logits.Length; i++)
                {
                    BinaryPrimitives.WriteDoubleLittleEndian(destination[(8 * i)..], logits[i]);
                }
                break;
            case LogitType.Float16:
                for (int i = 0; i < logits.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(destination[(2 * i)..], (Half)logits[i]);
                }
                break;
            default:
                for (int i = 0; i < logits.Length; i++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(destination[(2 * i)..], ToBFloat16(logits[i]));
                }
                break;
        }
    }

    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
        {
            // Rounding a NaN's payload up could carry into the exponent; the quiet bit keeps a truncated one a NaN.
            return (ushort)((bits >> 16) | 0x40);
        }
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    // Rounding to odd first keeps the second rounding from seeing a tie that is none (Boldo and Melquiond 2008).
    private static float RoundToOdd(double value)
    {
        float nearest = (float)value;
        if (nearest == value || !float.IsFinite(nearest) || (BitConverter.SingleToUInt32Bits(nearest) & 1) != 0)
        {
            return nearest;
        }
        return nearest < value ? MathF.BitIncrement(nearest) : MathF.BitDecrement(nearest);
    }
}
