using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Parquet.Tests.Writing;

public class HybridEncoderTests
{
    [Fact]
    public void The_specifications_example_of_bit_packing_comes_out_as_printed()
    {
        // Encodings.md: 0 to 7 in three bits each are 10001000 11000110 11111010, here behind the header of one group.
        var encoder = new HybridEncoder(7);
        for (uint i = 0; i < 8; i++)
        {
            encoder.Append(i);
        }
        Assert.Equal([0x03, 0b10001000, 0b11000110, 0b11111010], encoder.Finish().ToArray());
    }

    [Fact]
    public void Long_runs_are_runs_and_short_ones_fill_a_group_first()
    {
        var encoder = new HybridEncoder(1);
        encoder.Append(0);
        encoder.Append(1, 1000);
        encoder.Append(0, 3);
        // One group of 0 and seven 1s, a run of 993 1s (varint 993 << 1 = 1986), a group of three 0s with padding.
        Assert.Equal([0x03, 0b11111110, 0xc2, 0x0f, 0x01, 0x03, 0x00], encoder.Finish().ToArray());
    }

    [Fact]
    public void A_run_of_a_wide_value_takes_whole_bytes()
    {
        var encoder = new HybridEncoder(0x3ff);
        encoder.Append(0x2a5, 8);
        Assert.Equal([0x10, 0xa5, 0x02], encoder.Finish().ToArray());
        encoder.Clear();
        Assert.Empty(encoder.Finish().ToArray());
    }
}
