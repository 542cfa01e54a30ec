using System.Runtime.InteropServices;
using DistributedLoss.Numerics;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Targets that are class indices, or names of classes.</summary>
internal sealed class IndexTileEvaluator(RunPlan plan) : TileEvaluator(plan)
{
    // Where no row tells C, no row has logits, and no label is too large.
    private readonly int _classes = plan.Classes ?? int.MaxValue;
    private readonly ClassNameTable? _classNames = plan.NewClassNameTable();
    private readonly long[] _labels = new long[plan.TileRows];
    private readonly bool[] _labelIsNull = new bool[plan.TileRows];

    // All null for the plain loss, which takes no step more for them.
    private readonly RowWeights? _weights = plan.Options.IsWeighted ? new RowWeights(plan.Options) : null;
    private readonly LossEvaluator? _evaluator = plan.Classes is { } classes && !plan.Options.Loss.IsPlain
        ? new LossEvaluator(plan.Kernel, plan.Options.Loss, classes, plan.Options.ClassWeights)
        : null;

    private readonly RowProbabilities? _probabilities = plan.Classes is { } c && plan.Options.Statistics.HasAny(StatisticKinds.Probabilities)
        ? new RowProbabilities(plan.Kernel, plan.Options.Loss, c)
        : null;

    private readonly TileSlopes? _slopes = TileSlopes.Create(plan);

    // With smoothing, the losses before it.
    private readonly double[] _labelLosses = new double[plan.Options.Loss.LabelSmoothing == 0 ? 0 : plan.TileRows];

    private LabelReader? _reader;
    private bool _isUnsigned64;

    public override void Open(ParquetFile file, int rowGroup, long skip)
    {
        Dispose();
        _reader = LabelReader.Open(file, Options.LabelColumn, rowGroup, _classNames);
        _reader.Skip(skip);
        Begin(_reader.IsUnsigned64);
    }

    /// <summary>Forgets all rows.</summary>
    /// <param name="isUnsigned64">Whether labels of 2^63 and above come as negative ones.</param>
    public void Begin(bool isUnsigned64)
    {
        _isUnsigned64 = isUnsigned64;
        Rows.Count = 0;
    }

    public override void Evaluate(in LogitTile tile, SideColumns side, in TilePlace place)
    {
        int n = tile.Rows;
        if (_reader!.Read(_labels.AsSpan(0, n), _labelIsNull.AsSpan(0, n)) < n)
        {
            throw place.EndsBeforeLogits(Options.LabelColumn);
        }

        Rows.Count = 0;
        Append(tile, side);
    }

    /// <summary>Evaluates rows behind those that <see cref="TileEvaluator.Rows"/> holds already, with labels that do not come from a column of their own.</summary>
    public void Append(in LogitTile tile, ReadOnlySpan<long> labels, ReadOnlySpan<bool> isNull, SideColumns side)
    {
        labels.CopyTo(_labels.AsSpan(Rows.Count));
        isNull.CopyTo(_labelIsNull.AsSpan(Rows.Count));
        Append(tile, side);
    }

    public override void AddProbabilities(in LogitTile tile, int first, ReadOnlySpan<ClassProbabilitySums[]?> sums)
    {
        if (tile.Defect == RowDefect.None)
        {
            _probabilities!.Evaluate(
                Block(tile), Rows.Label.AsSpan(first), Outputs(first), Wanted(Rows.Entropy, first), Wanted(Rows.Brier, first), sums);
        }
    }

    public override string? LongerColumn() => _reader!.Read(stackalloc long[1], stackalloc bool[1]) > 0 ? Options.LabelColumn : null;

    public override RowOutcome Outcome(int element)
    {
        if (Rows.Fate[element] == RowFate.Evaluated)
        {
            double labelLoss = _labelLosses.Length == 0 ? Rows.Loss[element] : _labelLosses[element];
            return _weights is null
                ? RowOutcome.Of(_labels[element], Rows.Loss[element], Rows.Predicted[element], Rows.Rank[element], labelLoss, null)
                : RowOutcome.Of(_labels[element], _weights.Contribution(Rows, element), Rows.Predicted[element], Rows.Rank[element], labelLoss, Rows.Weight[element]);
        }

        // A name that is no class has no number.
        bool hasNoLabel = _labelIsNull[element] || IsHuge(_labels[element]);
        long? label = hasNoLabel ? null : _labels[element];
        return Rows.Fate[element].Cause() is { } cause ? RowOutcome.Invalid(label, cause) : RowOutcome.Ignored(label);
    }

    public override string Explain(InvalidCause cause, in LogitTile tile, SideColumns side, int row, int inTile) => cause switch
    {
        InvalidCause.NullLabel => $"the label in column {Options.LabelColumn} is null",
        InvalidCause.LabelOutOfRange when _classNames is not null => $"label \"{_classNames.Other(_labels[row])}\" in column {Options.LabelColumn} is none of the {_classes} names of --classes",
        InvalidCause.LabelOutOfRange => $"label {(_isUnsigned64 ? $"{(ulong)_labels[row]}" : $"{_labels[row]}")} in column {Options.LabelColumn} is outside 0 to {_classes - 1}{(Plan.Classes is null ? "" : $" ({_classes} classes)")} and is not the ignore index {Options.IgnoreIndex}",
        InvalidCause.BadWeight => RowWeights.Explain(Options, side, inTile),
        _ => ExplainLogits(cause, tile),
    };

    public override void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private void Append(in LogitTile tile, SideColumns side)
    {
        int first = Rows.Count;
        int n = tile.Rows;
        Rows.Count += n;
        var classes = Rows.Label.AsSpan(first, n);
        bool areUsable = Labels.Classify(_labels.AsSpan(first, n), _labelIsNull.AsSpan(first, n), _classes, Options.IgnoreIndex, classes);
        areUsable &= _weights?.Weigh(Rows, first, side) ?? true;
        if (tile.Defect == RowDefect.None)
        {
            Evaluate(Block(tile), classes, first, side);
        }

        bool areEvaluated = areUsable && tile.Defect == RowDefect.None && Scan.AreAll(MemoryMarshal.AsBytes(Rows.Status.AsSpan(first, n)), (byte)RowStatus.Valid);
        if (areEvaluated)
        {
            Rows.Fate.AsSpan(first, n).Clear();
            return;
        }

        for (int i = first; i < Rows.Count; i++)
        {
            Rows.Fate[i] = Fate(tile, i);
        }
    }

    private void Evaluate(in LogitBlock block, ReadOnlySpan<int> classes, int first, SideColumns side)
    {
        var outputs = Outputs(first);
        if (_evaluator is null && _probabilities is not null)
        {
            _probabilities.EvaluateLosses(block, classes, outputs);
        }
        else if (_evaluator is null)
        {
            Plan.Kernel.Evaluate(block, classes, outputs);
        }
        else
        {
            var labelLosses = _labelLosses.Length == 0 ? default : _labelLosses.AsSpan(first, block.Rows);
            _evaluator.Evaluate(block, classes, outputs, labelLosses, Wanted(Rows.Rest, first));
            if (_evaluator.HasWeightedSmoothing)
            {
                labelLosses.CopyTo(Rows.LabelLoss.AsSpan(first));
                RowWeights.TakeLabelShare(Rows, first, side, _evaluator.LabelShare);
            }
        }

        if (Rows.Confidence.Length > 0)
        {
            Plan.Kernel.ExpOfMinus(Rows.TopLoss.AsSpan(first, block.Rows), Rows.Confidence.AsSpan(first));
        }

        _slopes?.Evaluate(block, Rows, first);
    }

    // An unsigned label of 2^63 or more reads as a negative number, which must not pass for a negative ignore index.
    private bool IsHuge(long label) => _isUnsigned64 && label < 0;

    private RowFate Fate(in LogitTile tile, int i) =>
        _labelIsNull[i] ? RowFates.Of(InvalidCause.NullLabel)
        : _labels[i] == Options.IgnoreIndex && !IsHuge(_labels[i]) ? RowFate.Ignored
        : (ulong)_labels[i] >= (ulong)_classes ? RowFates.Of(InvalidCause.LabelOutOfRange)
        : Rows.Label[i] == Labels.Skip ? RowFates.Of(InvalidCause.BadWeight)
        : Cause(tile, Rows.Status[i]) is { } cause ? RowFates.Of(cause)
        : RowFate.Evaluated;
}
