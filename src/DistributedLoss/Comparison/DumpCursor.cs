using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Comparison;

/// <summary>Evaluates the rows of a dump as they are asked for.</summary>
internal sealed class DumpCursor : RowCursor, IRowSink
{
    // Logits of a batch that wait as float64: 2 MiB, or one row.
    private const int MaxGaps = 1 << 18;

    private readonly DumpSide _side;
    private readonly RunPlan _plan;
    private readonly ShardCursor _cursor;
    private readonly int _maxRows;
    private readonly bool _expands;

    // Sequences tell their rows to totals as well.
    private readonly Totals? _unused;
    private Shard? _shard;

    /// <param name="hasGaps">Whether logits are wanted.</param>
    /// <param name="expands">Whether a row of elements that is not evaluated stands for as many as if it were.</param>
    public DumpCursor(DumpSide side, ComparisonOptions options, SliceTable? slices, bool hasGaps, bool expands)
        : base(side, options, slices)
    {
        (_side, _plan, _expands) = (side, side.Plan, expands);
        _cursor = new ShardCursor(_plan);
        _maxRows = int.MaxValue;
        _unused = _plan.IsSequence ? _plan.NewTotals() : null;
        if (hasGaps && _plan.Classes is { } classes)
        {
            _maxRows = Math.Clamp(MaxGaps / classes, 1, _plan.TileRows);
            Gaps = new LogitGaps(_plan.Kernel, _plan.Options.Loss, classes, _maxRows);
        }
    }

    void IRowSink.Add(in RowOutcome row)
    {
        var (number, index) = row.Place!.Value;
        Append(Row(row, number, index ?? ComparedRow.NoIndex), 0);
    }

    public override void Dispose()
    {
        base.Dispose();
        _cursor.Dispose();
    }

    protected override bool LoadBatch()
    {
        if (_shard is not null && _cursor.IsDone)
        {
            _cursor.CheckEnd();
            _shard = null;
        }

        if (_shard is null)
        {
            _shard = NextShard();
            if (_shard is null)
            {
                return false;
            }

            _cursor.Open(_shard);
            OpenBeside(_cursor.File, _shard, _cursor.Side);
        }

        if (_unused is null)
        {
            LoadTile();
        }
        else
        {
            LoadSequence();
        }

        return true;
    }

    private void LoadTile()
    {
        _cursor.NextTile(_maxRows, out var tile);
        ReadKeys(tile.Rows, _cursor.Place);
        var rows = _cursor.Tiles!.Rows;
        if (Gaps is not null && tile.Defect == RowDefect.None)
        {
            Gaps.Take(TileEvaluator.Block(tile), rows.Predicted, rows.TopLoss);
        }

        bool isBinary = _plan.Target == TargetKind.Binary;
        for (int i = 0; i < rows.Count; i++)
        {
            long number = _cursor.Place.FirstRow + i;
            bool isEvaluated = rows.Fate[i] == RowFate.Evaluated;
            int elements = isEvaluated || _expands ? rows.Width : 1;
            for (int k = 0; k < elements; k++)
            {
                int index = isBinary && (isEvaluated || _expands) ? k : ComparedRow.NoIndex;
                Append(Row(_cursor.Tiles.Outcome((i * rows.Width) + k), number, index), i);
            }
        }
    }

    private void LoadSequence()
    {
        ReadKeys(1, _cursor.Place);
        _cursor.NextSequence(_unused!, this);
        _cursor.Flush(_unused!, this);
        _unused!.Clear();
    }

    private ComparedRow Row(in RowOutcome outcome, long number, int index) =>
        ComparedRow.Of(outcome, _shard!.File, _shard.RowGroup, number, _side.FirstOrder(_shard.File) + number, index);
}
