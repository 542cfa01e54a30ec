using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Local;
using DistributedLoss.Runs;

namespace DistributedLoss.Remote.Tests;

/// <summary>Dumps on the disk, and what the local engine says of paths.</summary>
internal static class Dump
{
    /// <summary>The digest of a run that must succeed.</summary>
    public static string Digest(string path, EvaluationOptions? options = null) =>
        Run(path, options) is RunOutcome.Completed(var result) ? result.Digest : throw new InvalidOperationException($"{path} was not evaluated");

    /// <exception cref="Parquet.ParquetException">The plan cannot be made.</exception>
    public static RunOutcome Run(string path, EvaluationOptions? options = null, CancellationToken cancel = default)
    {
        var plan = RunPlan.Create([path], options ?? new EvaluationOptions(), null, cancel);
        return new LocalEngine(new LocalEngineOptions { Workers = 2 }).RunAsync(plan, _ => { }, null, cancel).GetAwaiter().GetResult();
    }
}
