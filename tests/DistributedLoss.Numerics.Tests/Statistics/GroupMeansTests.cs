using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Summation;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class GroupMeansTests
{
    private static Mergeable<GroupMeans, (string? Key, double Weight, double Loss)> Laws(bool weighted, int limit = 100_000) => new(
        () => new GroupMeans(weighted, limit), Add, (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output),
        (ReadOnlySpan<byte> source, out int length) => GroupMeans.Read(source, limit, out length));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Order_and_merging_change_no_byte(bool weighted) => Laws(weighted).AssertOrderAndMergingChangeNoByte(Row);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_part_counts_once(bool weighted)
    {
        var laws = Laws(weighted);
        laws.AssertPartsCountOnce([("a", 2, 0.1), (null, 1, 0.7), ("b", 1e-300, 1e-300)], [("a", 3, 0.1), ("", 1, double.PositiveInfinity)]);
        laws.AssertPartsCountOnce([("z", 0, 0)], [("a", 0, double.NaN), ("z", 1, 1e300), (null, 1, 2)]);
        laws.AssertClearedIsNew([("a", 2, 0.1), (null, 1, 1e300), ("c", 1, double.NaN)]);
    }

    [Fact]
    public void The_mean_over_groups_is_that_of_their_rounded_means_rounded_once()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            (string? Key, double Weight, double Loss)[] rows = [.. Enumerable.Range(0, random.Next(1, 300)).Select(_ => (Key(random), 1.0, Samples.Loss(random)))];
            var means = Laws(false).Of(rows);
            var expected = new List<double>();
            foreach (var group in rows.GroupBy(row => row.Key))
            {
                var mean = means.MeanOf(group.Key)!.Value;
                (Rational.Sum(group.Select(row => row.Loss)) / new Rational(group.Count(), 1)).AssertRoundsTo(mean);
                Assert.Equal(group.Count(), means.CountOf(group.Key));
                expected.Add(mean);
            }

            var moments = means.ToMoments();
            (Rational.Sum(expected) / new Rational(expected.Count, 1)).AssertRoundsTo(moments.Mean!.Value);
            Assert.Equal((expected.Count, expected.Count, rows.Length), (moments.Count, means.Groups, means.Count));
        }
    }

    [Fact]
    public void A_weighted_group_has_the_mean_of_WeightedLoss()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            (string? Key, double Weight, double Loss)[] rows = [.. Enumerable.Range(0, 200).Select(_ => Row(random))];
            var means = Laws(true).Of(rows);
            foreach (var group in rows.GroupBy(row => row.Key))
            {
                var weighted = new WeightedLoss();
                foreach (var (_, weight, loss) in group)
                    weighted.Add(weight, loss);
                Assert.Equal(weighted.Mean, means.MeanOf(group.Key));
            }
        }
    }

    [Fact]
    public void A_row_in_two_parts_is_that_of_WeightedLoss()
    {
        var (means, weighted) = (new GroupMeans(true), new WeightedLoss());
        foreach (var (labelWeight, labelLoss, rowWeight, rest) in new[] { (0.1, 0.3, 0.7, 1e-30), (2.0, 3.0, 5.0, 7.0), (0, 1e-300, 3, 1e-310) })
        {
            means.Add(means.GroupOf("a"), labelWeight, labelLoss, rowWeight, rest);
            weighted.Add(labelWeight, labelLoss, rowWeight, rest);
        }

        Assert.Equal(weighted.Mean, means.MeanOf("a"));
        means.Add(means.GroupOf("a"), 0, double.PositiveInfinity, 0, double.PositiveInfinity);
        weighted.Add(0, double.PositiveInfinity, 0, double.PositiveInfinity);
        Assert.Equal((double.NaN, double.NaN), (weighted.Mean, means.MeanOf("a")));
    }

    [Fact]
    public void Null_is_a_group_of_its_own_and_keys_differ_by_every_code_unit()
    {
        var means = Laws(false).Of((null, 1, 1), ("", 1, 2), ("A", 1, 3), ("a", 1, 4), ("\u00e4", 1, 5), ("a\u0308", 1, 6), ("\ud800", 1, 7), ("\ud801", 1, 8));
        Assert.Equal(8, means.Groups);
        Assert.Equal(4.5, Laws(false).ReadBack(means).ToMoments().Mean);
        Assert.Equal((1.0, 2.0, 8.0, null, 0L), (means.MeanOf(null), means.MeanOf(""), means.MeanOf("\ud801"), means.MeanOf("b"), means.CountOf("b")));
        Assert.Equal(means.GroupOf("a"), means.GroupOf("xax".AsSpan(1, 1)));
        Assert.Equal(8, means.GroupOf("new".AsSpan()));
    }

    [Fact]
    public void A_group_without_weight_has_no_mean_and_one_with_an_infinite_loss_an_infinite_one()
    {
        var means = Laws(true).Of(("a", 0, 5), ("b", 1, 2), ("c", 3, 4));
        Assert.Equal((3, 2L, 3.0), (means.Groups, means.ToMoments().Count, means.ToMoments().Mean));
        Add(means, [("b", 1, double.PositiveInfinity)]);
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity, 4.0), (means.ToMoments().Mean, means.MeanOf("b"), means.MeanOf("c")));
        Assert.Null(new GroupMeans().ToMoments().Mean);
    }

    [Fact]
    public void One_group_too_many_is_refused_whoever_meets_it()
    {
        var laws = Laws(false, 2);
        var full = laws.Of(("a", 1, 1), (null, 1, 2), ("a", 1, 5));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var error = Assert.Throws<LimitExceededException>(() => full.GroupOf("b"));
            Assert.Equal(("groups", 2L), (error.What, error.Limit));
        }

        Assert.Equal(2, full.Groups);
        Assert.Throws<LimitExceededException>(() => laws.Of(("a", 1, 1), ("b", 1, 2)).GroupOf((string?)null));
        Assert.Throws<LimitExceededException>(() => laws.Of(("a", 1, 1), ("b", 1, 2)).Add(laws.Of(("c", 1, 1))));
        Assert.Throws<FormatException>(() => laws.Read(Laws(false).Bytes(Laws(false).Of(("a", 1, 1), ("b", 1, 1), ("c", 1, 1))), out _));
    }

    [Fact]
    public void Rows_with_weights_and_without_do_not_mix()
    {
        var (plain, weighted) = (new GroupMeans(), new GroupMeans(true));
        var (a, b) = (plain.GroupOf("a"), weighted.GroupOf("a"));
        Assert.Throws<InvalidOperationException>(() => plain.Add(a, 1, 2));
        Assert.Throws<InvalidOperationException>(() => plain.Add(a, 1, 2, 3, 4));
        Assert.Throws<InvalidOperationException>(() => weighted.Add(b, 1));
        Assert.Throws<InvalidOperationException>(() => weighted.Add([b], [1]));
        Assert.Throws<ArgumentException>(() => plain.Add(weighted));
        Assert.Throws<ArgumentException>(() => plain.Add([a], [1, 2]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_canonical_bytes_are_read(bool weighted)
    {
        var laws = Laws(weighted);
        laws.AssertOnlyCanonicalBytesAreRead([(null, 1, 1.5), ("", 2, 1), ("ab", 1, double.PositiveInfinity), ("b", 1, 0.25)]);

        // One byte, int32 groups; null at 5 with int64 rows at 9 and a sum of 6 bytes (12 with a weight's); then "a", "b".
        var good = laws.Bytes(laws.Of((null, 1, 1), ("a", 1, 1), ("b", 1, 1)));
        var a = weighted ? 29 : 23;
        Assert.Equal([(byte)(weighted ? 1 : 0), 3, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1], good[..23]);
        Assert.Equal([1, 0, 0, 0, 97, 0, 1, 0], good[a..(a + 8)]);
        laws.AssertRefused(good, "neither", (0, 2));
        laws.AssertRefused(good, "number of groups", (4, 1));
        laws.AssertRefused(good, "key length", (5, 254));
        laws.AssertRefused(good, "key length", (a, 255), (a + 1, 255), (a + 2, 255), (a + 3, 255));
        laws.AssertRefused(good, "follows", (a + 4, 98));
        laws.AssertRefused(good, "follows", (a + 5, 1));
        laws.AssertRefused(good, "rows", (16, 128));
        laws.AssertRefused(good, "not those of 0 rows", (9, 0));
        if (weighted)
            laws.AssertRefused(good, "not those of 1 rows", (23, 2));
    }

    [Fact]
    public void A_group_costs_what_is_documented()
    {
        const int groups = 100_000;
        string[] keys = [.. Enumerable.Range(0, groups).Select(i => $"document-{i}")];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var means = new GroupMeans();
        foreach (var key in keys)
            means.Add(means.GroupOf(key), 0.5);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(means.AllocatedBytes / (double)groups, 100, 100 + 60 + 60);
        var keyBytes = keys.Sum(key => 24.0 + (2 * key.Length));

        // What grows by doubling has left no more behind than it is.
        Assert.InRange(allocated, 0.9 * (means.AllocatedBytes - keyBytes), 2 * (means.AllocatedBytes - keyBytes));
        Assert.InRange(new GroupMeans(true).AllocatedBytes, 0, 1_000);
        Assert.Equal(0, Allocations.Of(() => means.Add(means.GroupOf("document-77".AsSpan()), 0.25)));
    }

    private static void Add(GroupMeans means, (string? Key, double Weight, double Loss)[] rows)
    {
        if (!means.IsWeighted)
        {
            means.Add(Array.ConvertAll(rows, row => means.GroupOf(row.Key)), Array.ConvertAll(rows, row => row.Loss));
            return;
        }

        foreach (var (key, weight, loss) in rows)
            means.Add(means.GroupOf(key), weight, loss);
    }

    private static string? Key(Random random) => random.Next(12) is > 0 and var i ? new string((char)('a' + (i % 4)), i / 4) : null;

    private static (string? Key, double Weight, double Loss) Row(Random random) => (Key(random), random.Next(4) switch
    {
        0 => 0,
        1 => Math.ScaleB(random.NextDouble(), random.Next(-500, 500)),
        2 => random.Next(4),
        _ => random.NextDouble(),
    }, random.Next(12) switch
    {
        0 => Math.ScaleB(random.NextDouble(), random.Next(-500, 500)),
        1 => -Samples.Loss(random),
        _ => Samples.Loss(random),
    });
}
