using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Local;
using DistributedLoss.Runs;

namespace DistributedLoss.Akka.Tests;

/// <summary>The fixtures that runs here are over, and what they come to.</summary>
internal static class Dumps
{
    private static readonly Lazy<Task<string>> LocalDigest = new(async () =>
        Assert.IsType<RunOutcome.Completed>(await new LocalEngine(new LocalEngineOptions { Workers = 1 }).RunAsync(Plan(), _ => { })).Result.Digest);

    private static readonly string[] Coarse = [Repository.Fixture("coarse/duckdb_list_none.parquet"), Repository.Fixture("coarse/arrow_list_v1_pages_groups.parquet")];

    /// <summary>What the local engine says of <see cref="Plan"/>.</summary>
    public static Task<string> DigestAsync() => LocalDigest.Value;

    /// <summary>A shard of each page.</summary>
    public static RunPlan Plan() => RunPlan.Create(Coarse, new EvaluationOptions(), new PlanOptions { ShardBytes = 1 });
}
