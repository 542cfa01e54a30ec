using System.Buffers;
using System.Numerics;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class WeightedLossTests
{
    [Fact]
    public void Order_and_merging_change_no_byte()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 400).Select(_ => (Weight: Math.ScaleB(random.NextDouble(), random.Next(-300, 300)), Loss: random.NextDouble() * 50)).ToArray();
        byte[] expected = Bytes(Of(rows));
        for (int i = 0; i < 5; i++)
        {
            random.Shuffle(rows);
            int cut = random.Next(rows.Length);
            var merged = Of(rows[cut..]);
            merged.Add(Of(rows[..cut]));
            Assert.Equal(expected, Bytes(merged));
        }
    }

    [Fact]
    public void The_mean_is_the_exact_quotient_of_unrounded_products_rounded_once()
    {
        // 0.1 x 0.1 + 1 x 1 over 0.1 + 1, in the exact values of the doubles: tenths are tenth / 2^55.
        BigInteger tenth = 3602879701896397, one = BigInteger.One << 55;
        var weighted = Of([(0.1, 0.1), (1, 1)]);
        BigInteger above = (tenth * tenth) + (one * one), below = (tenth + one) << 55;
        Assert.Equal((double)(above << 60) / (double)(below << 60), weighted.Mean!.Value, 1e-15);
        Assert.Equal(DistributedLoss.Numerics.Summation.CorrectRounding.Quotient(above, below), weighted.Mean);
    }

    [Fact]
    public void Equal_weights_have_the_unweighted_standard_error()
    {
        double[] losses = [0.5, 1.25, 3, 0.125, 7];
        var moments = new LossMoments();
        moments.Add(losses);
        var weighted = Of([.. losses.Select(l => (4.0, l))]);
        Assert.Equal(moments.Mean, weighted.Mean);
        Assert.Equal(moments.StandardError, weighted.StandardError);
        Assert.Equal(moments.Interval95, weighted.Interval95);
    }

    [Fact]
    public void A_row_that_weighs_nothing_is_as_if_it_were_not_there()
    {
        var without = Of([(1, 2), (2, 5)]);
        var with = Of([(1, 2), (0, 100), (2, 5)]);
        Assert.Equal(Bytes(without), Bytes(with));
        Assert.Equal(2, with.Count);
    }

    [Fact]
    public void Without_weight_there_is_no_mean_and_below_two_rows_no_error()
    {
        Assert.Null(Of([]).Mean);
        Assert.Null(Of([(0, 1), (0, 2)]).Mean);
        Assert.Equal((2.0, null, null), (Of([(3, 2)]).Mean, Of([(3, 2)]).StandardError, Of([(3, 2)]).Interval95));
    }

    [Fact]
    public void An_infinite_loss_makes_the_mean_infinite_and_one_of_weight_zero_makes_it_undefined()
    {
        var infinite = Of([(1, 1), (2, double.PositiveInfinity)]);
        Assert.Equal((double.PositiveInfinity, double.NaN), (infinite.Mean!.Value, infinite.StandardError!.Value));
        var undefined = Of([(1, 1), (0, double.PositiveInfinity)]);
        Assert.Equal((double.NaN, 1L), (undefined.Mean!.Value, undefined.UndefinedCount));
    }

    [Fact]
    public void A_row_in_two_parts_counts_once_in_the_denominator()
    {
        var weighted = new WeightedLoss();
        weighted.Add(2, 3, 5, 7);
        Assert.Equal((41.0, 2.0, 20.5, 1L), (weighted.Numerator, weighted.Denominator, weighted.Mean!.Value, weighted.Count));
        weighted.Add(0, double.PositiveInfinity, 0, double.PositiveInfinity);
        Assert.Equal(1, weighted.UndefinedCount);
    }

    [Fact]
    public void Cleared_it_is_that_of_no_rows()
    {
        var weighted = Of([(1, double.NaN), (2, 3)]);
        weighted.Clear();
        Assert.Equal(Bytes(new WeightedLoss()), Bytes(weighted));
    }

    private static WeightedLoss Of((double Weight, double Loss)[] rows)
    {
        var weighted = new WeightedLoss();
        foreach (var (weight, loss) in rows)
        {
            weighted.Add(weight, loss);
        }

        return weighted;
    }

    private static byte[] Bytes(WeightedLoss weighted)
    {
        var output = new ArrayBufferWriter<byte>();
        weighted.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
