using System.Buffers;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Tests.Statistics;

public class ClearTests
{
    [Fact]
    public void Cleared_totals_write_the_bytes_of_new_ones()
    {
        var (classes, losses, ranks) = (new ClassTotals(100), new LossMoments(), new RankCounts(1, 5));
        foreach (var loss in (double[])[0.5, 1e300, 1e-300, double.PositiveInfinity])
        {
            classes.Add(7, 99, loss);
            losses.Add(loss);
            ranks.Add(3);
        }

        classes.Clear();
        losses.Clear();
        ranks.Clear();
        Assert.Equal(Bytes(new ClassTotals(100).WriteTo), Bytes(classes.WriteTo));
        Assert.Equal(Bytes(new LossMoments().WriteTo), Bytes(losses.WriteTo));
        Assert.Equal(Bytes(new RankCounts(1, 5).WriteTo), Bytes(ranks.WriteTo));
    }

    private static byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
