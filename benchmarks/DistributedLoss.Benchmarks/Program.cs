using BenchmarkDotNet.Running;
using DistributedLoss.Benchmarks;

// `--check` is ours: each benchmark once, its result compared, no time taken. Everything else is BenchmarkDotNet's command line.
if (args is ["--check"])
{
    return SuiteCheck.Run();
}

var summaries = BenchmarkSwitcher.FromAssembly(typeof(SuiteConfig).Assembly).Run(args, new SuiteConfig());
return summaries.Any(s => s.HasCriticalValidationErrors || s.Reports.Any(r => !r.Success)) ? 1 : 0;
