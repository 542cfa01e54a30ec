using System.Diagnostics;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;

namespace DistributedLoss.Comparison;

/// <summary>Compares two runs over the same rows, on this machine's threads.</summary>
public static class Comparer
{
    private const string ByKey = "rows are paired by a key, so that logits are not side by side";

    /// <param name="a">The baseline.</param>
    /// <param name="b">What is compared with it.</param>
    /// <exception cref="BadInputException">The two do not go together, or a row has no pair.</exception>
    /// <exception cref="MissingInputException">A file has changed since the side was made.</exception>
    /// <exception cref="ParquetException">A file's content cannot be read.</exception>
    /// <exception cref="IOException">With a key: the disk is full.</exception>
    /// <exception cref="OperationCanceledException">Between two batches of rows.</exception>
    public static ComparisonResult Compare(ComparedSide a, ComparedSide b, ComparisonOptions options, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(options);
        CheckKinds(a, b);
        var (started, began) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
        var slices = options.SliceBy.Count == 0 ? null : new SliceTable(options.SliceBy, options.MaxSlices);
        string? noDivergence = WhyNoDivergence(a, b, options);
        var totals = options.Key is null
            ? new PlaceComparison(a, b, options, slices, noDivergence is null).Run(cancel)
            : new KeyComparison(a, b, options, slices).Run(cancel);
        totals.Flush();
        return ComparisonBuilder.Build(a, b, options, totals, slices?.Keys ?? [], noDivergence, started, Stopwatch.GetElapsedTime(began));
    }

    private static void CheckKinds(ComparedSide a, ComparedSide b)
    {
        if (a.IsBinary != b.IsBinary || a.IsSequence != b.IsSequence)
        {
            throw new BadInputException($"{a.Files[0].Path} holds {Kind(a)}, but {b.Files[0].Path} holds {Kind(b)}: they cannot be paired; compare runs of one kind");
        }

        if (a.IsWeighted != b.IsWeighted)
        {
            var (with, without) = a.IsWeighted ? (a, b) : (b, a);
            throw new BadInputException($"the rows of {with.Files[0].Path} have weights, those of {without.Files[0].Path} have none: they do not count alike; compare runs with the same weights");
        }

        if (a.Classes is { } classesA && b.Classes is { } classesB && classesA != classesB)
        {
            throw new BadInputException($"{a.Files[0].Path} has {classesA} classes, but {b.Files[0].Path} has {classesB}: compare runs over the same classes");
        }
    }

    private static string Kind(ComparedSide side) => side.IsBinary ? "independent elements" : side.IsSequence ? "sequences" : "rows with one label";

    private static string? WhyNoDivergence(ComparedSide a, ComparedSide b, ComparisonOptions options) =>
        a.HoldsLosses || b.HoldsLosses ? "a file of losses has no logits"
        : options.Key is not null ? ByKey
        : a.IsBinary ? "rows hold independent elements"
        : a.IsSequence ? "rows are sequences"
        : a.Classes is null || b.Classes is null ? "no row has logits"
        : null;
}
