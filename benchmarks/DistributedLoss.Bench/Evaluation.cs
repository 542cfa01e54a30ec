using System.Diagnostics;
using DistributedLoss.Coordination;
using DistributedLoss.Evaluation;
using DistributedLoss.Local;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Bench;

/// <summary>One whole evaluation with all default statistics, from the paths to the digest.</summary>
/// <param name="Path">A dump.</param>
/// <param name="Prefix">That of flat columns; null for the column <c>logits</c>.</param>
/// <param name="Packed">What a binary column holds; null for typed columns.</param>
internal sealed record Evaluation(string Path, int Workers = 1, string? Prefix = null, string? Packed = null)
{
    /// <exception cref="InvalidDataException">The run did not complete.</exception>
    public async Task<Figures> RunAsync()
    {
        FloatFormat? packed = Packed is null ? null : Enum.Parse<FloatFormat>(Packed, ignoreCase: true);
        var cpu = Environment.CpuUsage.TotalTime;
        long began = Stopwatch.GetTimestamp();
        var plan = RunPlan.Create([Path], new EvaluationOptions { LogitsPrefix = Prefix, Packed = packed });
        var outcome = await new LocalEngine(new LocalEngineOptions { Workers = Workers }).RunAsync(plan, static _ => { });
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        var result = outcome is RunOutcome.Completed completed ? completed.Result : throw new InvalidDataException($"{Path}: {outcome}");
        return new Figures(seconds, cpuSeconds, result.Loss.Mean ?? throw new InvalidDataException($"{Path}: no row has a loss"), result.Rows.Evaluated, result.Digest);
    }
}

/// <param name="Seconds">Wall time.</param>
/// <param name="CpuSeconds">Of all threads, in user mode and in the kernel.</param>
/// <param name="Mean">Of the rows' losses, in nats.</param>
internal sealed record Figures(double Seconds, double CpuSeconds, double Mean, long Rows, string Digest);
