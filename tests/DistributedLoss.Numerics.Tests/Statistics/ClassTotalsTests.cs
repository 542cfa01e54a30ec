using System.Buffers;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class ClassTotalsTests
{
    [Fact]
    public void Counts_and_derived_measures_of_a_small_table()
    {
        var totals = new ClassTotals(4);
        foreach (var (label, predicted, loss) in new[] { (0, 0, 0.5), (0, 1, 1.5), (0, 0, 0.25), (1, 1, 2.0), (1, 0, double.PositiveInfinity) })
            totals.Add(label, predicted, loss);
        Assert.Equal((3L, 3L, 2L), (totals.Count(0), totals.Predicted(0), totals.Correct(0)));
        Assert.Equal((2.0 / 3, 2.0 / 3, 4.0 / 6), (totals.Recall(0), totals.Precision(0), totals.F1(0)));
        Assert.Equal((0.75, double.PositiveInfinity), (totals.MeanLoss(0), totals.MeanLoss(1)));
        Assert.Equal((1L, 1), (totals.LossSum(1).PositiveInfinityCount, totals.LossSum(1).Sign));
        Assert.Equal((null, null, null, null), (totals.Recall(2), totals.Precision(2), totals.F1(2), totals.MeanLoss(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => totals.Add(4, 0, 1.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => totals.Add(0, -1, 1.0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassTotals(2).Add([0, 2], [0, 0], [1.0, 1.0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassTotals(2).Add([0], [-1], [1.0]));
        Assert.Throws<ArgumentException>(() => new ClassTotals(2).Add([0], [0, 1], [1.0]));
        Assert.Throws<ArgumentException>(() => new ClassTotals(2).Add([0], [0], []));
        Assert.Equal(5, Enumerable.Range(0, 4).Sum(totals.Predicted));
    }

    [Fact]
    public void Order_and_merging_change_no_byte()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var classes = random.Next(1, 200);
            var rows = Enumerable.Range(0, random.Next(300))
                .Select(_ => (random.Next(classes), random.Next(classes), random.Next(50) == 0 ? double.PositiveInfinity : Samples.Loss(random)))
                .ToArray();
            var expected = Bytes(Of(classes, rows));
            var bulk = new ClassTotals(classes);
            bulk.Add(Array.ConvertAll(rows, row => row.Item1), Array.ConvertAll(rows, row => row.Item2), Array.ConvertAll(rows, row => row.Item3));
            Assert.Equal(expected, Bytes(bulk));
            random.Shuffle(rows);
            var cut = random.Next(rows.Length + 1);
            var merged = Of(classes, rows[..cut]);
            merged.Add(Read(Of(classes, rows[cut..])));
            Assert.Equal(expected, Bytes(merged));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(256)]
    [InlineData(257)]
    public void Many_rows_of_few_classes_are_the_same_as_each(int classes)
    {
        var random = new Random(classes);
        var unusual = new[] { double.NaN, double.PositiveInfinity, 1e-30, 0.0, -1e-9, 1e15, 1e300 };
        var bulk = new ClassTotals(classes);
        var single = new ClassTotals(classes);
        foreach (var (rows, unusuals) in new[] { (5000, 0), (4096, 1), (2051, 0), (2049, 20), (13, 0) })
        {
            // Sorted by class, as many dumps are, in every second block.
            int[] labels = [.. Enumerable.Range(0, rows).Select(i => rows % 2 == 0 ? i * classes / rows : random.Next(classes))];
            int[] predicted = [.. labels.Select(label => random.Next(2) == 0 ? label : random.Next(classes))];
            double[] losses = [.. labels.Select(_ => random.Next(1000) < unusuals ? unusual[random.Next(unusual.Length)] : Samples.Loss(random))];
            bulk.Add(labels, predicted, losses);
            for (var i = 0; i < rows; i++)
                single.Add(labels[i], predicted[i], losses[i]);
        }

        Assert.Equal(Bytes(single), Bytes(bulk));
        Assert.Throws<ArgumentOutOfRangeException>(() => bulk.Add(new int[5000], [.. new int[4999], classes], new double[5000]));
        Assert.Throws<ArgumentOutOfRangeException>(() => bulk.Add([.. new int[4999], -1], new int[5000], new double[5000]));
    }

    [Fact]
    public void Every_prefix_and_every_contradiction_is_refused()
    {
        var good = Bytes(Of(3, [(0, 0, 1.0), (1, 0, 2.0)]));
        for (var length = 0; length < good.Length; length++)
            Assert.Throws<FormatException>(() => ClassTotals.Read(good.AsSpan(0, length), 3, out _));
        Assert.Throws<FormatException>(() => ClassTotals.Read(good, 4, out _));

        // Layout: classes, entries, then 28 bytes for class 0 (labelled at 12, predicted at 20, correct at 28) and for class 1.
        Refused("not those of the same rows", bytes => bytes[12] = 3);
        Refused("correct", bytes => bytes[28] = 2);
        Refused("labelled", bytes => bytes[19] = 128);
        Refused("class", bytes => bytes[36] = 0);
        Refused("more losses", bytes => (bytes[12], bytes[40]) = (2, 0), emptyClass1: true);

        void Refused(string reason, Action<byte[]> damage, bool emptyClass1 = false)
        {
            var bytes = emptyClass1 ? Bytes(Of(3, [(0, 1, 1.0), (1, 0, 2.0)])) : (byte[])good.Clone();
            damage(bytes);
            Assert.Contains(reason, Assert.Throws<FormatException>(() => ClassTotals.Read(bytes, 3, out _)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Totals_of_128256_classes_with_losses_in_every_class_fit_in_32_MB()
    {
        const int classes = 128_256;
        var random = new Random(1);
        var losses = Enumerable.Range(0, 4096).Select(_ => Samples.Loss(random)).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var totals = new ClassTotals(classes);
        for (var i = 0; i < 3 * classes; i++)
            totals.Add(i % classes, i * 7 % classes, losses[i % losses.Length]);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 1, 32_000_000);
        Assert.InRange(totals.AllocatedBytes, allocated * 0.98, allocated * 1.02);
    }

    [Fact]
    public void An_infinite_loss_in_each_of_128256_classes_still_fits_in_32_MB()
    {
        const int classes = 128_256;
        var totals = new ClassTotals(classes);
        for (var i = 0; i < classes; i++)
            totals.Add(i, i, i % 2 == 0 ? double.PositiveInfinity : 1.0);
        for (var i = 0; i < classes; i++)
            totals.Add(i, i, i % 2 != 0 ? double.PositiveInfinity : 1.0);
        Assert.InRange(totals.AllocatedBytes, classes, 32_000_000);
    }

    [Fact]
    public void Hostile_losses_in_each_of_128256_classes_cost_at_most_165_MB()
    {
        const int classes = 128_256;
        var totals = new ClassTotals(classes);
        for (var i = 0; i < classes; i++)
        {
            totals.Add(i, i, double.Epsilon);
            totals.Add(i, i, double.MaxValue);
            totals.Add(i, i, 1.0);
        }

        Assert.InRange(totals.AllocatedBytes, 150_000_000, 165_000_000);
    }

    [Fact]
    public void Reading_totals_of_a_few_classes_allocates_for_these_alone()
    {
        var totals = new ClassTotals(128_256);
        totals.Add(5, 6, 1.0);
        totals.Add(7, 7, double.PositiveInfinity);
        var bytes = Bytes(totals);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = ClassTotals.Read(bytes, 128_256, out _);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, read.AllocatedBytes, 3_200_000);
    }

    [Fact]
    public void Classes_never_seen_cost_their_counts_alone()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var totals = new ClassTotals(128_256);
        totals.Add(5, 6, 1.0);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 1, 3_200_000);
    }

    private static ClassTotals Of(int classes, (int Label, int Predicted, double Loss)[] rows)
    {
        var totals = new ClassTotals(classes);
        foreach (var (label, predicted, loss) in rows)
            totals.Add(label, predicted, loss);
        return totals;
    }

    private static ClassTotals Read(ClassTotals totals)
    {
        var bytes = Bytes(totals);
        var read = ClassTotals.Read([.. bytes, 7], totals.Classes, out var length);
        Assert.Equal(bytes.Length, length);
        return read;
    }

    private static byte[] Bytes(ClassTotals totals)
    {
        var output = new ArrayBufferWriter<byte>();
        totals.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
