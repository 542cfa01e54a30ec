using System.Buffers.Binary;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Writing;

public class LogitEncoderTests
{
    // Computed with Python's fractions: nearest bfloat16, ties to even, straight from the double. Three are close enough to a tie that
    // rounding to float32 first goes the wrong way.
    [Theory]
    [InlineData(1.0, 0x3f80)]
    [InlineData(1.00390625, 0x3f80)]
    [InlineData(1.01171875, 0x3f82)]
    [InlineData(1.0039062500000002, 0x3f81)]
    [InlineData(1.0117187499999998, 0x3f81)]
    [InlineData(-1.0039062500000002, 0xbf81)]
    [InlineData(3.4e38, 0x7f80)]
    [InlineData(3.389e38, 0x7f7f)]
    [InlineData(1e300, 0x7f80)]
    [InlineData(double.NegativeInfinity, 0xff80)]
    [InlineData(-0.0, 0x8000)]
    [InlineData(9.2e-41, 0x0001)]
    public void Doubles_become_the_nearest_bfloat16(double value, int expected) => Assert.Equal(expected, Encode(value, LogitType.BFloat16));

    // Python's struct.pack("<e", value), which rounds once.
    [Theory]
    [InlineData(1.00048828125, 0x3c00)]
    [InlineData(1.0004882812500002, 0x3c01)]
    [InlineData(65519.99, 0x7bff)]
    [InlineData(-2.9802322387695312e-08, 0x8000)]
    [InlineData(2.980232238769532e-08, 0x0001)]
    public void Doubles_become_the_nearest_float16(double value, int expected) => Assert.Equal(expected, Encode(value, LogitType.Float16));

    [Fact]
    public void NaN_stays_NaN_in_every_type()
    {
        Assert.True(BitConverter.UInt16BitsToHalf((ushort)Encode(double.NaN, LogitType.Float16)) is var half && Half.IsNaN(half));
        int bits = Encode(BitConverter.UInt32BitsToSingle(0x7f800001), LogitType.BFloat16);
        Assert.True(float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits << 16)));
        bits = Encode(BitConverter.UInt32BitsToSingle(0xffffffff), LogitType.BFloat16);
        Assert.True(float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits << 16)));
    }

    private static int Encode(double value, LogitType type)
    {
        byte[] bytes = new byte[2];
        LogitEncoder.Encode([value], type, bytes);
        if ((float)value == value)
        {
            byte[] single = new byte[2];
            LogitEncoder.Encode([(float)value], type, single);
            Assert.Equal(bytes, single);
        }
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }
}
