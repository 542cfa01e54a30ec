using System.Reflection;
using System.Runtime.InteropServices;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Results;

/// <summary>From the totals of a run to its result.</summary>
public static class ResultBuilder
{
    public static EvaluationResult Build(
        RunPlan plan, Totals totals, ShardFigures shards, DateTimeOffset started, TimeSpan elapsed, string engine, int workers)
    {
        double seconds = elapsed.TotalSeconds;
        return new EvaluationResult
        {
            Classes = plan.Classes,
            Sequences = plan.IsSequence ? totals.Sequences : null,
            Figures = FigureBuilder.Build(totals, plan.Options.ClassNames),
            Slices = Slices(plan.Options, totals),
            Hardest = Hardest(plan, totals.Hardest.ToSorted()),
            Digest = totals.Digest(),
            Slopes = totals.Slopes,
            Files = plan.Files,
            Options = plan.Options,
            Shards = shards,
            Timing = new TimingFigures(
                started,
                plan.PlanTime.TotalSeconds,
                seconds,
                seconds > 0 ? totals.Rows.Total / seconds : 0,
                seconds > 0 ? (double)totals.Rows.Total * (plan.Classes ?? 0) / seconds : 0,
                BytesOf(plan.Shards)),
            Environment = CurrentEnvironment(plan.Kernel.Name, engine, workers),
        };
    }

    private static HardRow[] Hardest(RunPlan plan, HardestRow[] rows)
    {
        var hardest = new HardRow[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            ref readonly var r = ref rows[i];
            hardest[i] = new HardRow(plan.Files[r.File].Path, r.RowGroup, r.Row, r.Label, r.Predicted, r.Rank, r.Loss)
            {
                Position = plan.IsSequence ? r.Position : null,
            };
        }

        return hardest;
    }

    private static long BytesOf(IReadOnlyList<Shard> shards)
    {
        long bytes = 0;
        foreach (var shard in shards)
        {
            bytes += shard.Bytes;
        }

        return bytes;
    }

    private static SliceFigures[] Slices(EvaluationOptions options, Totals totals) => totals.Slices is { } slices ? Slices(options, slices) : [];

    private static SliceFigures[] Slices(EvaluationOptions options, SliceTotals slices) =>
    [
        .. slices.Sorted.Select(slice => new SliceFigures([.. options.SliceBy[slice.Key.Set].Zip(slice.Key.Values)], FigureBuilder.Build(slice.Totals, options.ClassNames))),
    ];

    private static EnvironmentFigures CurrentEnvironment(string kernel, string engine, int workers) =>
        new(
            typeof(ResultBuilder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            engine,
            workers,
            kernel,
            RuntimeInformation.FrameworkDescription,
            RuntimeInformation.OSDescription,
            RuntimeInformation.ProcessArchitecture.ToString(),
            Environment.ProcessorCount);
}
