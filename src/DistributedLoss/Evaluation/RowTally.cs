using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Adds evaluated tiles to totals: each row counts once, as evaluated, ignored or invalid.</summary>
internal sealed class RowTally(RunPlan plan)
{
    private readonly SliceRouter? _slices = plan.Options.SliceBy.Count == 0 ? null : new SliceRouter(plan);
    private readonly ClassProbabilitySums[]?[] _sums = plan.Options.Statistics.HasFlag(StatisticKinds.ClassProbabilities) ? new ClassProbabilitySums[plan.TileRows][] : [];
    private ClassProbabilitySums[] _allSums = [];
    private readonly int _groupColumn = plan.Options.GroupByColumn is { } group ? plan.Options.KeyColumns.ToList().IndexOf(group) : -1;

    /// <summary>Takes the side columns of the rows from <paramref name="first"/> on, which are in one tile.</summary>
    /// <exception cref="BadInputException">A row is invalid and the policy is to fail.</exception>
    public void Take(TileEvaluator evaluator, int first, in LogitTile tile, SideColumns side, in TilePlace place)
    {
        var rows = evaluator.Rows;
        TakeSideColumns(rows, first, side);
        if (plan.Options.OnInvalid == InvalidRowPolicy.Skip || rows.AreEvaluatedFrom(first))
        {
            return;
        }

        for (int i = first; i < rows.Count; i++)
        {
            if (rows.Fate[i].Cause() is { } cause)
            {
                string what = cause == InvalidCause.BadBytes
                    ? $"column {plan.Options.BytesColumn} says {side.BytesText(i - first)} bytes, where a whole number from 0 to 2^63 - 1 is needed"
                    : evaluator.Explain(cause, tile, side, i, i - first);
                throw Invalid(place, rows, i, what);
            }
        }
    }

    /// <summary>For runs with <see cref="StatisticKinds.Probabilities"/>: the second pass over the rows from <paramref name="first"/> on, the tile's.</summary>
    public void AddProbabilities(TileEvaluator evaluator, int first, in LogitTile tile, Totals totals)
    {
        if (!plan.Options.Statistics.HasAny(StatisticKinds.Probabilities))
        {
            return;
        }

        var rows = evaluator.Rows;
        var sums = Span<ClassProbabilitySums[]?>.Empty;
        if (totals.Statistics.ClassProbabilities is not null)
        {
            sums = _sums.AsSpan(0, rows.Count - first);
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] = rows.Fate[first + i] == RowFate.Evaluated ? ClassProbabilities(rows, first + i, i == 0 ? null : sums[i - 1], totals) : null;
            }
        }

        evaluator.AddProbabilities(tile, first, sums);
    }

    /// <summary>What a row's probabilities are added to: the sums of all rows and those of its slices.</summary>
    /// <param name="before">What this was for the row before; null for the first, or where that is not known.</param>
    public ClassProbabilitySums[] ClassProbabilities(RowBatch rows, int row, ClassProbabilitySums[]? before, Totals totals)
    {
        if (_slices is not null)
        {
            return _slices.ClassProbabilities(rows, row, before, totals);
        }

        var all = totals.Statistics.ClassProbabilities!;
        if (_allSums is not [var last] || last != all)
        {
            _allSums = [all];
        }

        return _allSums;
    }

    /// <summary>Adds the rows, whose side columns are taken.</summary>
    /// <param name="sink">Told every row; null where nobody asks.</param>
    public void Add(TileEvaluator evaluator, in TilePlace place, Totals totals, IRowSink? sink)
    {
        var rows = evaluator.Rows;
        if (sink is not null)
        {
            Tell(sink, evaluator, place);
        }

        AddHardest(rows, place, totals.Hardest);
        if (!rows.AreAllEvaluated)
        {
            CountOthers(rows, totals);
            rows.KeepEvaluated();
        }

        totals.Add(rows);
        _slices?.Add(rows, totals.Slices!);
    }

    /// <summary>One line about a row that is invalid.</summary>
    public static BadInputException Invalid(in TilePlace place, RowBatch rows, int row, string what) => new(
        $"{place.Path}: row group {place.Shard.RowGroup}, row {RowOf(rows, row, place)}{(rows.Position.Length == 0 ? "" : $", position {rows.Position[row]}")}: {what}; mend the dump, or count such rows with --on-invalid skip");

    private static long RowOf(RowBatch rows, int row, in TilePlace place) => rows.Row.Length == 0 ? place.FirstRow + row : rows.Row[row];

    private void TakeSideColumns(RowBatch rows, int first, SideColumns side)
    {
        _slices?.Assign(rows, first, side);
        var groups = _groupColumn < 0 ? default : side.Keys(_groupColumn);
        for (int i = first; _groupColumn >= 0 && i < rows.Count; i++)
        {
            rows.Group[i] = side.Text(_groupColumn, groups[i - first]);
        }

        for (int i = first; plan.Options.BytesColumn is not null && i < rows.Count; i++)
        {
            if (side.Bytes(i - first) is { } bytes)
            {
                rows.Bytes[i] = bytes;
            }
            else if (rows.Fate[i] == RowFate.Evaluated || rows.Fate[i].Cause() > InvalidCause.BadBytes)
            {
                rows.Fate[i] = RowFates.Of(InvalidCause.BadBytes);
            }
        }
    }

    private void CountOthers(RowBatch rows, Totals totals)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows.Fate[i] == RowFate.Evaluated)
            {
                continue;
            }

            totals.Rows.AddOther(rows.Fate[i]);
            _slices?.Count(rows, i, totals.Slices!);
        }
    }

    private static void AddHardest(RowBatch rows, in TilePlace place, HardestRows hardest)
    {
        ReadOnlySpan<double> losses = rows.Loss.AsSpan(0, rows.ElementCount);
        for (int i = HardestRows.NextCandidate(losses, 0, hardest.Threshold); i < losses.Length; i = HardestRows.NextCandidate(losses, i + 1, hardest.Threshold))
        {
            int row = rows.Width == 1 ? i : i / rows.Width;
            if (rows.Fate[row] == RowFate.Evaluated)
            {
                hardest.Add(Hard(rows, i, row, place));
            }
        }
    }

    private static void Tell(IRowSink sink, TileEvaluator evaluator, in TilePlace place)
    {
        var rows = evaluator.Rows;
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows.Target.Length == 0)
            {
                var outcome = evaluator.Outcome(i);
                sink.Add(rows.Position.Length == 0 ? outcome : outcome with { Place = (rows.Row[i], rows.Position[i]) });
                continue;
            }

            // A row that is not evaluated has no elements.
            bool isEvaluated = rows.Fate[i] == RowFate.Evaluated;
            for (int k = 0; k < (isEvaluated ? rows.Width : 1); k++)
            {
                sink.Add(evaluator.Outcome((i * rows.Width) + k) with { Place = (place.FirstRow + i, isEvaluated ? k : null) });
            }
        }
    }

    private static HardestRow Hard(RowBatch rows, int element, int row, in TilePlace place)
    {
        // An element is named by its class; its target is first or second of two.
        bool isBinary = rows.Target.Length > 0;
        return new HardestRow(
            rows.Loss[element],
            place.Shard.File,
            place.Shard.RowGroup,
            RowOf(rows, row, place),
            isBinary ? element % rows.Width : rows.Label[element],
            rows.Predicted[element],
            isBinary ? (rows.Label[element] == rows.Predicted[element] ? 1 : 2) : rows.Rank[element])
        {
            Position = rows.Position.Length == 0 ? -1 : rows.Position[row],
        };
    }
}
