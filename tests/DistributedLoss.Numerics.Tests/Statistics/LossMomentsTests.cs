using System.Buffers;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class LossMomentsTests
{
    private const double Inf = double.PositiveInfinity;

    [Fact]
    public void Mean_and_variance_are_their_exact_fractions_rounded_once()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var losses = Samples.List(new Random(seed), seed % Samples.ListKinds);
            var moments = Of(losses);
            var count = new Rational(losses.Length, 1);
            var mean = Rational.Sum(losses) / count;
            mean.AssertRoundsTo(moments.Mean!.Value);
            Assert.Equal(losses.Min(), moments.Min);
            Assert.Equal(losses.Max(), moments.Max);
            if (losses.Length < 2)
                continue;

            // The definition: the mean squared distance from the exact mean, over n - 1.
            var squares = losses.Select(Rational.Of).Select(loss => (loss - mean) * (loss - mean)).Aggregate((a, b) => a + b);
            var variance = squares / new Rational(losses.Length - 1, 1);
            variance.AssertRoundsTo(moments.Variance!.Value);
            var error = moments.StandardError!.Value;
            var squared = variance / count;
            if (double.IsInfinity(error) || error < 1e-150)
                continue;

            // Two roundings of 2^-53 each, the first of them under the root: less than 2^-51 of the square.
            var distance = ((Rational.Of(error) * Rational.Of(error)) - squared).Abs();
            Assert.True(Rational.Compare(distance, squared * new Rational(1, 1L << 51)) < 0, $"{error:R}");
        }
    }

    // numpy 2: np.var([0.25, 1, 4.5, 2], ddof=1) and its standard error; exactly 3.4322916..., that is 10.296875 / 3.
    [Fact]
    public void Known_moments()
    {
        var moments = Of(0.25, 1, 4.5, 2);
        Assert.Equal(1.9375, moments.Mean);
        Assert.Equal(7.75, moments.Sum);
        Assert.Equal(10.296875 / 3, moments.Variance);
        Assert.Equal(Math.Sqrt(10.296875 / 12), moments.StandardError);
        var (low, high) = moments.Interval95!.Value;
        Assert.Equal(0.1219, low, 4);
        Assert.Equal(3.7531, high, 4);
    }

    [Fact]
    public void Equal_losses_have_no_variance_at_all()
    {
        var moments = new LossMoments();
        for (var i = 0; i < 1000; i++)
            moments.Add(0.1);
        Assert.Equal(0.1, moments.Mean);
        Assert.Equal(0.0, moments.Variance);
        Assert.Equal((0.1, 0.1), moments.Interval95);
    }

    [Fact]
    public void Nothing_has_no_mean_and_one_loss_no_variance()
    {
        var moments = new LossMoments();
        Assert.Equal((null, null, null, null, 0L), (moments.Mean, moments.Min, moments.Max, moments.Interval95, moments.Count));
        moments.Add(2.5);
        Assert.Equal((2.5, 2.5, 2.5), (moments.Mean, moments.Min, moments.Max));
        Assert.Equal((null, null, null), (moments.Variance, moments.StandardError, moments.Interval95));
    }

    [Fact]
    public void An_infinite_loss_makes_the_mean_infinite_and_the_variance_undefined()
    {
        var moments = Of(1.0, Inf, 2.0, Inf);
        Assert.Equal((4L, 2L, 0L), (moments.Count, moments.InfiniteCount, moments.NaNCount));
        Assert.Equal((Inf, 1.0, Inf), (moments.Mean, moments.Min, moments.Max));
        Assert.Equal((double.NaN, double.NaN, (double.NaN, double.NaN)), (moments.Variance, moments.StandardError, moments.Interval95));
        moments.Add(double.NaN);
        Assert.Equal((double.NaN, 1.0, Inf), (moments.Mean, moments.Min, moments.Max));
        Assert.Equal((null, null, double.NaN), (Of(double.NaN).Min, Of(double.NaN).Max, Of(double.NaN).Mean));
    }

    [Fact]
    public void Chunks_order_and_merging_change_no_byte()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            double[] losses = [.. Enumerable.Range(0, random.Next(40)).SelectMany(i => Samples.List(random, random.Next(4) == 0 ? seed % Samples.ListKinds : 5))];
            if (seed % 4 == 0)
                losses = [.. losses, Inf, -0.0, 0.0, double.NaN, -Inf];
            var expected = Bytes(Of(losses));
            losses = Samples.Shuffled(random, losses);
            var cut = random.Next(losses.Length + 1);
            var (left, right) = (new LossMoments(), new LossMoments());
            left.Add(losses.AsSpan(0, cut));
            foreach (var loss in losses[cut..])
                right.Add(loss);
            left.Add(Read(right));
            Assert.Equal(expected, Bytes(left));
        }
    }

    [Fact]
    public void Zeros_of_either_sign_are_one()
    {
        foreach (var losses in new double[][] { [0.0, -0.0], [-0.0, 0.0], [-0.0, -0.0], [-0.0, -0.0, -0.0, -0.0, 0.0] })
        {
            Assert.Equal(0L, BitConverter.DoubleToInt64Bits(Of(losses).Min!.Value));
            Assert.Equal(0L, BitConverter.DoubleToInt64Bits(Of(losses).Max!.Value));
        }
    }

    [Fact]
    public void Every_prefix_and_every_contradiction_is_refused()
    {
        var good = Bytes(Of(1.0, Inf, 3.0));
        for (var length = 0; length < good.Length; length++)
            Assert.Throws<FormatException>(() => LossMoments.Read(good.AsSpan(0, length), out _));

        Refused("fewer", bytes => bytes[0] = 0);
        Refused("count", bytes => bytes[7] = 128);
        Refused("least", bytes => bytes[^9] = 255); // min = NaN or below
        Refused("least", bytes => bytes[^1] = 0); // max below the infinity that was counted
        Refused("as many", bytes => bytes[9] = 2); // two infinities whose squares are one

        void Refused(string reason, Action<byte[]> damage)
        {
            var bytes = (byte[])good.Clone();
            damage(bytes);
            Assert.Contains(reason, Assert.Throws<FormatException>(() => LossMoments.Read(bytes, out _)).Message, StringComparison.Ordinal);
        }
    }

    private static LossMoments Of(params double[] losses)
    {
        var moments = new LossMoments();
        moments.Add(losses);
        return moments;
    }

    private static LossMoments Read(LossMoments moments)
    {
        var bytes = Bytes(moments);
        var read = LossMoments.Read([.. bytes, 7], out var length);
        Assert.Equal(bytes.Length, length);
        return read;
    }

    private static byte[] Bytes(LossMoments moments)
    {
        var output = new ArrayBufferWriter<byte>();
        moments.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
