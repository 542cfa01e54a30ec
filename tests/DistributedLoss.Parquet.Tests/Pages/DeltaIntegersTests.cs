using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Tests.Pages;

public class DeltaIntegersTests
{
    [Fact]
    public void The_specifications_example_is_read()
    {
        // Parquet, Encodings, "Delta encoding", example 2: 7, 5, 3, 1, 2, 3, 4, 5. Header: block 128, 4 miniblocks, 8 values, first 7 (zigzag 14).
        // Block: minimum -2 (zigzag 3), bit widths 2 0 0 0; deltas over the minimum 0 0 0 3 3 3 3, padded to 32 values of two bits.
        Assert.Equal([7, 5, 3, 1, 2, 3, 4, 5], Read("8001" + "04" + "08" + "0e" + "03" + "02000000" + "c03f000000000000"));
    }

    [Fact]
    public void A_single_value_needs_no_block() => Assert.Equal([-1L], Read("8001" + "04" + "01" + "01"));

    [Fact]
    public void Arithmetic_wraps() =>
        Assert.Equal([long.MinValue, long.MaxValue], Read("8001" + "04" + "02" + "ffffffffffffffffff01" + "01" + "00000000"));

    [Theory]
    [InlineData("8101040800", "multiples of 128 and 32")]
    [InlineData("8001030800", "multiples of 128 and 32")]
    [InlineData("8001000800", "multiples of 128 and 32")]
    [InlineData("80808008040800", "multiples of 128 and 32")]
    [InlineData("8001040800" + "00" + "41000000", "65-bit values")]
    [InlineData("8001040800" + "00" + "08000000" + "ff", "ends early")]
    public void Damaged_blocks_are_refused(string hex, string message)
    {
        var refusal = Assert.Throws<ParquetException>(() => Read(hex));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    private static unsafe List<long> Read(string hex)
    {
        byte[] bytes = [.. Convert.FromHexString(hex), .. new byte[8]];
        fixed (byte* start = bytes)
        {
            var feed = new ByteFeed(new PageContext(null, "x"));
            feed.OpenMemory(start, bytes.Length - 8);
            var integers = new DeltaIntegers(feed);
            integers.Open();
            var values = new List<long>();
            while (integers.Left > 0)
                values.Add(integers.Take());
            return values;
        }
    }
}
