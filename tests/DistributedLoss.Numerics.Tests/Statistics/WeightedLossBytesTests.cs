using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class WeightedLossBytesTests
{
    private static readonly Mergeable<WeightedLoss, (double Weight, double Loss, double RowWeight, double Other)> Laws = new(
        () => new WeightedLoss(), Add, (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output), WeightedLoss.Read);

    [Fact]
    public void Order_and_merging_change_no_byte_and_what_is_written_reads_back() => Laws.AssertOrderAndMergingChangeNoByte(Row);

    [Fact]
    public void Every_part_counts_once()
    {
        Laws.AssertPartsCountOnce([(1, 2, 0, 0), (0.1, 0.3, 0.7, 0.2)], [(0, double.PositiveInfinity, 0, 0), (0, 1, 1, 1)]);
        Laws.AssertPartsCountOnce([(1, 0, 0, 0)], [(0, 0, 0, 0)]);
        Laws.AssertClearedIsNew([(1, 2, 0, 0), (0, 1, 1, double.NaN)]);
    }

    [Fact]
    public void Every_kind_of_row_alone_reads_back()
    {
        double[] values = [0, double.Epsilon, 1e-200, 1, 1e200, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN, -1, -1e-200];
        foreach (var weight in values.Where(value => value is >= 0 and <= double.MaxValue))
        {
            foreach (var loss in values)
            {
                foreach (var (rowWeight, rest) in new[] { (0, 0), (1, 1), (1e-200, 1e-200), (double.MaxValue, -2), (0, double.PositiveInfinity), (1, double.NegativeInfinity) })
                {
                    Laws.ReadBack(Laws.Of((weight, loss, rowWeight, rest)));
                    Laws.ReadBack(Laws.Of((weight, loss, rowWeight, rest), (0.5, 2, 0, 0)));
                }
            }
        }
    }

    [Fact]
    public void Only_canonical_bytes_are_read()
    {
        Laws.AssertOnlyCanonicalBytesAreRead([(0.5, 3, 0, 0), (1, double.PositiveInfinity, 0, 0), (0.1, 0.7, 0.2, 0.3)]);

        // int64 count; then five sums of 6 bytes, of 3, 1, 9, 3 and 1: flags at 8, 14, 20, 26 and 32.
        var good = Laws.Bytes(Laws.Of((1, 3, 0, 0)));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 3, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 9, 1, 0, 0, 1, 0, 3, 1, 0, 0, 1, 0, 1], good);
        Laws.AssertRefused(good, "count", (7, 128));
        Laws.AssertRefused(good, "not those of 0 rows", (0, 0));
        Laws.AssertRefused(good, "not those of 1 rows", (14, 2));
        Laws.AssertRefused(good, "not those of 1 rows", (20, 2));
        Laws.AssertRefused(good, "not those of 1 rows", (32, 2));

        // A flag of 0 is a whole sum of zero: squares of weights without weights.
        Laws.AssertRefused([.. good[..14], 0, .. good[20..]], "not those of 1 rows");
        var infinite = Laws.Bytes(Laws.Of((1, double.PositiveInfinity, 0, 0)));
        Laws.AssertRefused(infinite, "not those of 1 rows", (9, 2));
        Laws.AssertRefused(infinite, "not those of 1 rows", (8, 16));
    }

    private static void Add(WeightedLoss weighted, (double Weight, double Loss, double RowWeight, double Other)[] rows)
    {
        foreach (var (weight, loss, rowWeight, rest) in rows)
        {
            if (rowWeight == 0 && rest == 0)
                weighted.Add(weight, loss);
            else
                weighted.Add(weight, loss, rowWeight, rest);
        }
    }

    private static (double, double, double, double) Row(Random random)
    {
        var weight = random.Next(4) == 0 ? 0 : Math.ScaleB(random.NextDouble(), random.Next(-300, 300));
        var loss = random.Next(10) switch { 0 => double.PositiveInfinity, 1 => -Samples.Loss(random), 2 => Math.Abs(Samples.Finite(random)), _ => Samples.Loss(random) };
        return random.Next(2) == 0 ? (weight, loss, 0, 0) : (weight, loss, random.NextDouble(), Samples.Loss(random));
    }
}
