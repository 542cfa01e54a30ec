using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Tests.Statistics;

/// <summary>Paired differences and their tests are SciPy's, and where SciPy rounds, mpmath's.</summary>
public class PairedTestTests
{
    [Fact]
    public void A_fair_coins_tails_are_exact_to_the_last_place()
    {
        foreach (var (heads, tails, expected) in PairedReference.Coins)
        {
            Assert.Equal(FairCoin.TwoSided(tails, heads), FairCoin.TwoSided(heads, tails));
            double actual = FairCoin.TwoSided(heads, tails);
            Assert.True(Math.Abs(actual - expected) <= Math.BitIncrement(expected) - expected, $"{heads} and {tails}: {actual:R}, not {expected:R}");
        }
    }

    [Fact]
    public void Coins_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FairCoin.TwoSided(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => FairCoin.TwoSided(3, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => FairCoin.TwoSided(1L << 42, 1));
        Assert.Equal(0, FairCoin.TwoSided(0, 1L << 42));
    }

    [Fact]
    public void Students_t_is_within_1e_12()
    {
        foreach (var (t, degrees, expected) in PairedReference.Students)
        {
            double actual = StudentT.TwoSided(t, degrees);
            Assert.True(Math.Abs(actual - expected) <= 1e-12 * expected, $"t {t}, {degrees} degrees: {actual:R}, not {expected:R}");
            Assert.Equal(actual, StudentT.TwoSided(-t, degrees));
        }

        Assert.Equal(1, StudentT.TwoSided(0, 3));
        Assert.Equal(0, StudentT.TwoSided(double.PositiveInfinity, 3));
        Assert.Equal(double.NaN, StudentT.TwoSided(double.NaN, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.TwoSided(1, 0));
    }

    [Fact]
    public void Paired_tests_are_SciPys()
    {
        foreach (var expected in PairedReference.Cases)
        {
            var (losses, flips) = Add(expected.A, expected.B);
            Near(expected.MeanDifference, losses.MeanDifference, 1e-13);
            Near(expected.StandardError, losses.StandardError, 1e-13);
            double t = losses.MeanDifference!.Value / losses.StandardError!.Value;
            Near(expected.T, t, 1e-12);
            Near(expected.PairedT, StudentT.TwoSided(t, losses.Count - 1), 1e-11);
            Assert.Equal((expected.Better, expected.Worse), (losses.Better, losses.Worse));
            Near(expected.Sign, FairCoin.TwoSided(losses.Better, losses.Worse), 1e-12);
            if (!double.IsNaN(expected.Permutation))
            {
                Near(expected.Permutation, flips.TwoSided, 1e-15);
            }
        }
    }

    [Fact]
    public void Signs_are_flipped_exactly_as_long_as_there_are_few()
    {
        var flips = new SignFlips();
        Assert.Equal(1, flips.TwoSided);
        for (int n = 1; n <= SignFlips.MostDifferences; n++)
        {
            // All of one sign: only that and its opposite are as far out.
            flips.Add([0, Math.ScaleB(1 + (1.0 / n), -20 * n), 0]);
            Assert.Equal(Math.ScaleB(1, 1 - n), flips.TwoSided);
        }

        flips.Add([0, 0, 1, 0, 2]);
        Assert.Null(flips.TwoSided);
        Assert.Equal(SignFlips.MostDifferences + 2, flips.Count);
    }

    [Fact]
    public void Equal_sums_of_different_magnitudes_are_ties_to_the_last_bit()
    {
        // 0.1 + 0.2 is above 0.3 as doubles: of the 8 signings those of the largest magnitude are 2, and a float64 sum would not tell 0.3 from 0.1 + 0.2.
        Assert.Equal(2 / 8.0, Flips(0.1, 0.2, 0.3).TwoSided);
        Assert.Equal(1, Flips(1, 2, -3).TwoSided);
        Assert.Equal(1, Flips(1, 2, -5).TwoSided);
        Assert.Equal(4 / 8.0, Flips(-1, 2, 3).TwoSided);
        Assert.Null(Flips(1, double.NaN).TwoSided);
        Assert.Null(Flips(1, double.PositiveInfinity).TwoSided);
    }

    [Fact]
    public void Cut_and_order_change_no_bit()
    {
        var random = new Random(5);
        double[] a = [.. Enumerable.Range(0, 5000).Select(_ => -Math.Log(random.NextDouble()))];
        double[] b = [.. a.Select((x, i) => i % 3 == 0 ? x : x * random.NextDouble() * 2)];
        double[] weights = [.. a.Select(_ => random.NextDouble())];
        foreach (bool isWeighted in new[] { false, true })
        {
            var whole = new PairedLosses(isWeighted);
            whole.Add(a, b, isWeighted ? weights : [], new double[a.Length]);
            var merged = new PairedLosses(isWeighted);
            foreach (int[] part in Enumerable.Range(0, a.Length).OrderBy(i => i * 7919 % 4999).Chunk(777))
            {
                var own = new PairedLosses(isWeighted);
                foreach (int i in part)
                {
                    own.Add(a[i], b[i], weights[i]);
                }

                merged.Add(own);
            }

            Assert.Equal(Bytes(whole.WriteTo), Bytes(merged.WriteTo));
            Assert.Equal((whole.MeanDifference, whole.StandardError, whole.Better), (merged.MeanDifference, merged.StandardError, merged.Better));
        }
    }

    [Fact]
    public void Infinite_losses_make_no_number_up()
    {
        double inf = double.PositiveInfinity;
        var (both, _) = Add([1, inf, 2], [1, inf, 1]);
        Assert.Equal((1, 0, 1, 1), (both.Better, both.Worse, both.Ties, both.Undefined));
        Assert.Equal((double.NaN, double.NaN), (both.MeanDifference, both.StandardError));
        Assert.Equal(inf, both.MeanA);
        var (one, _) = Add([1, 2, 2], [1, inf, 1]);
        Assert.Equal((1, 1, 1, 0), (one.Better, one.Worse, one.Ties, one.Undefined));
        Assert.Equal((inf, double.NaN), (one.MeanDifference, one.StandardError));
        var (empty, _) = Add([], []);
        Assert.Equal((null, null, null), (empty.MeanDifference, empty.StandardError, empty.Interval95));
    }

    [Fact]
    public void A_classs_figures_are_those_of_its_rows()
    {
        var random = new Random(9);
        var classes = new PairedClassLosses();
        var other = new PairedClassLosses();
        var expected = Enumerable.Range(0, 300).Select(_ => new PairedLosses()).ToArray();
        for (int i = 0; i < 4000; i++)
        {
            // Some classes have no row, and some one.
            int c = i == 17 ? 299 : random.Next(0, 40) * 5;
            double a = random.NextDouble(), b = i % 4 == 0 ? a : random.NextDouble();
            (i % 2 == 0 ? classes : other).Add(c, a, b, 1, isRightA: i % 5 == 0, isRightB: i % 3 == 0);
            expected[c].Add(a, b, 1);
        }

        classes.Add(other);
        Assert.Equal(300, classes.Classes);
        for (int c = 0; c < expected.Length; c++)
        {
            var figures = classes[c];
            Assert.Equal(
                (expected[c].Count, expected[c].Better, expected[c].Worse, expected[c].MeanA, expected[c].MeanB, expected[c].MeanDifference, expected[c].StandardError),
                (figures.Counts.Rows, figures.Counts.Better, figures.Counts.Worse, figures.MeanA, figures.MeanB, figures.MeanDifference, figures.StandardError));
        }

        Assert.Equal(default, classes[12345]);
    }

    [Fact]
    public void Bars_lie_on_both_sides_of_0_and_hold_every_difference_that_is_not()
    {
        var random = new Random(3);
        double[] differences = [.. Enumerable.Range(0, 3000).Select(i => i % 10 == 0 ? 0 : (random.NextDouble() - 0.8) * (i % 7 == 0 ? 40 : 1))];
        var histogram = new DifferenceHistogram();
        histogram.Add(differences);
        var bars = histogram.ToBars();
        Assert.Equal(2700, bars.Sum(b => b.Count));
        Assert.Single(bars.Where(b => double.IsFinite(b.Low) && double.IsFinite(b.High)).Select(b => b.High - b.Low).Distinct());
        for (int i = 0; i < bars.Length; i++)
        {
            Assert.True(i == 0 || bars[i].Low == bars[i - 1].High);
            long count = differences.LongCount(d => d != 0 && (bars[i].High <= 0 ? d > bars[i].Low && d <= bars[i].High : d >= bars[i].Low && d < bars[i].High));
            Assert.Equal(count, bars[i].Count);
        }

        Assert.Empty(new DifferenceHistogram().ToBars());
    }

    private static (PairedLosses Losses, SignFlips Flips) Add(double[] a, double[] b)
    {
        var losses = new PairedLosses();
        double[] differences = new double[a.Length];
        losses.Add(a, b, [], differences);
        return (losses, Flips(differences));
    }

    private static SignFlips Flips(params double[] differences)
    {
        var flips = new SignFlips();
        flips.Add(differences.AsSpan(0, differences.Length / 2));
        var rest = new SignFlips();
        rest.Add(differences.AsSpan(differences.Length / 2));
        flips.Add(rest);
        return flips;
    }

    private static byte[] Bytes(Action<System.Buffers.IBufferWriter<byte>> write)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        write(bytes);
        return bytes.WrittenSpan.ToArray();
    }

    private static void Near(double expected, double? actual, double tolerance) =>
        Assert.True(Math.Abs(actual!.Value - expected) <= tolerance * Math.Abs(expected), $"{actual:R}, not {expected:R}");
}
