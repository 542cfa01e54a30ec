using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using DistributedLoss.Benchmarks.Numerics;

namespace DistributedLoss.Benchmarks;

/// <summary>
/// What CI asks: that every benchmark of every suite runs, for all its parameters, and that one suite runs under BenchmarkDotNet itself. Suites compare what they compute
/// with what they were given, in their setup.
/// </summary>
internal static class SuiteCheck
{
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        int ran = 0;
        foreach (var suite in Suite.All)
        {
            var benchmarks = BenchmarkConverter.TypeToBenchmarks(suite).BenchmarksCases;
            foreach (var benchmark in benchmarks)
            {
                RunOnce(benchmark);
            }

            Console.WriteLine($"{suite.Name}: {benchmarks.Length} benchmarks ran");
            ran += benchmarks.Length;
        }

        var config = ManualConfig.CreateEmpty().AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance));
        var summary = BenchmarkRunner.Run<ExactSums>(config);
        bool isSound = !summary.HasCriticalValidationErrors && summary.Reports.Length > 0 && summary.Reports.All(r => r.Success);
        Console.WriteLine($"BenchmarkDotNet: {summary.Reports.Length} benchmarks of {nameof(ExactSums)} ran {(isSound ? "" : "and failed")}");
        Console.WriteLine($"{ran} benchmarks of {Suite.All.Count} suites");
        return isSound && ran > 0 ? 0 : 1;
    }

    private static void RunOnce(BenchmarkCase benchmark)
    {
        object suite = Suite.Create(benchmark);
        try
        {
            benchmark.Descriptor.GlobalSetupMethod?.Invoke(suite, null);
            benchmark.Descriptor.WorkloadMethod.Invoke(suite, null);
        }
        finally
        {
            benchmark.Descriptor.GlobalCleanupMethod?.Invoke(suite, null);
        }
    }
}
