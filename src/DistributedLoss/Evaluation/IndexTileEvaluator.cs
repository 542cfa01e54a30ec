using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Targets that are class indices.</summary>
internal sealed class IndexTileEvaluator(RunPlan plan) : TileEvaluator(plan)
{
    // Where no row tells C, no row has logits, and no label is too large.
    private readonly int _classes = plan.Classes ?? int.MaxValue;
    private readonly long[] _labels = new long[plan.TileRows];
    private readonly bool[] _labelIsNull = new bool[plan.TileRows];

    // Both null for the plain loss, which takes no step more for them.
    private readonly RowWeights? _weights = plan.Options.IsWeighted ? new RowWeights(plan.Options) : null;
    private readonly LossEvaluator? _evaluator = plan.Classes is { } classes && !plan.Options.Loss.IsPlain
        ? new LossEvaluator(plan.Kernel, plan.Options.Loss, classes, plan.Options.ClassWeights)
        : null;

    private IntegerColumnReader? _reader;

    public override void Open(ParquetFile file, int rowGroup, long skip)
    {
        Dispose();
        _reader = IntegerColumnReader.Open(file, Options.LabelColumn, rowGroup);
        _reader.Skip(skip);
    }

    public override void Evaluate(in LogitTile tile, SideColumns side, in TilePlace place)
    {
        int n = tile.Rows;
        var labels = _labels.AsSpan(0, n);
        if (_reader!.Read(labels, _labelIsNull.AsSpan(0, n)) < n)
        {
            throw new ParquetException("the column has fewer rows than the logits; write the file again", place.Path, place.Shard.RowGroup, Options.LabelColumn);
        }

        Rows.Count = n;
        var classes = Rows.Label.AsSpan(0, n);
        bool areUsable = Labels.Classify(labels, _labelIsNull.AsSpan(0, n), _classes, Options.IgnoreIndex, classes);
        areUsable &= _weights?.Weigh(Rows, side) ?? true;
        if (tile.Defect == RowDefect.None)
        {
            var outputs = new RowLosses(Rows.Loss, Rows.Predicted, Rows.Rank, Rows.Status);
            if (_evaluator is null)
            {
                Plan.Kernel.Evaluate(Block(tile), classes, outputs);
            }
            else
            {
                _evaluator.Evaluate(Block(tile), classes, outputs, Rows.LabelLoss, Rows.Smoothing);
                if (_evaluator.HasWeightedSmoothing)
                {
                    RowWeights.TakeLabelShare(Rows, side, _evaluator.LabelShare);
                }
            }
        }

        bool areEvaluated = areUsable && tile.Defect == RowDefect.None && !MemoryMarshal.AsBytes(Rows.Status.AsSpan(0, n)).ContainsAnyExcept((byte)RowStatus.Valid);
        if (areEvaluated)
        {
            Rows.Fate.AsSpan(0, n).Clear();
            return;
        }

        for (int i = 0; i < n; i++)
        {
            Rows.Fate[i] = Fate(tile, i);
        }
    }

    public override string? LongerColumn() => _reader!.Read(stackalloc long[1], stackalloc bool[1]) > 0 ? Options.LabelColumn : null;

    public override RowOutcome Outcome(int row)
    {
        if (Rows.Fate[row] == RowFate.Evaluated)
        {
            return RowOutcome.Of(_labels[row], Rows.Loss[row], Rows.Predicted[row], Rows.Rank[row]);
        }

        long? label = _labelIsNull[row] || IsHuge(_labels[row]) ? null : _labels[row];
        return Rows.Fate[row].Cause() is { } cause ? RowOutcome.Invalid(label, cause) : RowOutcome.Ignored(label);
    }

    public override string Explain(InvalidCause cause, in LogitTile tile, SideColumns side, int row)
    {
        string label = _reader!.IsUnsigned64 ? $"{(ulong)_labels[row]}" : $"{_labels[row]}";
        return cause switch
        {
            InvalidCause.NullLabel => $"the label in column {Options.LabelColumn} is null",
            InvalidCause.LabelOutOfRange => $"label {label} in column {Options.LabelColumn} is outside 0 to {_classes - 1}{(Plan.Classes is null ? "" : $" ({_classes} classes)")} and is not the ignore index {Options.IgnoreIndex}",
            InvalidCause.BadWeight => RowWeights.Explain(Options, side, row),
            _ => ExplainLogits(cause, tile),
        };
    }

    public override void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }

    // An unsigned label of 2^63 or more reads as a negative number, which must not pass for a negative ignore index.
    private bool IsHuge(long label) => _reader!.IsUnsigned64 && label < 0;

    private RowFate Fate(in LogitTile tile, int i) =>
        _labelIsNull[i] ? RowFates.Of(InvalidCause.NullLabel)
        : _labels[i] == Options.IgnoreIndex && !IsHuge(_labels[i]) ? RowFate.Ignored
        : (ulong)_labels[i] >= (ulong)_classes ? RowFates.Of(InvalidCause.LabelOutOfRange)
        : Rows.Label[i] == Labels.Skip ? RowFates.Of(InvalidCause.BadWeight)
        : Cause(tile, Rows.Status[i]) is { } cause ? RowFates.Of(cause)
        : RowFate.Evaluated;
}
