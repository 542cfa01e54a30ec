using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class ConfusionCountsTests
{
    private static Mergeable<ConfusionCounts, (int Label, int Predicted)> Laws(int classes, int limit = ConfusionCounts.DefaultPairLimit) => new(
        () => new ConfusionCounts(classes, limit), Add, (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output),
        (ReadOnlySpan<byte> source, out int length) => ConfusionCounts.Read(source, classes, limit, out length));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(1_001)]
    [InlineData(128_256)]
    public void Order_and_merging_change_no_byte(int classes) =>
        Laws(classes).AssertOrderAndMergingChangeNoByte(random => Row(random, classes), classes == 1_000 ? 5 : 50, 3000);

    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    public void Every_part_counts_once(int classes)
    {
        Laws(classes).AssertPartsCountOnce([(1, 2), (1, 2), (3, 3), (0, 9)], [(2, 1), (1, 2)]);
        Laws(classes).AssertClearedIsNew([(1, 2), (3, 4)]);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(2_000)]
    public void Counts_are_those_of_the_rows(int classes)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            (int Label, int Predicted)[] rows = [.. Enumerable.Range(0, 3000).Select(_ => Row(random, classes))];
            var counts = Laws(classes).Of(rows);
            var wrong = rows.Where(row => row.Label != row.Predicted).CountBy(row => row).ToArray();
            foreach (var (pair, count) in wrong)
                Assert.Equal(count, counts.Count(pair.Label, pair.Predicted));
            Assert.Equal(wrong.Length, counts.WrongPairs);
            var expected = wrong.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => new ConfusedPair(pair.Key.Label, pair.Key.Predicted, pair.Value)).ToArray();
            foreach (var most in new[] { 0, 1, 10, 100_000 })
                Assert.Equal(expected.Take(most), counts.MostConfused(most));
        }
    }

    [Fact]
    public void The_dense_matrix_is_sklearns()
    {
        // From confusion_reference.py: the matrix of sklearn.metrics.confusion_matrix.
        var (labels, predicted, matrix) = (ConfusionReference.Labels, ConfusionReference.Predicted, ConfusionReference.Matrix);
        var counts = Laws(matrix.Length).Of([.. labels.Zip(predicted)]);
        for (var label = 0; label < matrix.Length; label++)
        {
            Assert.Equal(matrix[label], counts.Row(label).ToArray());
            Assert.Equal(matrix[label][label], counts.Count(label, label));
        }
    }

    [Fact]
    public void A_matrix_is_dense_up_to_1000_classes()
    {
        var (dense, sparse) = (new ConfusionCounts(1_000), new ConfusionCounts(1_001));
        Assert.Equal((true, false), (dense.IsDense, sparse.IsDense));
        Assert.InRange(dense.AllocatedBytes, 0, 1000);
        Assert.True(dense.Row(999).IsEmpty);
        Assert.Equal((0, 0), (dense.Count(999, 3), sparse.Count(999, 3)));
        Add(dense, [(999, 999)]);
        Assert.Equal((1, 1000), (dense.Count(999, 999), dense.Row(0).Length));
        Assert.InRange(dense.AllocatedBytes, 8_000_000, 8_001_000);
        Assert.Throws<InvalidOperationException>(() => sparse.Count(3, 3));
        Assert.Throws<InvalidOperationException>(() => sparse.Row(3).Length);
    }

    [Fact]
    public void One_pair_too_many_is_refused_whoever_meets_it()
    {
        var laws = Laws(2_000, 3);
        var full = laws.Of((0, 1), (1, 0), (1, 1), (2, 1), (0, 1));
        Assert.Equal(3, full.WrongPairs);
        var error = Assert.Throws<LimitExceededException>(() => Add(full, [(7, 8)]));
        Assert.Equal(("distinct pairs of a label and a wrong prediction", 3), (error.What, error.Limit));
        Assert.Contains("more than 3 distinct pairs", error.Message, StringComparison.Ordinal);
        Assert.Throws<LimitExceededException>(() => laws.Of((0, 1), (1, 0)).Add(laws.Of((2, 1), (2, 0))));
        Assert.Throws<FormatException>(() => laws.Read(Laws(2_000).Bytes(Laws(2_000).Of((0, 1), (0, 2), (0, 3), (0, 4))), out _));
    }

    [Fact]
    public void Wrong_classes_and_spans_are_refused_and_nothing_is_added()
    {
        foreach (var classes in new[] { 0, 3, 2_000 })
        {
            var counts = new ConfusionCounts(classes);
            Assert.Throws<ArgumentOutOfRangeException>(() => Add(counts, [(classes - 1, 0), (classes, 0)]));
            Assert.Throws<ArgumentOutOfRangeException>(() => Add(counts, [(0, -1)]));
            Assert.Throws<ArgumentOutOfRangeException>(() => counts.Count(0, classes));
            Assert.Throws<ArgumentException>(() => counts.Add([0], [0, 0]));
            Assert.Throws<ArgumentException>(() => counts.Add(new ConfusionCounts(classes + 1)));
            Assert.Equal(0, counts.WrongPairs);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionCounts(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionCounts(3, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionCounts(3).MostConfused(-1));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1_500)]
    public void Only_canonical_bytes_are_read(int classes)
    {
        var laws = Laws(classes);
        laws.AssertOnlyCanonicalBytesAreRead([(0, 1), (1, 2), (1, 2), (3, 0)]);

        // int32 classes, int32 pairs, then int32 label, int32 predicted and int64 count at 16, and the next pair from 24.
        var good = laws.Bytes(laws.Of((0, 1), (1, 2)));
        Assert.Equal([2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], good[4..]);
        laws.AssertRefused(good, "number of classes", (0, 3));
        laws.AssertRefused(good, "number of pairs", (4, 3));
        laws.AssertRefused(good, "label", (11, 128));
        laws.AssertRefused(good, "predicted class", (15, 1));
        laws.AssertRefused(good, "out of place", (8, 2));
        laws.AssertRefused(good, "out of place", (24, 0), (28, 1));
        laws.AssertRefused(good, "count", (16, 0));
        laws.AssertRefused(good, "count", (23, 128));
        if (classes > ConfusionCounts.MostDenseClasses)
            laws.AssertRefused(good, "out of place", (8, 1));
    }

    [Fact]
    public void A_pair_costs_what_is_documented()
    {
        const int pairs = 400_000;
        var counts = new ConfusionCounts(128_256);
        int[] labels = [.. Enumerable.Range(0, pairs).Select(i => i % 128_256)], predicted = [.. Enumerable.Range(0, pairs).Select(i => 128_255 - (i % 100_003))];
        counts.Add(labels, predicted);
        Assert.InRange(counts.AllocatedBytes / (double)counts.WrongPairs, 21, 43);
        Assert.Equal(0, Allocations.Of(() => counts.Add(labels, predicted)));
    }

    private static (int, int) Row(Random random, int classes)
    {
        var label = random.Next(classes);
        return (label, random.Next(3) == 0 ? random.Next(classes) : random.Next(2) == 0 ? label : (label + 1) % classes);
    }

    private static void Add(ConfusionCounts counts, (int Label, int Predicted)[] rows) =>
        counts.Add(Array.ConvertAll(rows, row => row.Label), Array.ConvertAll(rows, row => row.Predicted));
}
