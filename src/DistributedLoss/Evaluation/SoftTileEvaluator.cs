using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Targets that are distributions over the classes: a list of C numbers a row. A row's label is the class of the largest.</summary>
internal sealed class SoftTileEvaluator : TileEvaluator
{
    // 8 MB of targets: enough for the kernel, and C of any size.
    private const int MaxTargetEntries = 1 << 20;

    private readonly int _classes;
    private readonly double[] _targets;
    private readonly ListDefect[] _defects;
    private readonly int[] _lengths;
    private readonly RowWeights? _weights;

    // The class of each target's largest entry, whatever becomes of the row, and that class's own loss.
    private readonly int[] _labels;
    private readonly double[] _labelLosses;
    private readonly SoftTargetEvaluator _evaluator;
    private readonly RowProbabilities? _probabilities;
    private readonly TileSlopes? _slopes;
    private NumberListReader? _reader;

    public SoftTileEvaluator(RunPlan plan)
        : base(plan)
    {
        // Where no row tells C, no row has logits.
        _classes = plan.Classes ?? 1;
        MaxRows = Math.Clamp(MaxTargetEntries / _classes, 1, plan.TileRows);
        _targets = new double[MaxRows * _classes];
        _defects = new ListDefect[MaxRows];
        _lengths = new int[MaxRows];
        _labels = new int[MaxRows];
        _labelLosses = new double[MaxRows];
        _weights = plan.Options.SampleWeightColumn is null ? null : new RowWeights(plan.Options with { ClassWeights = null });
        _evaluator = new SoftTargetEvaluator(plan.Kernel, plan.Options.Loss, _classes, plan.Options.ClassWeights);
        _slopes = TileSlopes.Create(plan);
        _probabilities = plan.Shape.Statistics.HasAny(StatisticKinds.Probabilities) ? new RowProbabilities(plan.Kernel, plan.Options.Loss, _classes) : null;
    }

    public override int MaxRows { get; }

    public override void Open(ParquetFile file, int rowGroup, long skip)
    {
        Dispose();
        _reader = NumberListReader.Open(file, Options.LabelColumn, rowGroup, _classes);
        _reader.Skip(skip);
    }

    public override void Evaluate(in LogitTile tile, SideColumns side, in TilePlace place)
    {
        int n = tile.Rows;
        var targets = _targets.AsSpan(0, n * _classes);
        if (_reader!.Read(targets, _defects.AsSpan(0, n), _lengths.AsSpan(0, n)) < n)
        {
            throw place.EndsBeforeLogits(Options.LabelColumn);
        }

        Rows.Count = n;
        var labels = Rows.Label.AsSpan(0, n);
        SoftTargets.Classify(targets, _classes, Options.Loss.SumTolerance, labels);
        labels.CopyTo(_labels);
        for (int i = 0; i < n; i++)
        {
            Rows.Fate[i] = _defects[i] switch
            {
                ListDefect.Null => RowFates.Of(InvalidCause.NullLabel),
                ListDefect.None when labels[i] != SoftTargets.Unusable => RowFate.Evaluated,
                _ => RowFates.Of(InvalidCause.BadTarget),
            };
        }

        if (_weights is not null)
        {
            _weights.Weigh(Rows, 0, side);
            for (int i = 0; i < n; i++)
            {
                // A weight is looked at before a target that is no distribution.
                if (Rows.Fate[i].Cause() != InvalidCause.NullLabel && RowWeights.IsBad(side, i))
                {
                    Rows.Fate[i] = RowFates.Of(InvalidCause.BadWeight);
                }
            }
        }

        if (tile.Defect == RowDefect.None)
        {
            _evaluator.Evaluate(Block(tile), targets, labels, Outputs(0), Rows.Divergence, _labelLosses);
            if (Rows.Confidence.Length > 0)
            {
                Plan.Kernel.ExpOfMinus(Rows.TopLoss.AsSpan(0, n), Rows.Confidence);
            }

            _slopes?.Evaluate(Block(tile), targets, Rows);
        }

        for (int i = 0; i < n; i++)
        {
            if (Rows.Fate[i] == RowFate.Evaluated && Cause(tile, Rows.Status[i]) is { } cause)
            {
                Rows.Fate[i] = RowFates.Of(cause);
            }
        }
    }

    public override void AddProbabilities(in LogitTile tile, int first, ReadOnlySpan<ClassProbabilitySums[]?> sums)
    {
        if (tile.Defect == RowDefect.None)
        {
            _probabilities?.Evaluate(Block(tile), Rows.Label.AsSpan(first), Outputs(first), Wanted(Rows.Entropy, first), Wanted(Rows.Brier, first), sums);
        }
    }

    public override string? LongerColumn() => _reader!.Read(new double[_classes], stackalloc ListDefect[1]) > 0 ? Options.LabelColumn : null;

    public override RowOutcome Outcome(int element)
    {
        if (Rows.Fate[element].Cause() is { } cause)
        {
            bool hasLabel = _defects[element] == ListDefect.None && _labels[element] != SoftTargets.Unusable;
            return RowOutcome.Invalid(hasLabel ? _labels[element] : null, cause);
        }

        return RowOutcome.Of(
            Rows.Label[element],
            _weights?.Contribution(Rows, element) ?? Rows.Loss[element],
            Rows.Predicted[element],
            Rows.Rank[element],
            _labelLosses[element],
            _weights is null ? null : Rows.Weight[element]);
    }

    public override string Explain(InvalidCause cause, in LogitTile tile, SideColumns side, int row, int inTile) => cause switch
    {
        InvalidCause.NullLabel => $"the target in column {Options.LabelColumn} is null, or holds a null",
        InvalidCause.BadTarget when _defects[row] == ListDefect.WrongLength => $"the target in column {Options.LabelColumn} has {_lengths[row]} entries for {_classes} classes",
        InvalidCause.BadTarget => $"the target in column {Options.LabelColumn} is no distribution: an entry is below 0 or no finite number, or they do not sum to 1 within {Options.Loss.SumTolerance} (--sum-tolerance)",
        InvalidCause.BadWeight => RowWeights.Explain(Options with { ClassWeights = null }, side, inTile),
        _ => ExplainLogits(cause, tile),
    };

    public override void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }
}
