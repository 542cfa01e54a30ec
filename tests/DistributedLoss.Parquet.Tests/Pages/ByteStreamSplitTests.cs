using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Tests.Pages;

public class ByteStreamSplitTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(5)]
    public unsafe void Byte_k_of_value_i_stands_at_place_i_of_stream_k(int width)
    {
        const int Taken = 64 * 2 + 32 + 16 + 7;
        const int Count = 2 + Taken * 3;
        var split = new byte[width * Count];
        for (var k = 0; k < width; k++)
        {
            for (var i = 0; i < Count; i++)
                split[(k * Count) + i] = (byte)((i * 7) + (k * 50));
        }
        using var values = new ByteStreamSplitValues(new PageContext(null, "x"));
        fixed (byte* start = split)
        {
            values.OpenMemory(width, start, split.Length);
            values.Skip(2);
            for (var i = 2; i < Count; i += Taken)
            {
                var taken = values.Take(Taken);
                for (var b = 0; b < Taken * width; b++)
                    Assert.Equal((byte)(((i + (b / width)) * 7) + (b % width * 50)), taken[b]);
            }
        }
        Assert.Throws<ParquetException>(() => values.Take(1));
    }
}
