using System.Buffers;
using System.Buffers.Binary;

namespace DistributedLoss.Numerics.Summation;

/// <summary>Little-endian writes, the counterpart of <see cref="ByteReader"/>.</summary>
internal static class ByteWriter
{
    public static void WriteByte(this IBufferWriter<byte> output, byte value)
    {
        output.GetSpan(sizeof(byte))[0] = value;
        output.Advance(sizeof(byte));
    }

    public static void WriteInt16(this IBufferWriter<byte> output, short value)
    {
        BinaryPrimitives.WriteInt16LittleEndian(output.GetSpan(sizeof(short)), value);
        output.Advance(sizeof(short));
    }

    public static void WriteUInt16(this IBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(sizeof(ushort)), value);
        output.Advance(sizeof(ushort));
    }

    public static void WriteInt32(this IBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }

    public static void WriteInt64(this IBufferWriter<byte> output, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), value);
        output.Advance(sizeof(long));
    }

    public static void WriteDouble(this IBufferWriter<byte> output, double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), value);
        output.Advance(sizeof(double));
    }
}
