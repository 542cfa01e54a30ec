using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Tests.Summation;

namespace DistributedLoss.Numerics.Tests.Statistics;

/// <summary>The totals that every run has, under the laws that the newer ones keep in their own tests.</summary>
public class MergeLawsTests
{
    private static readonly Mergeable<LossMoments, double> Moments = new(
        () => new LossMoments(), (all, losses) => all.Add(losses), (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output), LossMoments.Read);

    private static readonly Mergeable<RankCounts, int> Ranks = new(
        () => new RankCounts(1, 5), (all, ranks) => all.Add(ranks), (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output), RankCounts.Read);

    private static readonly Mergeable<ClassTotals, (int Label, int Predicted, double Loss)> Classes = new(
        () => new ClassTotals(100), Add, (into, from) => into.Add(from), all => all.Clear(), (all, output) => all.WriteTo(output),
        (ReadOnlySpan<byte> source, out int length) => ClassTotals.Read(source, 100, out length));

    [Fact]
    public void Order_and_merging_change_no_byte()
    {
        Moments.AssertOrderAndMergingChangeNoByte(Loss);
        Ranks.AssertOrderAndMergingChangeNoByte(random => random.Next(1, 9));
        Classes.AssertOrderAndMergingChangeNoByte(random => (random.Next(100), random.Next(100), Loss(random)));
    }

    [Fact]
    public void Every_part_counts_once()
    {
        Moments.AssertPartsCountOnce([0.1, 0.7], [3, -1]);
        Moments.AssertPartsCountOnce([double.PositiveInfinity], [double.NaN, 1e300]);
        Ranks.AssertPartsCountOnce([1, 7], [2]);
        Classes.AssertPartsCountOnce([(1, 2, 0.5), (99, 99, 1e300)], [(2, 2, double.PositiveInfinity), (99, 1, 1e-300)]);
    }

    [Fact]
    public void Only_canonical_bytes_are_read()
    {
        Moments.AssertOnlyCanonicalBytesAreRead([0.1, 0.7, -3, double.PositiveInfinity]);
        Ranks.AssertOnlyCanonicalBytesAreRead([1, 7, 2]);
        Classes.AssertOnlyCanonicalBytesAreRead([(1, 2, 0.5), (99, 99, 1.25), (99, 2, double.PositiveInfinity)]);
    }

    private static double Loss(Random random) => random.Next(30) switch
    {
        0 => double.PositiveInfinity,
        1 => double.NaN,
        2 => Samples.Finite(random),
        _ => Samples.Loss(random),
    };

    private static void Add(ClassTotals totals, (int Label, int Predicted, double Loss)[] rows) => totals.Add(
        Array.ConvertAll(rows, row => row.Label), Array.ConvertAll(rows, row => row.Predicted), Array.ConvertAll(rows, row => row.Loss));
}
