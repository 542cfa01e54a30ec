using DistributedLoss.Results;

namespace DistributedLoss.Tests.Results;

public class QuantityTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1234, "1.23 k")]
    [InlineData(999_600, "1 M")]
    [InlineData(128_256_000, "128 M")]
    [InlineData(5.2e9, "5.2 G")]
    [InlineData(1e12, "1 T")]
    public void Short_numbers_have_three_digits_and_a_prefix(double value, string expected) => Assert.Equal(expected, Quantity.Short(value));

    [Theory]
    [InlineData(0.4, "0:00")]
    [InlineData(75, "1:15")]
    [InlineData(3600 * 100 + 61, "100:01:01")]
    public void Durations_go_past_a_day_in_hours(double seconds, string expected) => Assert.Equal(expected, Quantity.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void The_exact_mean_reads_back_to_the_same_bits()
    {
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            double value = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (double.IsFinite(value))
            {
                Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(double.Parse(Quantity.Exact(value))));
            }
        }
    }
}
