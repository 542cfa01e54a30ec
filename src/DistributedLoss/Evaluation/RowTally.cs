using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Adds the rows of a tile to totals: each counts once, as evaluated, ignored or invalid.</summary>
internal sealed class RowTally(RunPlan plan)
{
    /// <param name="sink">Told every row of the tile; null where nobody asks.</param>
    /// <exception cref="BadInputException">A row is invalid and the policy is to fail.</exception>
    public void Add(TileEvaluator evaluator, in LogitTile tile, SideColumns side, in TilePlace place, Totals totals, IRowSink? sink)
    {
        var rows = evaluator.Rows;
        for (int i = 0; sink is not null && i < rows.Count; i++)
        {
            sink.Add(evaluator.Outcome(i));
        }

        AddHardest(rows, place, totals.Hardest);
        if (!rows.AreAllEvaluated)
        {
            for (int i = 0; i < rows.Count; i++)
            {
                if (rows.Fate[i].Cause() is { } cause)
                {
                    if (plan.Options.OnInvalid == InvalidRowPolicy.Fail)
                    {
                        throw new BadInputException(
                            $"{place.Path}: row group {place.Shard.RowGroup}, row {place.FirstRow + i}: {evaluator.Explain(cause, tile, side, i)}; mend the dump, or count such rows with --on-invalid skip");
                    }

                    totals.Rows.AddInvalid(cause, 1);
                }
                else if (rows.Fate[i] == RowFate.Ignored)
                {
                    totals.Rows.Ignored++;
                }
            }

            rows.KeepEvaluated();
        }

        totals.Add(rows);
    }

    private static void AddHardest(RowBatch rows, in TilePlace place, HardestRows hardest)
    {
        double threshold = hardest.Threshold;
        for (int i = 0; i < rows.Count; i++)
        {
            // False for a loss that is NaN.
            if (rows.Loss[i] >= threshold && rows.Fate[i] == RowFate.Evaluated)
            {
                hardest.Add(new HardestRow(rows.Loss[i], place.Shard.File, place.Shard.RowGroup, place.FirstRow + i, rows.Label[i], rows.Predicted[i], rows.Rank[i]));
                threshold = hardest.Threshold;
            }
        }
    }
}
