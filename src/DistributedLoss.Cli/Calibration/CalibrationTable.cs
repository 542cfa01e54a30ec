using DistributedLoss.Calibration;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Output;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.Calibration;

/// <summary>A calibration as text for people: the temperature and what shows it, then figures and reliability before and after.</summary>
internal static class CalibrationTable
{
    public static void Write(TextReport report, CalibrationResult result)
    {
        report.Field("temperature", result.Temperature is { } temperature ? report.Bold(Quantity.Exact(temperature)) : "none");
        if (result.Remark is { } remark)
        {
            report.Field("", remark);
        }

        if (result.Limit is { MeanLoss: { } limit })
        {
            report.Field("", $"the mean loss falls towards {Quantity.Rounded(limit)} nats");
        }

        if (result.Certificate is { } certificate)
        {
            WriteCertificate(report, certificate);
        }

        report.Blank();
        WriteFigures(report, result);
        WriteReliability(report, result);
        report.Blank();
        WriteRun(report, result);
    }

    private static void WriteCertificate(TextReport report, TemperatureCertificate certificate)
    {
        var (low, high, provenLow, provenHigh) = certificate;
        if (low == high)
        {
            report.Field("minimum", $"{Quantity.Exact(low.Temperature)}, where the slopes of the rows sum to exactly 0");
        }
        else
        {
            report.Field("minimum", $"{Quantity.Exact(low.Temperature)} ({Signed(low)}) to {Quantity.Exact(high.Temperature)} ({Signed(high)}):");
            report.Field("", "neighbouring numbers, where the sum of the rows' slopes changes its sign");
        }

        report.Field("proven", provenLow is null || provenHigh is null
            ? "not beyond rounding: the loss hardly changes with the temperature"
            : $"{Quantity.Exact(provenLow.Temperature)} to {Quantity.Exact(provenHigh.Temperature)}, whatever the rows' rounding");
    }

    private static string Signed(TemperaturePoint point) => $"{(point.Slope > 0 ? "+" : "")}{Quantity.Brief(point.Slope)}";

    private static void WriteFigures(TextReport report, CalibrationResult result)
    {
        var (before, after) = (result.Before.Figures, result.After?.Figures);
        var table = new TextTable("", Heading(result.Before), result.After is null ? "" : Heading(result.After)) { LeftAligned = 1 };
        Add("mean loss", f => Mean(f.Loss));
        Add("95 % interval", f => f.Loss.Ci95 is var (low, _) && !double.IsNaN(low) ? Quantity.Rounded(low) : null);
        Add("  to", f => f.Loss.Ci95 is var (_, high) && !double.IsNaN(high) ? Quantity.Rounded(high) : null);
        Add("expected calibration error", f => f.Calibration is { Ece: { } error } ? Quantity.Share(error) : null);
        Add("largest calibration error", f => f.Calibration is { Mce: { } error } ? Quantity.Share(error) : null);
        Add("mean confidence", f => f.Calibration is { MeanConfidence: { } confidence } ? Quantity.Share(confidence) : null);
        Add("accuracy", f => (f.Binary?.Micro.Accuracy ?? (f.Accuracy.Count > 0 ? f.Accuracy[0].Value : null)) is { } accuracy ? Quantity.Share(accuracy) : null);
        Add("Brier score", f => f.Brier is { } brier ? Quantity.Rounded(brier) : null);
        report.Table(table);

        void Add(string name, Func<EvaluationFigures, string?> figure)
        {
            if (figure(before) is { } text)
            {
                table.Add(name, text, after is null ? "" : figure(after) ?? "-");
            }
        }
    }

    private static string Heading(EvaluationResult result) => $"T = {Quantity.Rounded(result.Options.Loss.Temperature)}";

    private static string? Mean(LossFigures loss) => loss.Mean is { } mean ? Quantity.Exact(mean) : null;

    private static void WriteReliability(TextReport report, CalibrationResult result)
    {
        if (result.Before.Figures.Calibration is not { Ece: not null } before)
        {
            return;
        }

        var after = result.After?.Figures.Calibration;
        report.Blank();
        report.Heading($"reliability at {Heading(result.Before)}{(result.After is null ? "" : $", then at {Heading(result.After)}")}");
        string[] columns = ["rows", "confidence", "accuracy"];
        var table = new TextTable(["bin", .. columns, .. after is null ? [] : columns]) { LeftAligned = 1 };
        for (int i = 0; i < before.Bins.Length; i++)
        {
            if (before.Bins[i].Count > 0 || after?.Bins[i].Count > 0)
            {
                table.Add([$"{Quantity.Share(before.Bins[i].Low)} to {Quantity.Share(before.Bins[i].High)}", .. Cells(before.Bins[i]), .. after is null ? [] : Cells(after.Bins[i])]);
            }
        }

        report.Table(table);
    }

    private static string[] Cells(Numerics.Statistics.ReliabilityBin bin) => [Quantity.Count(bin.Count), Quantity.Share(bin.MeanConfidence), Quantity.Share(bin.Accuracy)];

    private static void WriteRun(TextReport report, CalibrationResult result)
    {
        var (environment, rows) = (result.Before.Environment, result.Before.Rows);
        report.Field("rows", $"{Quantity.Count(rows.Evaluated)} of {Quantity.Count(rows.Total)} evaluated, {Quantity.Count(rows.Ignored)} ignored, {Quantity.Count(rows.Total - rows.Evaluated - rows.Ignored)} invalid");
        report.Field("run", $"passes {result.Passes}, files {Quantity.Count(result.Before.Files.Count)}, shards {Quantity.Count(result.Before.Shards.Total)}, engine {environment.Engine}, workers {environment.Workers}, kernel {environment.Kernel}");
        if (result.Temperature is { } temperature and not 1)
        {
            report.Field("apply", $"dloss evaluate TEST --temperature {Quantity.Exact(temperature)}");
        }
    }
}
