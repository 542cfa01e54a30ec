using DistributedLoss.Evaluation;

namespace DistributedLoss.Tests.Evaluation;

public class LabelsTests
{
    // Every length up to two registers and a rest, each kind of label in every place.
    [Theory]
    [InlineData(0L, false, 0)]
    [InlineData(9L, false, 9)]
    [InlineData(10L, false, -1)]
    [InlineData(4L, false, -1)]
    [InlineData(0L, true, -1)]
    [InlineData(-1L, false, -1)]
    [InlineData(long.MinValue, false, -1)]
    [InlineData(long.MaxValue, false, -1)]
    [InlineData((1L << 32) + 3, false, -1)]
    public void A_label_is_a_class_or_skipped_wherever_it_stands(long label, bool isNull, int expected)
    {
        for (var rows = 1; rows < 20; rows++)
        {
            for (var place = 0; place < rows; place++)
            {
                var labels = Enumerable.Repeat(7L, rows).ToArray();
                var nulls = new bool[rows];
                (labels[place], nulls[place]) = (label, isNull);
                var classes = new int[rows];
                Assert.Equal(expected >= 0, Labels.Classify(labels, nulls, 10, 4, classes));
                var all = Enumerable.Repeat(7, rows).ToArray();
                all[place] = expected;
                Assert.Equal(all, classes);
            }
        }
    }

    [Fact]
    public void Where_the_number_of_classes_is_not_known_every_label_up_to_the_largest_is_one()
    {
        var classes = new int[9];
        Assert.True(Labels.Classify([0, 1, 2, 3, 4, 5, 6, 7, int.MaxValue - 1], new bool[9], int.MaxValue, -100, classes));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, int.MaxValue - 1], classes);
    }
}
