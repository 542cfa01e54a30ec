using DistributedLoss.Runs;

namespace DistributedLoss.Coordination.Journal;

/// <summary>
/// Keeps a run of nothing in memory, so that the code for it is compiled while the inputs are planned, which is work for one processor: the just-in-time
/// compiler takes a tenth of a small run for it, and otherwise the first results wait for that.
/// </summary>
internal static class Rehearsal
{
    public static void Run()
    {
        var plan = new RunPlan { Files = [new InputFile(0, "/", 0, default, "", 0, 1)], Shards = [new Shard(0, "", 0, 0, default, 0, 0, 0)], Classes = 2, Options = new() };
        RunManifest.Of(plan).Write(Stream.Null);
        using var journal = new ShardJournal(new MemoryStream(), "", plan);
        journal.Resume(new RunLedger(1, plan.NewTotals));
        var totals = plan.NewTotals();
        journal.Append([new ShardResult(0, totals.ExecutionDigest(), totals, TimeSpan.Zero, 0)]);
    }
}
