using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Output;
using DistributedLoss.Comparison;
using DistributedLoss.Reports;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Comparison;

/// <summary>One comparison, from settings to exit code.</summary>
internal sealed class ComparisonRun(CliConsole console, ComparisonSettings settings)
{
    /// <exception cref="CliException">The settings cannot be used.</exception>
    public int Run(CancellationToken cancel)
    {
        CheckThresholds();
        var (a, b) = (ComparisonInput.Find(settings.A, cancel), ComparisonInput.Find(settings.B, cancel));
        CheckOptions(a, b);
        OutputPaths.Check([.. a.Files, .. b.Files, settings.A, settings.B], ("--output", settings.Output), ("--report", settings.Report));
        using var output = settings.Output is { } file ? AtomicFile.Open("--output", file) : null;
        using var report = settings.Report is { } page ? AtomicFile.Open("--report", page) : null;
        var options = settings.Options;
        var rowsOfB = settings.LogitsOfB is { } column ? settings.Rows with { LogitsColumn = column, LogitsPrefix = null } : settings.Rows;
        var sideA = a.Open(settings.Rows, options.SliceBy, options.ShardBytes, cancel);
        var sideB = b.Open(rowsOfB, [], options.ShardBytes, cancel);
        var result = Comparer.Compare(sideA, sideB, options, cancel);
        output?.Commit(stream => ComparisonJson.Write(stream, result));
        report?.Commit(stream => ComparisonReport.Write(stream, result));
        ResultOutput.Write(
            console,
            settings.Format,
            stream => ComparisonJson.Write(stream, result),
            writer => new ComparisonTable(writer, console.OutHasColour).Write(result));
        if (result.Remark is { } remark && settings.Format == ResultFormat.Json)
        {
            console.Error.WriteLine($"dloss: {remark}");
        }

        ThresholdMiss[] misses = [.. settings.Thresholds.Select(t => t.Miss(ComparisonMetrics.Get(result, t.Metric))).OfType<ThresholdMiss>()];
        foreach (var miss in misses)
        {
            console.Error.WriteLine($"dloss: {miss}");
        }

        return misses.Length > 0 ? ExitCode.ThresholdMissed : ExitCode.Done;
    }

    private void CheckThresholds()
    {
        if (settings.Thresholds.FirstOrDefault(t => !ComparisonMetrics.Names.Contains(t.Metric)) is { } unknown)
        {
            throw CliException.Usage(
                $"{ThresholdOption.Name(unknown.IsCeiling)} {unknown.Metric}={Quantity.Exact(unknown.Limit)}: a comparison has no number {unknown.Metric}; name one by its place in the JSON, such as difference.mean or difference.ci95.low (docs/compare.md)");
        }
    }

    /// <summary>An option that nothing would listen to is a mistake.</summary>
    private void CheckOptions(ComparisonInput a, ComparisonInput b)
    {
        if (settings.GivenForDumps is { } given && a.Kind != ComparisonInput.Kinds.Dump && b.Kind != ComparisonInput.Kinds.Dump)
        {
            throw CliException.Usage($"{given} is for dumps: results and losses have their own options in them; leave it out");
        }

        if (settings.LogitsOfB is { } column && b.Kind != ComparisonInput.Kinds.Dump)
        {
            throw CliException.Usage($"--b-logits {column} is for a dump, which {settings.B} is not; leave it out");
        }
    }
}
