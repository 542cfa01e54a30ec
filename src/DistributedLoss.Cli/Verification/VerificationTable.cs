using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Output;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Verification;

/// <summary>A verification as text for people.</summary>
internal static class VerificationTable
{
    public static void Write(TextWriter writer, bool colour, Verdict verdict)
    {
        var report = new TextReport(writer, colour);
        var recorded = verdict.Recorded;
        report.Field("result", $"digest {recorded.Digest}, mean loss {(recorded.Loss.Mean is { } mean ? Quantity.Exact(mean) : "none")}");
        report.Field("inputs", $"{Quantity.Count(recorded.Files.Count)} files, {Quantity.Bytes(recorded.Files.Sum(f => f.Bytes))}: {(verdict.EveryByte ? "every byte as recorded (SHA-256)" : "lengths and footers as recorded")}");
        report.Blank();
        var runs = new TextTable("kernel", "workers", "shards", "seconds", "mean loss", "digest") { LeftAligned = 1, TextLast = true };
        var environment = recorded.Environment;
        runs.Add($"{environment.Kernel} (recorded)", Quantity.Count(environment.Workers), Quantity.Count(recorded.Shards.Total), Seconds(recorded.Timing.EvaluateSeconds), Mean(recorded.Loss.Mean), recorded.Digest);
        foreach (var (run, result, _) in verdict.Runs)
        {
            runs.Add(run.Kernel.Name, Quantity.Count(run.Workers), Quantity.Count(result.Shards.Total), Seconds(result.Timing.EvaluateSeconds), Mean(result.Loss.Mean), result.Digest);
        }

        report.Table(runs);
        report.Blank();
        if (verdict.Stands)
        {
            report.Heading("the result stands: every figure is the same to the last digit");
            return;
        }

        report.Heading("the result does not stand");
        var differences = new TextTable("recorded", "now", "figure") { TextLast = true };
        foreach (var difference in verdict.Runs.SelectMany(r => r.Differences).Distinct())
        {
            differences.Add(OneLine.Of(difference.First ?? "-"), OneLine.Of(difference.Second ?? "-"), difference.Place);
        }

        report.Table(differences);
    }

    private static string Seconds(double seconds) => Quantity.Rounded(Math.Round(seconds, 3));

    private static string Mean(double? mean) => mean is { } value ? Quantity.Exact(value) : "-";
}
