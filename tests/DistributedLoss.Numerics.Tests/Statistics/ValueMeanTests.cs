using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class ValueMeanTests
{
    private static readonly Mergeable<ValueMean, double> Laws = new(
        () => new ValueMean(), (all, values) => all.Add(values), (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output), ValueMean.Read);

    [Fact]
    public void Order_and_merging_change_no_byte() => Laws.AssertOrderAndMergingChangeNoByte(random => random.Next(20) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => Samples.Finite(random),
        _ => Samples.Loss(random),
    });

    [Fact]
    public void Every_part_counts_once()
    {
        Laws.AssertPartsCountOnce([0.1, 0.7], [3, double.PositiveInfinity]);
        Laws.AssertPartsCountOnce([0], [0, 0]);
        Laws.AssertClearedIsNew([0.1, double.NaN]);
    }

    [Fact]
    public void The_mean_is_the_exact_one_rounded_once()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var values = Samples.List(new Random(seed), seed % Samples.ListKinds);
            var mean = new ValueMean();
            foreach (var value in values)
                mean.Add(value);
            Assert.Equal(Laws.Bytes(Laws.Of(values)), Laws.Bytes(mean));
            (Rational.Sum(values) / new Rational(values.Length, 1)).AssertRoundsTo(mean.Mean!.Value);
            Assert.Equal(mean.Sum, mean.ExactValueSum().ToDouble());
        }
    }

    [Fact]
    public void Specials_are_counted_and_make_the_mean_what_IEEE_addition_makes_it()
    {
        Assert.Null(new ValueMean().Mean);
        var mean = Laws.Of(1, double.PositiveInfinity, 2);
        Assert.Equal((3L, 1L, 0L, double.PositiveInfinity), (mean.Count, mean.InfiniteCount, mean.NaNCount, mean.Mean!.Value));
        mean.Add(double.NegativeInfinity);
        Assert.Equal((2L, double.NaN), (mean.InfiniteCount, mean.Mean!.Value));
        Assert.Equal((1L, double.NaN), (Laws.Of(double.NaN, 1).NaNCount, Laws.Of(double.NaN, 1).Mean!.Value));
    }

    [Fact]
    public void Only_canonical_bytes_are_read()
    {
        Laws.AssertOnlyCanonicalBytesAreRead([0.5, 1.25, double.PositiveInfinity]);
        var good = Laws.Bytes(Laws.Of(1, 2));
        Laws.AssertRefused(good, "not that of", (0, 0));
        Laws.AssertRefused(good, "count", (7, 128));
        Laws.AssertRefused(Laws.Bytes(Laws.Of(double.NaN, 2)), "not that of", (0, 1));
    }
}
