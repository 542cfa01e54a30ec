using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>How a page's values of a column of numbers lie in memory.</summary>
internal enum NumberFormat
{
    Float16,
    Float32,
    Float64,
    Int32,
    UInt32,
    Int64,
    UInt64,

    /// <summary>One byte, 0 or 1.</summary>
    Boolean,
}

/// <summary>Numbers of any type as float64: floats and integers of up to 2^53 exactly, larger integers rounded to nearest.</summary>
internal static class NumberFormats
{
    // 2^112: what a float16's exponent and mantissa, moved into a float32's, are short of. The product is exact, for subnormals too.
    private const uint HalfScaleBits = 0x77800000;

    public static NumberFormat? Of(SchemaLeaf leaf) =>
        leaf.Type == PhysicalType.Boolean ? NumberFormat.Boolean
        : IntegerColumnReader.IsInteger(leaf) ? (leaf.Type == PhysicalType.Int32, IntegerColumnReader.IsUnsigned(leaf)) switch
        {
            (true, false) => NumberFormat.Int32,
            (true, true) => NumberFormat.UInt32,
            (false, false) => NumberFormat.Int64,
            (false, true) => NumberFormat.UInt64,
        }
        : FloatFormats.Of(leaf) switch
        {
            FloatFormat.Float16 => NumberFormat.Float16,
            FloatFormat.Float32 => NumberFormat.Float32,
            FloatFormat.Float64 => NumberFormat.Float64,
            _ => null,
        };

    /// <summary>Bytes of one value.</summary>
    public static int Bytes(this NumberFormat format) => format switch
    {
        NumberFormat.Boolean => 1,
        NumberFormat.Float16 => 2,
        NumberFormat.Float32 or NumberFormat.Int32 or NumberFormat.UInt32 => 4,
        _ => 8,
    };

    /// <param name="from">As many values as <paramref name="to"/> holds, little-endian.</param>
    public static void Widen(this NumberFormat format, ReadOnlySpan<byte> from, Span<double> to)
    {
        switch (format)
        {
            case NumberFormat.Float64:
                from.CopyTo(MemoryMarshal.AsBytes(to));
                break;
            case NumberFormat.Float32:
                WidenFloats(MemoryMarshal.Cast<byte, float>(from), to);
                break;
            case NumberFormat.Float16:
                var halves = MemoryMarshal.Cast<byte, ushort>(from);
                for (var i = 0; i < to.Length; i++)
                    to[i] = Half(halves[i]);
                break;
            case NumberFormat.Boolean:
                for (var i = 0; i < to.Length; i++)
                    to[i] = from[i];
                break;
            case NumberFormat.Int32:
                WidenIntegers<int>(from, to);
                break;
            case NumberFormat.UInt32:
                WidenIntegers<uint>(from, to);
                break;
            case NumberFormat.Int64:
                WidenIntegers<long>(from, to);
                break;
            default:
                WidenIntegers<ulong>(from, to);
                break;
        }
    }

    private static void WidenFloats(ReadOnlySpan<float> from, Span<double> to)
    {
        var i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(from[i..]), out var low, out var high);
            low.CopyTo(to[i..]);
            high.CopyTo(to[(i + Vector<double>.Count)..]);
        }
        for (; i < to.Length; i++)
            to[i] = from[i];
    }

    private static void WidenIntegers<T>(ReadOnlySpan<byte> from, Span<double> to)
        where T : unmanaged, INumberBase<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(from);
        for (var i = 0; i < to.Length; i++)
            to[i] = double.CreateTruncating(values[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Half(ushort bits)
    {
        var magnitude = BitConverter.UInt32BitsToSingle((uint)(bits & 0x7fff) << 13) * BitConverter.UInt32BitsToSingle(HalfScaleBits);
        // Exponent 31 stands for infinities and NaN; scaled it is a number of 65536 and above, which no float16 is.
        if (magnitude >= 65536)
            magnitude = BitConverter.UInt32BitsToSingle(((uint)(bits & 0x7fff) << 13) | 0x7f800000);
        return (bits & 0x8000) != 0 ? -magnitude : magnitude;
    }
}
