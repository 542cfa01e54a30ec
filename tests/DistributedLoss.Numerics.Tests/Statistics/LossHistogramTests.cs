using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class LossHistogramTests
{
    private const double Inf = double.PositiveInfinity;

    private static readonly double[] Fractions = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

    private static readonly Mergeable<LossHistogram, double> Laws = new(
        () => new LossHistogram(), (all, losses) => all.Add(losses), (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output), LossHistogram.Read);

    [Fact]
    public void Order_and_merging_change_no_byte()
    {
        Laws.AssertOrderAndMergingChangeNoByte(Loss);
        Laws.AssertOrderAndMergingChangeNoByte(Samples.Finite, 20);
    }

    [Fact]
    public void Every_part_counts_once()
    {
        Laws.AssertPartsCountOnce([0.1, 0.7], [3, 0, Inf, -1e-3]);
        Laws.AssertPartsCountOnce([double.NaN], [1e300, 1e-300, -Inf]);
        Laws.AssertClearedIsNew([0.1, 1e9, double.NaN, 0, -1]);
    }

    [Fact]
    public void A_quantile_is_as_near_to_the_exact_one_as_stated()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            double[] losses = [.. Enumerable.Range(0, random.Next(1, 500)).Select(_ => seed % 10 == 0 ? Samples.Finite(random) : Loss(random)), 0.5];
            var (histogram, moments) = (Laws.Of(losses), new LossMoments());
            moments.Add(losses);
            double[] sorted = [.. losses.Where(loss => !double.IsNaN(loss)).Order()];
            foreach (var q in Fractions)
            {
                var exact = sorted[Math.Max(1, (int)Math.Ceiling((decimal)q * sorted.Length)) - 1];
                var quantile = histogram.Quantile(q)!.Value;
                AssertNear(exact, quantile);
                var clamped = histogram.Quantile(q, moments)!.Value;
                AssertNear(exact, clamped);
                Assert.InRange(clamped, sorted[0], sorted[^1]);
                Assert.True(double.IsInfinity(exact) || Math.Abs(clamped - exact) <= Math.Abs(quantile - exact));
            }

            Assert.Equal((sorted[0], sorted[^1]), (histogram.Quantile(0, moments), histogram.Quantile(1, moments)));
        }
    }

    [Fact]
    public void Quantiles_are_the_nearest_ranks_of_numpy()
    {
        // numpy 1.24: np.quantile(x, q, method="inverted_cdf"), from histogram_reference.py. The values are middles of bins, so that nothing is lost.
        foreach (var (losses, q, expected) in HistogramReference.Quantiles)
            Assert.Equal(expected, Laws.Of(losses).Quantile(q));
    }

    [Fact]
    public void A_fraction_is_the_decimal_that_was_written()
    {
        // 0.07 as a double is above 0.07, and 0.07 * 100 in doubles is above 7: the rank is 7 all the same.
        var histogram = new LossHistogram();
        for (var i = 0; i < 100; i++)
            histogram.Add([i < 7 ? 0.0 : Inf]);
        Assert.Equal((0.0, Inf), (histogram.Quantile(0.07), histogram.Quantile(0.0700001)));
    }

    [Fact]
    public void Zero_and_the_infinities_are_exact_and_NaN_has_no_rank()
    {
        var histogram = Laws.Of(-Inf, -0.0, 0.0, Inf, double.NaN);
        Assert.Equal((5L, 1L), (histogram.Count, histogram.NaNCount));
        Assert.Equal((-Inf, 0.0, 0.0, Inf), (histogram.Quantile(0.25), histogram.Quantile(0.5), histogram.Quantile(0.75), histogram.Quantile(1)));
        Assert.Null(Laws.Of(double.NaN).Quantile(0.5));
        Assert.Null(new LossHistogram().Quantile(0.5, new LossMoments()));
        foreach (var q in new[] { -0.1, 1.1, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Quantile(q));
    }

    [Fact]
    public void Bars_count_every_loss_between_their_edges()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var scale = Math.ScaleB(1, random.Next(-60, 30));
            double[] losses = [.. Enumerable.Range(0, random.Next(1, 500)).Select(_ => random.Next(5) == 0 ? Loss(random) : Samples.Loss(random) * scale)];
            var bars = Laws.Of(losses).ToBars();
            Assert.Equal(losses.Count(loss => !double.IsNaN(loss)), bars.Sum(bar => bar.Count));
            Assert.InRange(bars.Length, 1, 66);
            for (var i = 0; i < bars.Length; i++)
            {
                var (low, high) = (bars[i].Low, bars[i].High);
                Assert.Equal(losses.Count(loss => loss >= low && (loss < high || high.Equals(Inf))), bars[i].Count);
                Assert.True(i == 0 || bars[i - 1].High.Equals(low));
            }
        }
    }

    [Fact]
    public void Bars_are_as_wide_as_shows_the_losses()
    {
        // 99 losses of 1 to 10.8 and an outlier: bars of 1/4, the 44th of them holding 10.8, and one for the outlier.
        var bars = Laws.Of([.. Enumerable.Range(10, 99).Select(i => i / 10.0), 1e6]).ToBars();
        Assert.Equal(45, bars.Length);
        Assert.Equal((new HistogramBar(0, 0.25, 0), new HistogramBar(1, 1.25, 3), new HistogramBar(11, Inf, 1)), (bars[0], bars[4], bars[^1]));
        Assert.Equal([new(0, Math.ScaleB(1, -50), 3)], Laws.Of(0, 0, 0).ToBars());
        Assert.Equal([new(-Inf, 0, 1), new(0, Math.ScaleB(1, -50), 0)], Laws.Of(-0.5).ToBars());
        Assert.Empty(Laws.Of(double.NaN).ToBars());
        Assert.Equal(65, Laws.Of(1e300, 2e300).ToBars().Length);
    }

    [Fact]
    public void Memory_is_bounded_whatever_the_losses()
    {
        var random = new Random(1);
        var histogram = new LossHistogram();
        for (var i = 0; i < 20; i++)
            histogram.Add([.. Enumerable.Range(0, 5000).Select(_ => Samples.Finite(random)), 1e-15, 1e6]);
        Assert.InRange(histogram.AllocatedBytes, 1, 90_000);
        var usual = Laws.Of([.. Enumerable.Range(1, 30_000).Select(i => i / 1000.0)]);
        Assert.InRange(usual.AllocatedBytes, 1, 8_400);
        var losses = Enumerable.Range(0, 5000).Select(i => i % 7 == 0 ? Samples.Finite(random) : i / 500.0).ToArray();
        Assert.Equal(0, Allocations.Of(() => usual.Add(losses)));
    }

    [Fact]
    public void Only_canonical_bytes_are_read()
    {
        Laws.AssertOnlyCanonicalBytesAreRead([0.5, 0.5, 1.25, 1e-20, 1e9, -1e-3, 0, Inf, -Inf, double.NaN]);

        // Four int64 counts; int16 bins at 32, then int16 bin at 34 and int64 count at 36 for each. 1 is the first of octave 50: bin 3201, 0x0C81.
        var good = Laws.Bytes(Laws.Of(1, 1, Math.ScaleB(1, 20), double.Epsilon));
        Assert.Equal([3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x81, 0x0C, 2, 0, 0, 0, 0, 0, 0, 0, 0x81, 0x11, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], good[32..]);
        Laws.AssertRefused(good, "NaN count", (7, 128));
        Laws.AssertRefused(good, "count", (15, 128));
        Laws.AssertRefused(good, "are not in", (32, 9));
        Laws.AssertRefused(good, "are not in", (33, 255));
        Laws.AssertRefused(good, "follows bin", (44, 0), (45, 0));
        Laws.AssertRefused(good, "follows bin", (55, 0x7F));
        Laws.AssertRefused(good, "count", (46, 0));
    }

    private static void AssertNear(double exact, double quantile)
    {
        var magnitude = Math.Abs(exact);
        if (magnitude == 0 || double.IsInfinity(magnitude))
            Assert.Equal(exact, quantile);
        else if (magnitude < Math.ScaleB(1, -50))
            Assert.InRange(Math.Abs(quantile - exact), 0, Math.ScaleB(1, -51));
        else
            Assert.InRange(Math.Abs((quantile / 2) - (exact / 2)), 0, magnitude / (magnitude < Math.ScaleB(1, 20) ? 256 : 4));
    }

    private static double Loss(Random random) => random.Next(40) switch
    {
        0 => 0,
        1 => -0.0,
        2 => Inf,
        3 => double.NaN,
        4 => -random.NextDouble() * 1e-3,
        5 => Math.ScaleB(random.NextDouble(), -random.Next(1000)),
        6 => Math.ScaleB(1, random.Next(-60, 40)),
        7 => 1e9 * random.NextDouble(),
        8 => -Inf,
        _ => Samples.Loss(random),
    };
}
