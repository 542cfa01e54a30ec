using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Summation;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class BinaryClassTotalsTests
{
    private static Mergeable<BinaryClassTotals, (double Target, double Score, double Loss)[]> Laws(int classes) => new(
        () => new BinaryClassTotals(classes), Add, (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output),
        (ReadOnlySpan<byte> source, out int length) => BinaryClassTotals.Read(source, classes, out length));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(20)]
    [InlineData(700)]
    public void Order_and_merging_change_no_byte(int classes) =>
        Laws(classes).AssertOrderAndMergingChangeNoByte(random => Row(random, classes), classes > 100 ? 5 : 60, 60);

    [Fact]
    public void Every_part_counts_once()
    {
        Laws(2).AssertPartsCountOnce([[(1, 2, 0.1), (0, 1, 1.3)]], [[(1, -2, 2.1), (0, 0, double.PositiveInfinity)]]);
        Laws(1).AssertPartsCountOnce([[(0, -1, 0)]], [[(0, -1, 0)]]);
        Laws(2).AssertClearedIsNew([[(1, 2, 0.1), (0, 1, 1.3)]]);
    }

    [Fact]
    public void Measures_and_averages_are_sklearns()
    {
        var classes = ConfusionReference.Measures.Length;
        var totals = Laws(classes).Of([.. ConfusionReference.Targets.Zip(ConfusionReference.Scores, (targets, scores) => targets.Zip(scores, (t, s) => (t, s, 0.0)).ToArray())]);
        for (var i = 0; i < classes; i++)
            AssertEqual(ConfusionReference.Measures[i], totals.Of(i));
        AssertEqual(ConfusionReference.Micro, totals.Micro);
        AssertEqual(ConfusionReference.Macro, totals.Macro);

        // Neither positives nor predicted positives: nothing is below the line.
        Assert.Equal((0L, 0L), (totals.Positives(5), totals.PredictedPositives(5)));
        Assert.Equal(new BinaryMeasures(null, null, null, 1.0), totals.Of(5));
        Assert.Equal((null, 0.0), (totals.Of(3).Recall, totals.Of(3).Precision));
        Assert.Equal((0.0, null), (totals.Of(4).Recall, totals.Of(4).Precision));
    }

    [Fact]
    public void Thresholds_are_those_documented()
    {
        var totals = new BinaryClassTotals(1);
        totals.Add([0.5, Math.BitDecrement(0.5), 1, 1, 0], [0.0, 0.0, double.Epsilon, -0.0, double.NegativeInfinity], new double[5]);
        Assert.Equal((3L, 1L, 1L), (totals.Positives(0), totals.PredictedPositives(0), totals.TruePositives(0)));
        totals.Clear();
        totals.Add([1, 1], [0.5, Math.BitIncrement(0.5)], new double[2], 0.5);
        Assert.Equal((2L, 1L, 1L), (totals.Positives(0), totals.PredictedPositives(0), totals.TruePositives(0)));
    }

    [Fact]
    public void Loss_sums_are_exact_by_class()
    {
        var random = new Random(1);
        (double Target, double Score, double Loss)[][] rows = [.. Enumerable.Range(0, 900).Select(_ => Row(random, 3))];
        var totals = Laws(3).Of(rows);
        for (var i = 0; i < 3; i++)
        {
            var sum = new ExactSum();
            foreach (var row in rows)
                sum.Add(row[i].Loss);
            Assert.Equal(sum.ToRational(), totals.LossSum(i).ToRational());
            Assert.Equal(sum.Quotient(rows.Length), totals.MeanLoss(i));
        }
    }

    [Fact]
    public void Many_rows_at_once_are_the_sum_of_few()
    {
        // More rows than are tallied before they are moved on, each as heavy as fits: 2^11 less a unit in each part.
        var (many, one) = (new BinaryClassTotals(4), new BinaryClassTotals(4));
        var most = Math.BitDecrement(2048.0);
        double[] losses = [most, Math.ScaleB(most, -53), Math.ScaleB(most, -70), 0.1];
        const int rows = (1 << 21) + 5, block = 1 << 12;
        var block4 = Enumerable.Repeat(losses, block).SelectMany(row => row).ToArray();
        for (var left = rows; left > 0; left -= block)
        {
            var length = 4 * Math.Min(left, block);
            many.Add(block4.AsSpan(0, length), block4.AsSpan(0, length), block4.AsSpan(0, length));
        }

        one.Add(losses, losses, losses);
        for (var i = 0; i < 4; i++)
        {
            var (mantissa, exponent) = one.LossSum(i).ToRational();
            var sum = Rational.OfRational((mantissa * rows, exponent)) - Rational.OfRational(many.LossSum(i).ToRational());
            Assert.True(sum.Numerator.IsZero);
        }

        Assert.Equal((rows, 0L, rows, rows), (many.Positives(0), many.Positives(1), many.PredictedPositives(1), many.TruePositives(0)));
    }

    [Fact]
    public void Nothing_has_no_measures()
    {
        var totals = new BinaryClassTotals(2);
        Assert.Equal((default, default, default), (totals.Of(1), totals.Micro, totals.Macro));
        Assert.Null(totals.MeanLoss(0));
        Assert.Equal(default, new BinaryClassTotals(0).Macro);
    }

    [Fact]
    public void Wrong_spans_and_classes_are_refused_and_nothing_is_added()
    {
        var totals = new BinaryClassTotals(2);
        Assert.Throws<ArgumentException>(() => totals.Add([1, 0, 1], [1, 2, 3], [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => totals.Add([1, 0], [1, 2, 3], [1, 2]));
        Assert.Throws<ArgumentException>(() => totals.Add([1, 0], [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => totals.Add(new BinaryClassTotals(3)));
        Assert.Throws<ArgumentException>(() => new BinaryClassTotals(0).Add([1], [1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => totals.Of(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => totals.MeanLoss(-1));
        Assert.Equal(0, totals.Rows);
    }

    [Fact]
    public void Only_canonical_bytes_are_read()
    {
        var laws = Laws(2);
        (double, double, double)[][] rows = [[(1, 2, 0.1), (0, 1, 1.3)], [(1, 2, 0.1), (1, 1, double.PositiveInfinity)], [(0, 2, 0.1), (0, -1, 0)]];
        laws.AssertOnlyCanonicalBytesAreRead(rows);

        // int32 classes, int64 rows, then int64 positives at 12, predicted at 20, both at 28, and the next class from 36.
        var good = laws.Bytes(laws.Of(rows));
        Assert.Equal([2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], good[..36]);
        laws.AssertRefused(good, "number of classes", (0, 3));
        laws.AssertRefused(good, "rows", (11, 128));
        laws.AssertRefused(good, "positives", (12, 4));
        laws.AssertRefused(good, "predicted positives", (20, 4));
        laws.AssertRefused(good, "true positives", (28, 1)); // three predicted, two positive, three rows
        laws.AssertRefused(good, "true positives", (28, 3));
        laws.AssertRefused(laws.Bytes(laws.Of([(0, 0, double.NaN), (0, 0, 0)])), "more losses", (4, 0));
    }

    [Fact]
    public void Adding_allocates_nothing_once_classes_are_seen()
    {
        var totals = new BinaryClassTotals(10);
        double[] values = [.. Enumerable.Range(0, 2000).Select(i => i % 7 / 7.0)];
        Assert.Equal(0, Allocations.Of(() => totals.Add(values, values, values)));
    }

    private static (double, double, double)[] Row(Random random, int classes) =>
    [
        .. Enumerable.Range(0, classes).Select(_ =>
            ((double)random.Next(2), random.Next(5) == 0 ? 0 : random.NextDouble() - 0.5, Loss(random))),
    ];

    private static double Loss(Random random) => random.Next(60) switch
    {
        0 => double.PositiveInfinity,
        1 => Samples.Finite(random),
        2 => Math.ScaleB(random.NextDouble(), -random.Next(130)),
        3 => Math.ScaleB(random.NextDouble(), random.Next(14)),
        4 => -Samples.Loss(random),
        5 => 0,
        _ => Samples.Loss(random),
    };

    private static void Add(BinaryClassTotals totals, (double Target, double Score, double Loss)[][] rows)
    {
        (double Target, double Score, double Loss)[] all = [.. rows.SelectMany(row => row)];
        totals.Add(Array.ConvertAll(all, e => e.Target), Array.ConvertAll(all, e => e.Score), Array.ConvertAll(all, e => e.Loss));
    }

    private static void AssertEqual(double[] expected, BinaryMeasures actual)
    {
        double?[] measures = [actual.Recall, actual.Precision, actual.F1, actual.Accuracy];
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], measures[i] ?? 0, 1e-15);
    }
}
