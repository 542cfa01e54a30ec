using System.Numerics;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class CalibrationBinsTests
{
    private static Mergeable<CalibrationBins, (double P, bool Right)> Laws(int bins = 15) => new(
        () => new CalibrationBins(bins), Add, (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output), CalibrationBins.Read);

    [Fact]
    public void Order_and_merging_change_no_byte()
    {
        Laws().AssertOrderAndMergingChangeNoByte(Row);
        Laws(1).AssertOrderAndMergingChangeNoByte(Row, 20);
        Laws(100).AssertOrderAndMergingChangeNoByte(Row, 20);
    }

    [Fact]
    public void Many_rows_at_once_are_the_sum_of_few()
    {
        var random = new Random(1);
        (double, bool)[] rows = [.. Enumerable.Range(0, 150_000).Select(_ => Row(random))];
        var merged = Laws().New();
        foreach (var part in rows.Chunk(1_000))
            merged.Add(Laws().Of(part));
        var whole = Laws().Of(rows);
        Assert.Equal(Laws().Bytes(merged), Laws().Bytes(whole));
        Assert.Equal((rows.Length, rows.Count(row => row.Item2)), (whole.Count, whole.Correct));
    }

    [Fact]
    public void Every_part_counts_once()
    {
        Laws().AssertPartsCountOnce([(0.25, true), (1, false), (0.3, true)], [(0.26, false), (0, true)]);
        Laws().AssertClearedIsNew([(0.25, true), (1, false)]);
    }

    [Fact]
    public void Only_canonical_bytes_are_read()
    {
        var laws = Laws(3);
        (double, bool)[] rows = [(0.25, true), (0.5, false), (0.5, true), (1, true)];
        laws.AssertOnlyCanonicalBytesAreRead(rows);

        // int32 bins; bin 0 with its count at 4, correct at 12 and sum at 20; bin 1 from 36.
        var good = laws.Bytes(laws.Of(rows));
        Assert.Equal([3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0], good[..36]);
        laws.AssertRefused(good, "number of bins", (0, 0));
        laws.AssertRefused(good, "number of bins", (3, 127));
        laws.AssertRefused(good, "count", (11, 128));
        laws.AssertRefused(good, "correct", (12, 2));
        laws.AssertRefused(good, "cannot have the sum", (27, 64));
        laws.AssertRefused(good, "cannot have the sum", (28, 1));
    }

    [Fact]
    public void Errors_and_means_are_their_exact_fractions_rounded_once()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var bins = random.Next(1, 40);
            (double P, bool Right)[] rows = [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => Row(random))];
            var calibration = Laws(bins).Of(rows);
            var (expected, most, all) = (Rational.Zero, Rational.Zero, Rational.Zero);
            foreach (var bar in calibration.ToArray())
            {
                // The definition, with the edges that the bars state.
                var (low, high) = (bar.Low, bar.High);
                var members = rows.Where(row => row.P >= low && (row.P < high || high >= 1.0)).ToArray();
                Assert.Equal((members.Length, members.Count(row => row.Right)), (bar.Count, bar.Correct));
                Assert.Equal(members.Length == 0, bar.Accuracy is null);
                if (members.Length == 0)
                {
                    Assert.Null(bar.MeanConfidence);
                    continue;
                }

                var count = new Rational(bar.Count, 1);
                var confidences = members.Select(row => OnGrid(row.P)).Aggregate(Rational.Zero, (sum, p) => sum + p);
                var gap = (new Rational(bar.Correct, 1) - confidences).Abs();
                (new Rational(bar.Correct, 1) / count).AssertRoundsTo(bar.Accuracy!.Value);
                (confidences / count).AssertRoundsTo(bar.MeanConfidence!.Value);
                (expected, all) = (expected + gap, all + confidences);
                most = Rational.Compare(gap / count, most) > 0 ? gap / count : most;
            }

            var rowCount = new Rational(rows.Length, 1);
            (expected / rowCount).AssertRoundsTo(calibration.ExpectedError!.Value);
            most.AssertRoundsTo(calibration.MaximumError!.Value);
            (all / rowCount).AssertRoundsTo(calibration.MeanConfidence!.Value);
            Assert.Equal((rows.Length, rows.Count(row => row.Right)), (calibration.Count, calibration.Correct));
        }
    }

    [Fact]
    public void Errors_agree_with_torchmetrics_definition_in_float64()
    {
        // From calibration_reference.py.
        foreach (var reference in CalibrationReference.Cases)
        {
            var calibration = Laws(reference.Bins).Of([.. reference.Confidences.Zip(reference.Right, (p, right) => (p, right == 1))]);
            Assert.Equal(reference.ExpectedError, calibration.ExpectedError!.Value, 1e-14);
            Assert.Equal(reference.MaximumError, calibration.MaximumError!.Value, 1e-14);
        }
    }

    [Fact]
    public void An_edge_begins_its_bin_and_the_last_bin_takes_one_and_what_is_above()
    {
        for (var bins = 1; bins < 300; bins++)
        {
            for (var i = 0; i <= bins; i++)
            {
                var edge = (double)i / bins;
                Assert.Equal(Math.Min(i, bins - 1), BinOf(bins, edge));
                if (i > 0)
                    Assert.Equal(i - 1, BinOf(bins, Math.BitDecrement(edge)));
            }

            Assert.Equal(bins - 1, BinOf(bins, 1.001));
            Assert.Equal(bins - 1, BinOf(bins, Math.BitDecrement(2.0)));
            Assert.Equal(0, BinOf(bins, double.Epsilon));
        }
    }

    [Fact]
    public void Nothing_has_no_error()
    {
        var calibration = new CalibrationBins();
        Assert.Equal((15, 0L), (calibration.Bins, calibration.Count));
        Assert.Equal((null, null, null), (calibration.ExpectedError, calibration.MaximumError, calibration.MeanConfidence));
        Add(calibration, [(0.0, false)]);
        Assert.Equal((0.0, 0.0, 0.0), (calibration.ExpectedError, calibration.MaximumError, calibration.MeanConfidence));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1e-300)]
    [InlineData(2.0)]
    public void A_confidence_that_is_none_is_refused_and_nothing_is_added(double p)
    {
        for (var length = 1; length < 11; length++)
        {
            for (var at = 0; at < length; at++)
            {
                var calibration = new CalibrationBins();
                var rows = Enumerable.Repeat((0.5, true), length).ToArray();
                rows[at].Item1 = p;
                var error = Assert.Throws<ArgumentOutOfRangeException>(() => Add(calibration, rows));
                Assert.Contains($"at {at} ", error.Message, StringComparison.Ordinal);
                Assert.Equal(0, calibration.Count);
            }
        }
    }

    [Fact]
    public void Wrong_bins_and_spans_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CalibrationBins(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CalibrationBins(CalibrationBins.MostBins + 1));
        Assert.Throws<ArgumentException>(() => new CalibrationBins(2).Add(new CalibrationBins(3)));
        Assert.Throws<ArgumentException>(() => new CalibrationBins().Add([0.5], [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => new CalibrationBins().Add([0.5], [1], []));
    }

    [Fact]
    public void Adding_allocates_nothing()
    {
        var calibration = new CalibrationBins();
        double[] p = [.. Enumerable.Range(0, 1000).Select(i => i / 1000.0)];
        var labels = new int[1000];
        Assert.Equal(0, Allocations.Of(() => calibration.Add(p, labels, labels)));
    }

    private static (double, bool) Row(Random random) => (random.Next(10) switch
    {
        0 => 1.0,
        1 => random.Next(31) / 30.0,
        2 => Math.ScaleB(random.NextDouble(), -random.Next(80)),
        3 => 1 + (random.NextDouble() / 1000),
        _ => random.NextDouble(),
    }, random.Next(3) != 0);

    private static int BinOf(int bins, double p)
    {
        var calibration = new CalibrationBins(bins);
        calibration.Add([p], [0], [0]);
        return Array.FindIndex(calibration.ToArray(), bar => bar.Count == 1);
    }

    /// <summary>The confidence as the multiple of 2^-62 that is nearest, ties to even.</summary>
    private static Rational OnGrid(double p)
    {
        var exact = Rational.Of(p);
        var units = BigInteger.DivRem(exact.Numerator << 62, exact.Denominator, out var rest);
        var half = (2 * rest).CompareTo(exact.Denominator);
        return new(half > 0 || (half == 0 && !units.IsEven) ? units + 1 : units, BigInteger.One << 62);
    }

    private static void Add(CalibrationBins calibration, (double P, bool Right)[] rows) => calibration.Add(
        Array.ConvertAll(rows, row => row.P), Array.ConvertAll(rows, _ => 7), Array.ConvertAll(rows, row => row.Right ? 7 : 3));
}
