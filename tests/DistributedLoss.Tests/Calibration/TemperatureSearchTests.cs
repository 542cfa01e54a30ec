using DistributedLoss.Calibration;

namespace DistributedLoss.Tests.Calibration;

/// <summary>The search by itself, over losses that are made up.</summary>
public class TemperatureSearchTests
{
    /// <summary>One row of two classes in many: at T the label has the odds exp(gap / T), and a share of the rows is labelled right.</summary>
    private static TemperaturePoint Binary(double temperature, double gap, double right)
    {
        double x = gap / temperature;
        double p = 1 / (1 + Math.Exp(-x));
        return new TemperaturePoint(temperature, 0, x * (p - right), x * x * p * (1 - p), 0);
    }

    [Fact]
    public void Minima_far_and_near_end_between_neighbours_in_a_few_passes()
    {
        // Where the share of right rows is the logistic of g, the least loss is at gap / g.
        foreach (double gap in new[] { 1e-12, 1e-5, 0.03, 0.3, 0.99, 1, 1.5, 7, 100, 1e4, 1e9, 1e15 })
        {
            foreach (double g in new[] { 0.1, 1, 3 })
            {
                var (search, passes) = Run(t => Binary(t, gap, 1 / (1 + Math.Exp(-g))));
                Assert.Equal(SearchEnd.Minimum, search.End);
                var (low, high) = search.Bracket;
                Assert.True(low.Temperature == high.Temperature || Math.BitIncrement(low.Temperature) == high.Temperature);
                Assert.Equal(gap / g, low.Temperature, 1e-13 * gap / g);
                Assert.True(passes <= (gap is > 0.2 and < 50 ? 7 : 14), $"{gap} {g}: {passes} passes");
            }
        }
    }

    [Fact]
    public void Rounding_that_moves_the_sign_about_ends_between_neighbours_all_the_same()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            double gap = Math.Exp((random.NextDouble() - 0.5) * 6);
            double noise = Math.Pow(10, -16 + (6 * random.NextDouble()));

            // The same at the same temperature, as sums over rows are.
            double Noise(double t) => noise * ((new Random(BitConverter.DoubleToInt64Bits(t).GetHashCode() ^ seed).NextDouble() * 2) - 1);
            var (search, passes) = Run(t => Binary(t, gap, 0.7) is var p ? p with { Slope = p.Slope + Noise(t) } : p);
            var (low, high) = search.Bracket;
            Assert.True(low.Slope > 0 && high.Slope < 0 && Math.BitIncrement(low.Temperature) == high.Temperature);
            Assert.InRange(passes, 3, 40);
            Assert.Equal(gap / Math.Log(0.7 / 0.3), low.Temperature, 100 * noise * gap);
        }
    }

    [Fact]
    public void Every_proposal_is_new_rises_and_keeps_within_what_is_known()
    {
        var search = new TemperatureSearch();
        var seen = new HashSet<double>();
        while (search.Next.Count > 0)
        {
            Assert.Equal(search.Next.Order(), search.Next);
            Assert.All(search.Next, t => Assert.True(seen.Add(t), $"{t:R} again"));
            Assert.InRange(search.Next.Count, 1, 6);
            search.Take([.. search.Next.Select(t => Binary(t, 3.3, 0.8))]);
        }

        Assert.Equal(seen.Order(), search.Points.Select(p => p.Temperature));
    }

    [Fact]
    public void A_slope_of_0_is_the_minimum_itself()
    {
        var (search, passes) = Run(t => new TemperaturePoint(t, 0, t < 2 ? 1 : t > 2 ? -1 : 0, 1, 0));
        Assert.Equal((2.0, 2.0, 1), (search.Bracket.Low.Temperature, search.Bracket.High.Temperature, passes));
    }

    [Theory]
    [InlineData(1, 1e-3, SearchEnd.Infinity)]
    [InlineData(-1, 1e-3, SearchEnd.Zero)]
    [InlineData(0, 0, SearchEnd.Flat)]
    [InlineData(double.NaN, 1, SearchEnd.Undefined)]
    [InlineData(1, double.PositiveInfinity, SearchEnd.Undefined)]
    public void What_has_no_minimum_is_told_apart(double slope, double curvature, SearchEnd end)
    {
        var (search, passes) = Run(t => new TemperaturePoint(t, 0, slope, curvature, 0));
        Assert.Equal(end, search.End);
        Assert.InRange(passes, 1, 3);
        Assert.Throws<InvalidOperationException>(() => search.Bracket);
    }

    [Fact]
    public void Probabilities_that_became_0_and_1_are_no_minimum()
    {
        // Slope and curvature underflow together.
        var (search, _) = Run(t => t < 0.6 ? new TemperaturePoint(t, 0, 0, 0, 0) : new TemperaturePoint(t, 0, -1e-300, 1e-300, 0));
        Assert.Equal(SearchEnd.Zero, search.End);
    }

    [Fact]
    public void Points_at_other_temperatures_are_refused() =>
        Assert.Throws<ArgumentException>(() => new TemperatureSearch().Take([new TemperaturePoint(3, 0, 1, 1, 0)]));

    private static (TemperatureSearch Search, int Passes) Run(Func<double, TemperaturePoint> evaluate)
    {
        var search = new TemperatureSearch();
        int passes = 0;
        while (search.Next.Count > 0)
        {
            Assert.True(++passes < 100, $"no end: {string.Join(", ", search.Next)}");
            search.Take([.. search.Next.Select(evaluate)]);
        }

        return (search, passes);
    }
}
