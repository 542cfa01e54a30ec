using DistributedLoss.Evaluation;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Slices end the run before they end the memory.</summary>
public sealed class SliceLimitTests
{
    [Theory]
    [InlineData(1000, StatisticKinds.Confusion, 70)] // a matrix of 8 MB each
    [InlineData(1001, StatisticKinds.Confusion, 300)] // tables of pairs
    [InlineData(128_256, StatisticKinds.Default, 70)] // 8 MB of classes each
    public void Slices_that_would_not_fit_are_refused_with_their_size(int classes, StatisticKinds statistics, int atMost)
    {
        var slices = new SliceTotals(new TotalsShape { Classes = classes, Statistics = statistics, SliceSets = [["a"], ["b", "c"]], MaxSlices = 100_000 });
        int count = 0;
        var e = Assert.Throws<BadInputException>(() =>
        {
            for (; count <= atMost; count++)
            {
                _ = slices[new SliceKey(0, [$"{count}"])];
            }
        });
        Assert.True(count > 10, $"only {count} slices");
        Assert.Contains("--slice-by a and b,c", e.Message, StringComparison.Ordinal);
        Assert.Contains($"{count} slices of {classes} classes do not fit", e.Message, StringComparison.Ordinal);
        Assert.Equal(statistics == StatisticKinds.Confusion, e.Message.Contains("leave confusion out", StringComparison.Ordinal));
    }

    [Fact]
    public void One_slice_too_many_names_the_option()
    {
        var slices = new SliceTotals(new TotalsShape { Classes = 3, SliceSets = [["a"]], MaxSlices = 2 });
        _ = slices[new SliceKey(0, ["x"])];
        _ = slices[new SliceKey(0, [null])];
        _ = slices[new SliceKey(0, ["x"])];
        var e = Assert.Throws<BadInputException>(() => slices[new SliceKey(0, ["y"])]);
        Assert.Contains("more than 2 slices (--max-slices)", e.Message, StringComparison.Ordinal);
    }
}
