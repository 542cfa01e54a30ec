using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;
using DistributedLoss.Wire;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Tests.Wire;

public class WireShardsTests
{
    private static readonly TotalsShape Shape = new() { Classes = 3, Statistics = StatisticKinds.Default };

    [Fact]
    public void An_assignment_comes_back()
    {
        var shard = new Shard(7, "0123456789abcdef", 3, 5, new RowRangeStart(1, 2, 3, 4), 1L << 40, 1L << 33, 12);
        var assignment = new ShardAssignment(shard, 2, 9);
        Assert.Equal(assignment, WireShards.ReadAssignment(WireShards.Write(assignment)));
    }

    [Fact]
    public void A_failure_comes_back()
    {
        var failure = new IdentifiedFailure(7, "id", 3, new ShardFailure("dump.parquet: row group 5: ünreadable; write it again", Deterministic: true));
        Assert.Equal(failure, WireShards.ReadFailure(WireShards.Write(failure)));
    }

    [Fact]
    public void A_result_comes_back_with_its_totals()
    {
        var totals = new Totals(Shape);
        totals.Rows.Ignored = 4;
        var result = new IdentifiedResult("id", new ShardResult(7, totals.ExecutionDigest(), totals, TimeSpan.FromTicks(123), 456));
        var read = WireShards.ReadResult(WireShards.Write(result), Shape);
        Assert.Equal(result, read with { Result = read.Result with { Totals = totals } });
        Assert.Equal(4, read.Result.Totals.Rows.Ignored);
    }

    [Fact]
    public void A_result_whose_totals_are_not_those_of_its_digest_is_refused()
    {
        var totals = new Totals(Shape);
        byte[] bytes = WireShards.Write(new IdentifiedResult("id", new ShardResult(7, totals.ExecutionDigest(), totals, TimeSpan.Zero, 0)));
        var message = ShardResultMessage.Parser.ParseFrom(bytes);
        message.Totals.Sums.Rows.Ignored = 1;
        Assert.Contains("says digest", Assert.Throws<WireException>(() => WireShards.ReadResult(message.ToByteArray(), Shape)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Negative_numbers_other_versions_and_missing_parts_are_refused()
    {
        var totals = new Totals(Shape);
        byte[] bytes = WireShards.Write(new IdentifiedResult("id", new ShardResult(7, totals.ExecutionDigest(), totals, TimeSpan.Zero, 0)));
        foreach (var change in (Action<ShardResultMessage>[])
            [m => m.Shard = -1, m => m.ElapsedTicks = -1, m => m.BytesRead = -1, m => m.Version = 2, m => m.Totals = null, m => m.Totals.Version = 2, m => m.Totals.End = false, m => m.ExecutionDigest = ByteString.Empty])
        {
            var message = ShardResultMessage.Parser.ParseFrom(bytes);
            change(message);
            Assert.Throws<WireException>(() => WireShards.ReadResult(message.ToByteArray(), Shape));
        }

        Assert.Throws<WireException>(() => WireShards.ReadAssignment(new AssignmentMessage { Version = 1, End = true }.ToByteArray()));
        Assert.Throws<WireException>(() => WireShards.ReadFailure(new ShardFailureMessage { Version = 1, Attempt = -1, End = true }.ToByteArray()));
    }

    [Fact]
    public void Messages_cut_at_any_place_are_refused()
    {
        var totals = new Totals(Shape);
        byte[] result = WireShards.Write(new IdentifiedResult("id", new ShardResult(7, totals.ExecutionDigest(), totals, TimeSpan.FromTicks(5), 6)));
        byte[] failure = WireShards.Write(new IdentifiedFailure(7, "id", 3, new ShardFailure("why", Deterministic: true)));
        byte[] assignment = WireShards.Write(new ShardAssignment(new Shard(7, "id", 3, 5, default, 0, 1, 12), 2, 9));
        Cut(result, bytes => WireShards.ReadResult(bytes, Shape));
        Cut(failure, bytes => WireShards.ReadFailure(bytes));
        Cut(assignment, bytes => WireShards.ReadAssignment(bytes));
    }

    private static void Cut(byte[] bytes, Action<byte[]> read)
    {
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<WireException>(() => read(bytes[..length]));
        }
    }
}
