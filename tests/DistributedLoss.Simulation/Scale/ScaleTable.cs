using System.Globalization;

namespace DistributedLoss.Simulation.Scale;

/// <summary>The table of docs/scale.md. Its first columns are the same on every machine.</summary>
internal static class ScaleTable
{
    public const string Header =
        """
        | Shards are | Workers | Shards | Speculation | Run (s) | Tail (s) | Speculated | Retried | Messages in | Commands out | µs a message, median | 99 % below | Bytes allocated a message | Coordinator and ledger (MB) | Shards of the plan (MB) |
        | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        """;

    public static IReadOnlyList<ScaleCase> Cases { get; } =
    [
        new(10, 10_000), new(10, 10_000, Speculates: false), new(10, 10_000, IsBrokered: true),
        new(1000, 100_000), new(1000, 100_000, Speculates: false), new(1000, 100_000, IsBrokered: true),
        new(1000, 1_000_000), new(1000, 1_000_000, Speculates: false), new(1000, 1_000_000, IsBrokered: true),
    ];

    public static string Row(ScaleCase scale, ScaleFigures figures) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Reproducible(scale, figures)} {figures.MedianMicroseconds:F1} | {figures.MostMicroseconds:F1} | {figures.AllocatedBytes:F0} | {figures.CoordinatorBytes / 1e6:F1} | {figures.PlanBytes / 1e6:F1} |");

    public static string Reproducible(ScaleCase scale, ScaleFigures figures) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {(scale.IsBrokered ? "brokered" : "pulled")} | {scale.Workers} | {scale.Shards} | {(scale.Speculates ? "yes" : "no")} | {figures.Run.TotalSeconds:F1} | {figures.Tail.TotalSeconds:F1} "
        + $"| {figures.Speculated} | {figures.Retried} | {figures.MessagesIn} | {figures.MessagesOut} |");
}
