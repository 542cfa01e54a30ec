using DistributedLoss.Parquet.Pages;

namespace DistributedLoss.Parquet.Tests.Pages;

public class LegacyLevelsTests
{
    [Fact]
    public unsafe void Levels_packed_from_the_highest_bit_read_as_the_specification_shows()
    {
        // Parquet, Encodings, "Bit-packed (deprecated)": the numbers 0 to 7 in three bits are 00000101 00111001 01110111.
        byte[] levels = [0b00000101, 0b00111001, 0b01110111];
        using var buffer = new NativeBuffer();
        var feed = new ByteFeed(new PageContext(null, "x"));
        fixed (byte* start = levels)
            LegacyLevels.Open(feed, buffer, start, width: 3, values: 8);
        var runs = new HybridRuns(feed);
        runs.Open(3, 7, 8);
        var values = new uint[8];
        runs.Expand(values);
        Assert.Equal([0u, 1, 2, 3, 4, 5, 6, 7], values);
        Assert.Equal(3, LegacyLevels.ByteLength(3, 8));
    }
}
