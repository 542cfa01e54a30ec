using DistributedLoss.Evaluation;
using DistributedLoss.Losses;
using DistributedLoss.Parquet.Writing;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Losses;

public sealed class LossFileTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    private string Out => _folder["out.parquet"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_order_in_which_shards_finish_changes_no_byte()
    {
        var plan = Plan(1000, groupRows: 37);
        byte[] inOrder = Written(plan, plan.Shards);
        Assert.Equal(inOrder, Written(plan, plan.Shards.Reverse()));
        Shard[] shuffled = [.. plan.Shards];
        new Random(5).Shuffle(shuffled);
        Assert.Equal(inOrder, Written(plan, shuffled));
    }

    [Fact]
    public void Shards_wait_for_those_ahead_of_them_and_no_longer()
    {
        var plan = Plan(40, groupRows: 10);
        using var file = Begun(plan);
        int[] waiting = [.. ((int[])[3, 1, 0, 2]).Select(s =>
        {
            file.Settle(Part(file, plan.Shards[s]));
            return file.Waiting;
        })];
        Assert.Equal([1, 2, 1, 0], waiting);
    }

    [Fact]
    public void Rows_in_the_least_favourable_order_are_not_held_in_memory()
    {
        const int rows = 1_000_000;
        var plan = Plan(rows, groupRows: 10_000);
        using var file = Begun(plan);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var shard in plan.Shards.Reverse())
        {
            file.Settle(Part(file, shard));
        }

        // All that was ever allocated, be it garbage since: a row of the file takes 60 bytes and more in memory.
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, 32L * rows);
        Assert.Equal(0, file.Waiting);
    }

    [Fact]
    public void A_file_given_up_leaves_nothing_and_what_was_there_stays()
    {
        var plan = Plan(40, groupRows: 10);
        File.WriteAllText(Out, "the last run's");
        string[] before = Directory.GetFileSystemEntries(_folder.Path);
        using (var file = Begun(plan))
        {
            file.Settle(Part(file, plan.Shards[0]));
            file.Settle(Part(file, plan.Shards[2]));
            using var underWay = file.NewPart(plan.Shards[1]);
            underWay.Add(RowOutcome.Ignored(7));
        }

        Assert.Equal(before.Order(), Directory.GetFileSystemEntries(_folder.Path).Order());
        Assert.Equal("the last run's", File.ReadAllText(Out));
    }

    [Fact]
    public void A_shard_counts_once_and_none_may_be_missing()
    {
        var plan = Plan(40, groupRows: 10);
        using var file = Begun(plan);
        file.Settle(Part(file, plan.Shards[0]));
        file.Settle(Part(file, plan.Shards[2]));
        Assert.Throws<InvalidOperationException>(() => file.Settle(Part(file, plan.Shards[0])));
        Assert.Throws<InvalidOperationException>(() => file.Settle(Part(file, plan.Shards[2])));
        Assert.Contains("shard 1 of 4", Assert.Throws<InvalidOperationException>(() => file.Commit()).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Out));
    }

    [Fact]
    public void A_part_that_is_short_of_rows_is_refused()
    {
        var plan = Plan(40, groupRows: 10);
        using var file = Begun(plan);
        using var part = file.NewPart(plan.Shards[0]);
        part.Add(RowOutcome.Ignored(7));
        Assert.Contains("10 rows, but 1 were told", Assert.Throws<InvalidOperationException>(() => part.Finish(new RowCounts { Evaluated = 10 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_known_at_once() =>
        Assert.ThrowsAny<IOException>(() => new LossFile(_folder["no/such/folder.parquet"]));

    private static LossPart Part(LossFile file, Shard shard)
    {
        using var part = file.NewPart(shard);
        for (long row = shard.FirstRow; row < shard.FirstRow + shard.Rows; row++)
        {
            part.Add(row % 5 == 4 ? RowOutcome.Invalid(null, InvalidCause.NullLabel) : RowOutcome.Of(row % 3, row / 16.0, (int)(row % 2), 1));
        }

        return part.Finish(new RowCounts { Evaluated = shard.Rows });
    }

    private LossFile Begun(RunPlan plan)
    {
        var file = new LossFile(Out);
        file.Begin(plan);
        return file;
    }

    private byte[] Written(RunPlan plan, IEnumerable<Shard> order)
    {
        using (var file = Begun(plan))
        {
            foreach (var shard in order)
            {
                file.Settle(Part(file, shard));
            }

            file.Commit();
        }

        return File.ReadAllBytes(Out);
    }

    /// <summary>One shard a row group. The rows' own content is made by <see cref="Part"/>.</summary>
    private RunPlan Plan(int rows, int groupRows)
    {
        SyntheticDump.Write(_folder["dump.parquet"], new SyntheticOptions { Rows = rows, Classes = 1, RowGroupRows = groupRows });
        return RunPlan.Create([_folder["dump.parquet"]], new EvaluationOptions());
    }
}
