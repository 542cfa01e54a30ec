namespace DistributedLoss.Numerics.Tests;

/// <summary>Against the framework's searches, at every length and place that vectors and their rests can meet.</summary>
public sealed class ScanTests
{
    [Fact]
    public void Finds_what_the_framework_finds()
    {
        for (var length = 0; length < 40; length++)
        {
            for (var place = -1; place < length; place++)
            {
                var wide = new long[length];
                var narrow = new uint[length];
                var bytes = new byte[3 * length];
                Array.Fill(bytes, (byte)7);
                var ranks = new int[length];
                Array.Fill(ranks, 5);
                if (place >= 0)
                {
                    wide[place] = long.MinValue;
                    narrow[place] = 1;
                    bytes[3 * place] = 8;
                    ranks[place] = length % 2 == 0 ? 4 : 10;
                }

                Assert.Equal(place, Scan.FirstNonzero(wide));
                Assert.Equal(place, Scan.LastNonzero(wide));
                Assert.Equal(place, Scan.FirstNonzero(narrow));
                Assert.Equal(place, Scan.LastNonzero(narrow));
                Assert.Equal(place < 0, Scan.AreAll(bytes, 7));
                Assert.Equal(place, Scan.FirstOutside(ranks, 5, 9));
            }
        }
    }

    [Theory]
    [InlineData(-1, int.MaxValue)]
    [InlineData(0, int.MaxValue)]
    [InlineData(1, int.MaxValue)]
    [InlineData(int.MinValue, int.MaxValue)]
    [InlineData(-1, -1)]
    [InlineData(-1, 9)]
    public void Knows_the_ends_of_the_integers(int least, int most)
    {
        int[] values = [int.MinValue, int.MinValue + 1, -2, -1, 0, 1, 9, 10, int.MaxValue - 1, int.MaxValue];
        foreach (var value in values)
        {
            var span = new int[11];
            Array.Fill(span, Math.Clamp(0, least, most));
            span[8] = value;
            Assert.Equal(span.AsSpan().IndexOfAnyExceptInRange(least, most), Scan.FirstOutside(span, least, most));
        }
    }
}
