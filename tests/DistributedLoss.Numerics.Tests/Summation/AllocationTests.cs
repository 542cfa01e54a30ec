using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class AllocationTests
{
    private readonly double[] _losses = [.. Enumerable.Range(0, 5000).Select(i => Samples.Loss(new Random(i)))];
    private readonly double[] _wild = [.. Enumerable.Range(0, 5000).Select(i => Samples.Finite(new Random(i))), double.NaN];

    [Fact]
    public void ExactSum_allocates_nothing_after_its_birth()
    {
        var (sum, other) = (new ExactSum(), new ExactSum());
        AssertNothing(() =>
        {
            foreach (var value in _wild)
            {
                sum.Add(value);
                sum.AddProduct(value, value);
            }

            sum.Add(_wild);
            sum.Add(_losses);
            sum.AddSquares(_wild);
            sum.AddSquares(_losses);
            sum.AddProducts(_losses, _losses);
            other.Add(sum);
            sum.Clear();
        });
    }

    [Fact]
    public void Totals_allocate_nothing_once_their_classes_are_seen()
    {
        var moments = new LossMoments();
        var classes = new ClassTotals(100);
        var ranks = new RankCounts(1, 5);
        AssertNothing(() =>
        {
            moments.Add(_losses);
            moments.Add(_wild);
            for (var i = 0; i < _losses.Length; i++)
            {
                moments.Add(_losses[i]);
                classes.Add(i % 100, i % 7, _losses[i]);
                ranks.Add(1 + (i % 9));
            }

            Assert.True(ranks.Within(5) > 0);
        });
    }

    [Fact]
    public void A_sum_occupies_what_it_says()
    {
        Assert.Equal(Allocations.Of(() => GC.KeepAlive(new ExactSum())), ExactSumBytes());

        // An array whose only content is one sum outside the window reports that sum's bytes.
        static long ExactSumBytes()
        {
            var (array, spilled) = (new ExactSumArray(1), new ExactSumArray(1));
            foreach (var each in new[] { array, spilled })
                each.Add(0, 1.0);
            var before = spilled.AllocatedBytes;
            spilled.Add(0, 1e-300);
            var table = 3 * (sizeof(int) + 24);
            return spilled.AllocatedBytes - before - table;
        }
    }

    private static void AssertNothing(Action action) => Assert.Equal(0, Allocations.Of(action));
}
