using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class SlopeSumsTests
{
    private static readonly Mergeable<SlopeSums, Row> Laws = new(
        () => new SlopeSums(), Add, (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output), SlopeSums.Read);

    [Fact]
    public void Order_and_merging_change_no_byte() => Laws.AssertOrderAndMergingChangeNoByte(
        random => new Row(Value(random), Value(random), Value(random), Value(random)));

    [Fact]
    public void Every_part_counts_once()
    {
        Laws.AssertPartsCountOnce([new(1, 2, 3, 4)], [new(0.5, -2, 0, 1), new(0, 0, 0, double.PositiveInfinity)]);
        Laws.AssertClearedIsNew([new(0.1, double.NaN, 1, 2)]);
    }

    [Fact]
    public void Each_sum_is_the_exact_one_rounded_once()
    {
        // 1e100 and its opposite would swallow the rest.
        var sums = Laws.Of(new Row(1, 1e100, 3, 4), new Row(2, -1e-30, 5, 6), new Row(4, -1e100, 7, 8));
        Assert.Equal((3L, 7.0, -1e-30, 15.0, 18.0), (sums.Count, sums.Loss, sums.Slope, sums.Curvature, sums.Error));
    }

    [Fact]
    public void Only_canonical_bytes_are_read()
    {
        Laws.AssertOnlyCanonicalBytesAreRead([new(0.5, -1.25, 2, 3), new(double.NaN, double.PositiveInfinity, 1, 1)]);
        var good = Laws.Bytes(Laws.Of(new Row(1, 2, 3, 4)));
        Laws.AssertRefused(good, "not that of", (0, 0));
        Laws.AssertRefused(good, "count", (7, 128));
    }

    private static double Value(Random random) => random.Next(20) switch { 0 => double.NaN, 1 => double.NegativeInfinity, _ => Samples.Finite(random) };

    private static void Add(SlopeSums sums, Row[] rows) => sums.Add(
        new LossSlopes([.. rows.Select(r => r.Loss)], [.. rows.Select(r => r.Slope)], [.. rows.Select(r => r.Curvature)], [.. rows.Select(r => r.Error)]));

    internal readonly record struct Row(double Loss, double Slope, double Curvature, double Error);
}
