using System.Buffers;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class RankCountsTests
{
    [Fact]
    public void A_rank_counts_for_every_k_at_or_above_it()
    {
        var counts = new RankCounts(5, 1, 3, 5);
        Assert.Equal([1, 3, 5], counts.Ks.ToArray());
        counts.Add([1, 2, 3, 4, 5, 6, 1_000_000]);
        Assert.Equal((7L, 1L, 3L, 5L), (counts.Count, counts.Within(1), counts.Within(3), counts.Within(5)));
        Assert.Equal((1.0 / 7, 3.0 / 7, 5.0 / 7), (counts.Accuracy(1), counts.Accuracy(3), counts.Accuracy(5)));
    }

    [Fact]
    public void Wrong_ks_and_ranks_are_refused()
    {
        var counts = new RankCounts(1, 5);
        Assert.Null(counts.Accuracy(5));
        Assert.Throws<ArgumentException>(() => counts.Within(2));
        Assert.Throws<ArgumentException>(() => counts.Accuracy(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => counts.Add(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => counts.Add([1, 2, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RankCounts(0));
        Assert.Throws<ArgumentException>(() => counts.Add(new RankCounts(1, 6)));
    }

    [Fact]
    public void Order_and_merging_change_no_byte()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var ks = Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(1, 20)).ToArray();
            var ranks = Enumerable.Range(0, random.Next(100)).Select(_ => random.Next(1, 25)).ToArray();
            var whole = new RankCounts(ks);
            whole.Add(ranks);
            foreach (var k in ks)
                Assert.Equal(ranks.Count(rank => rank <= k), whole.Within(k));
            random.Shuffle(ranks);
            var cut = random.Next(ranks.Length + 1);
            var (left, right) = (new RankCounts(ks), new RankCounts(ks));
            left.Add(ranks.AsSpan(0, cut));
            right.Add(ranks.AsSpan(cut));
            var bytes = Bytes(right);
            left.Add(RankCounts.Read([.. bytes, 9], out var length));
            Assert.Equal(bytes.Length, length);
            Assert.Equal(Bytes(whole), Bytes(left));
        }
    }

    [Fact]
    public void Every_prefix_and_every_contradiction_is_refused()
    {
        var counts = new RankCounts(1, 5);
        counts.Add([1, 2, 7]);
        var good = Bytes(counts);
        Assert.Equal([2, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], good);
        for (var length = 0; length < good.Length; length++)
            Assert.Throws<FormatException>(() => RankCounts.Read(good.AsSpan(0, length), out _));
        foreach (var (at, value) in new[] { (0, 200), (3, 127), (4, 0), (4, 6), (4, 5), (11, 128), (19, 128) })
        {
            var bytes = (byte[])good.Clone();
            bytes[at] = (byte)value;
            Assert.Throws<FormatException>(() => RankCounts.Read(bytes, out _));
        }
    }

    private static byte[] Bytes(RankCounts counts)
    {
        var output = new ArrayBufferWriter<byte>();
        counts.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
