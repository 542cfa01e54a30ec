using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Cli.Verification;

/// <summary>How a result is made once more: in every way in which no number may depend on.</summary>
/// <param name="Workers">Of the local engine.</param>
internal sealed record VerificationRun(RowKernel Kernel, int Workers, long ShardBytes)
{
    public const int Most = 3;

    /// <summary>Ways that differ in kernel, workers and shard size from each other, and from the result's own.</summary>
    public static IReadOnlyList<VerificationRun> Differing(EnvironmentFigures recorded, int count)
    {
        // The widest first: the others are slower, the scalar one by far.
        RowKernel[] kernels = [.. RowKernel.All.Where(k => k.Name != recorded.Kernel && (k.Name != "512" || RowKernel.Default.Name == "512")).Reverse()];
        int[] workers = [.. new[] { Environment.ProcessorCount, Environment.ProcessorCount + 1, 1, 5 }.Where(w => w != recorded.Workers).Distinct()];
        return [.. Enumerable.Range(0, count).Select(i => new VerificationRun(
            kernels[i % kernels.Length], workers[i % workers.Length], PlanOptions.DefaultShardBytes / (3 * i + 5)))];
    }
}
