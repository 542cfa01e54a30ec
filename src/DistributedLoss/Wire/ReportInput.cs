using DistributedLoss.Coordination;
using DistributedLoss.Runs;

namespace DistributedLoss.Wire;

/// <summary>From what a worker says to what the coordinator hears: nothing of another run, of another version of dloss, or of shards that there are not.</summary>
public static class ReportInput
{
    /// <exception cref="WireException">The report is none for this run: leave it alone; a worker that joined is to be released with the message as the reason.</exception>
    public static CoordinatorInput Of(WorkerReport report, string runId, RunPlan plan)
    {
        bool isNew = report is WorkerReport.Joined && report.RunId.Length == 0;
        if (!isNew && report.RunId != runId)
        {
            throw new WireException($"worker {report.Worker} reports to run {report.RunId}, and this is run {runId}");
        }

        switch (report)
        {
            case WorkerReport.Joined joined:
                return ProgramVersion.Refusal($"worker {joined.Worker}", joined.Version) is { } refusal
                    ? throw new WireException(refusal)
                    : new CoordinatorInput.WorkerJoined(joined.Worker);
            case WorkerReport.Requested requested:
                return new CoordinatorInput.WorkRequested(requested.Worker, requested.Number);
            case WorkerReport.Progressed progressed:
                return new CoordinatorInput.ShardProgressed(progressed.Worker, progressed.Shard, Rows(progressed, plan));
            case WorkerReport.Finished { Result: var identified } finished:
                var result = identified.Result;
                var shard = Find(finished, result.Shard, identified.ShardId, plan);
                return result.Totals.FileRows == shard.Rows
                    ? new CoordinatorInput.ShardFinished(finished.Worker, result)
                    : throw new WireException($"worker {finished.Worker}: the totals of shard {result.Shard} are of {result.Totals.FileRows} rows, not of {shard.Rows}");
            case WorkerReport.Failed { Failure: var failure } failed:
                Find(failed, failure.Shard, failure.ShardId, plan);
                return new CoordinatorInput.ShardFailed(failed.Worker, failure.Shard, failure.Attempt, failure.Failure);
            case WorkerReport.Taken taken:
                Find(taken, taken.Shard, taken.ShardId, plan);
                return new CoordinatorInput.ShardTaken(taken.Worker, taken.Shard, taken.Attempt);
            case WorkerReport.Returned returned:
                Find(returned, returned.Shard, returned.ShardId, plan);
                return new CoordinatorInput.ShardReturned(returned.Worker, returned.Shard, returned.Attempt);
            case WorkerReport.Left left:
                return new CoordinatorInput.WorkerLeft(left.Worker, left.Reason);
            default:
                throw new ArgumentException($"{report.GetType().Name} is nothing that a coordinator hears", nameof(report));
        }
    }

    private static long Rows(WorkerReport.Progressed progressed, RunPlan plan)
    {
        var shard = (uint)progressed.Shard < plan.Shards.Count ? plan.Shards[progressed.Shard] : throw NoShard(progressed, progressed.Shard, "any id");
        return progressed.Rows <= shard.Rows
            ? progressed.Rows
            : throw new WireException($"worker {progressed.Worker} has read {progressed.Rows} rows of shard {progressed.Shard}, which has {shard.Rows}");
    }

    private static Shard Find(WorkerReport report, int index, string id, RunPlan plan) =>
        (uint)index < plan.Shards.Count && plan.Shards[index].Id == id ? plan.Shards[index] : throw NoShard(report, index, $"id {id}");

    private static WireException NoShard(WorkerReport report, int index, string id) =>
        new($"worker {report.Worker}: the run has no shard {index} of {id}");
}
