using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class ReciprocalRanksTests
{
    private static readonly Mergeable<ReciprocalRanks, int> Laws = new(
        () => new ReciprocalRanks(), (all, ranks) => all.Add(ranks), (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output), ReciprocalRanks.Read);

    [Fact]
    public void Order_and_merging_change_no_byte() => Laws.AssertOrderAndMergingChangeNoByte(Rank, most: 2000);

    [Fact]
    public void Every_part_counts_once()
    {
        Laws.AssertPartsCountOnce([1, 3, 7], [2, 128_256]);
        Laws.AssertClearedIsNew([1, 3]);
    }

    [Fact]
    public void The_mean_is_that_of_the_rounded_reciprocals_rounded_once()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            int[] ranks = [.. Enumerable.Range(0, random.Next(1, 1500)).Select(_ => Rank(random))];
            (Rational.Sum(ranks.Select(rank => 1.0 / rank)) / new Rational(ranks.Length, 1)).AssertRoundsTo(Laws.Of(ranks).Mean!.Value);
        }
    }

    [Fact]
    public void Known_means()
    {
        // E. M. Voorhees, TREC-8 (1999): answers at ranks 3, 2 and 1 have the mean reciprocal rank (1/3 + 1/2 + 1) / 3 = 11/18.
        Assert.Equal(11.0 / 18, Laws.Of(3, 2, 1).Mean);
        Assert.Equal(1.0, Laws.Of(1, 1, 1).Mean);
        Assert.Equal(1.0 / int.MaxValue, Laws.Of(int.MaxValue).Mean);
        Assert.Null(new ReciprocalRanks().Mean);
    }

    [Fact]
    public void A_rank_below_one_is_refused_and_nothing_is_added()
    {
        var ranks = new ReciprocalRanks();
        Assert.Throws<ArgumentOutOfRangeException>(() => ranks.Add([1, 2, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ranks.Add([-1]));
        Assert.Equal(0, ranks.Count);
    }

    [Fact]
    public void Only_canonical_bytes_are_read()
    {
        Laws.AssertOnlyCanonicalBytesAreRead([1, 3, 17]);

        // int64 count; the sum 3 of three ranks 1: flags at 8, exponent at 9, length at 11, mantissa at 13.
        var good = Laws.Bytes(Laws.Of(1, 1, 1));
        Assert.Equal([3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 3], good);
        Laws.AssertRefused(good, "reciprocals", (0, 2));
        Laws.AssertRefused(good, "reciprocals", (0, 0));
        Laws.AssertRefused(good, "reciprocals", (8, 2));
        Laws.AssertRefused(good, "reciprocals", (8, 0));
        Laws.AssertRefused(good, "reciprocals", (9, 160), (10, 255));
        Laws.AssertRefused(good, "count", (7, 128));
    }

    [Fact]
    public void Adding_allocates_nothing()
    {
        var (all, ranks) = (new ReciprocalRanks(), Enumerable.Range(1, 3000).ToArray());
        Assert.Equal(0, Allocations.Of(() => all.Add(ranks)));
    }

    private static int Rank(Random random) => random.Next(4) == 0 ? random.Next(1, int.MaxValue) : random.Next(1, 20);
}
