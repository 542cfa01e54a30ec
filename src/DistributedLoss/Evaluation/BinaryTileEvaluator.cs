using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Runs;

namespace DistributedLoss.Evaluation;

/// <summary>Rows of independent elements, one a class, each with a target from 0 to 1 of its own.</summary>
internal sealed class BinaryTileEvaluator : TileEvaluator
{
    private const double PositiveFrom = 0.5;

    private readonly int _classes;
    private readonly ListDefect[] _defects;
    private readonly int[] _lengths;
    private readonly bool[] _skip;
    private readonly bool _areLogits;
    private readonly double _threshold;
    private readonly BinaryEvaluator _evaluator;
    private readonly TileSlopes? _slopes;
    private NumberListReader? _reader;

    public BinaryTileEvaluator(RunPlan plan)
        : base(plan)
    {
        // Where no row tells K, no row has logits.
        _classes = plan.Classes ?? 1;
        _defects = new ListDefect[MaxRows];
        _lengths = new int[MaxRows];
        _skip = new bool[MaxRows];
        _areLogits = plan.Options.Loss.Input == LossInput.BinaryLogits;
        _threshold = _areLogits ? 0 : 0.5;
        _slopes = TileSlopes.Create(plan);
        _evaluator = new BinaryEvaluator(
            plan.Kernel, _areLogits ? BinaryInput.Logits : BinaryInput.Probs, _classes, plan.Options.Loss.Temperature, plan.Options.PositiveWeights);
    }

    public override void Open(ParquetFile file, int rowGroup, long skip)
    {
        Dispose();
        _reader = NumberListReader.Open(file, Options.LabelColumn, rowGroup, _classes);
        _reader.Skip(skip);
    }

    public override void Evaluate(in LogitTile tile, SideColumns side, in TilePlace place)
    {
        int n = tile.Rows;
        Rows.Count = n;
        var targets = Rows.Target.AsSpan(0, n * _classes);
        if (_reader!.Read(targets, _defects.AsSpan(0, n), _lengths.AsSpan(0, n)) < n)
        {
            throw place.EndsBeforeLogits(Options.LabelColumn);
        }

        for (int i = 0; i < n; i++)
        {
            Rows.Fate[i] = Fate(i, targets.Slice(i * _classes, _classes), side);
            _skip[i] = Rows.Fate[i] != RowFate.Evaluated;
        }

        if (tile.Defect == RowDefect.None)
        {
            _evaluator.Evaluate(Block(tile), targets, _skip.AsSpan(0, n), Losses());
            if (Rows.Confidence.Length > 0)
            {
                Plan.Kernel.ExpOfMinus(Rows.TopLoss.AsSpan(0, targets.Length), Rows.Confidence);
            }

            for (int e = 0; e < targets.Length; e++)
            {
                Rows.Label[e] = targets[e] >= PositiveFrom ? 1 : 0;
                Rows.Predicted[e] = Rows.Score[e] > _threshold ? 1 : 0;
            }
        }

        for (int i = 0; i < n; i++)
        {
            if (Rows.Fate[i] == RowFate.Evaluated && Cause(tile, Rows.Status[i]) is { } cause)
            {
                Rows.Fate[i] = RowFates.Of(cause);
            }
        }

        Weigh(side);
        if (tile.Defect == RowDefect.None)
        {
            _slopes?.EvaluateElements(Block(tile), Rows);
        }
    }

    public override void AddProbabilities(in LogitTile tile, int first, ReadOnlySpan<ClassProbabilitySums[]?> sums)
    {
        if (tile.Defect == RowDefect.None)
        {
            _evaluator.EvaluateProbabilities(tile.Rows, Rows.Target, Losses(), Wanted(Rows.Entropy, 0), Wanted(Rows.Brier, 0), sums);
        }
    }

    public override string? LongerColumn() => _reader!.Read(new double[_classes], stackalloc ListDefect[1]) > 0 ? Options.LabelColumn : null;

    public override RowOutcome Outcome(int element)
    {
        if (Rows.Fate[element / _classes].Cause() is { } cause)
        {
            return RowOutcome.Invalid(null, cause);
        }

        double loss = Rows.Loss[element];
        return RowOutcome.OfElement(
            Rows.Target[element],
            !Plan.IsWeighted ? loss : loss * (Options.ClassWeights is null ? Rows.Weight[element] : Rows.RestWeight[element]),
            Rows.Predicted[element] == 1,
            Rows.Label[element] == Rows.Predicted[element] ? 1 : 2,
            PositiveProbability(Rows.Score[element]),
            Plan.IsWeighted ? Rows.Weight[element] : null);
    }

    public override string Explain(InvalidCause cause, in LogitTile tile, SideColumns side, int row, int inTile) => cause switch
    {
        InvalidCause.NullLabel => $"the target in column {Options.LabelColumn} is null, or holds a null",
        InvalidCause.BadTarget when _defects[row] == ListDefect.WrongLength => $"the target in column {Options.LabelColumn} is a list of length {_lengths[row]}, where the row has {_classes} {(_classes == 1 ? "logit" : "logits")}",
        InvalidCause.BadTarget => $"a target in column {Options.LabelColumn} is no number from 0 to 1",
        InvalidCause.BadWeight => RowWeights.Explain(Options with { ClassWeights = null }, side, inTile),
        InvalidCause.Infinity => "a logit is infinite",
        InvalidCause.Unnormalized => "a probability is below 0 or above 1",
        _ => ExplainLogits(cause, tile),
    };

    public override void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }

    // With the bits that the kernel's own statistics have (BinaryLanes.SpreadOfLogits).
    private double PositiveProbability(double score)
    {
        if (!_areLogits)
        {
            return score + 0.0; // of -0.0, 0.0
        }

        double e = Elementary.Exp(-Math.Abs(score));
        double q = e / (1 + e);
        return score > 0 ? 1 - q : q;
    }

    private BinaryLosses Losses() => new(Rows.Loss, Rows.Score, Rows.Status, Rows.TopLoss);

    private RowFate Fate(int row, ReadOnlySpan<double> targets, SideColumns side) =>
        _defects[row] == ListDefect.Null ? RowFates.Of(InvalidCause.NullLabel)
        : Plan.IsWeighted && RowWeights.IsBad(side, row) ? RowFates.Of(InvalidCause.BadWeight)
        : _defects[row] == ListDefect.None && BinaryEvaluator.AreTargets(targets) ? RowFate.Evaluated
        : RowFates.Of(InvalidCause.BadTarget);

    // A class weight counts in the numerator alone, as in PyTorch: the denominator is elements, or their rows' sample weights.
    private void Weigh(SideColumns side)
    {
        for (int e = 0; Plan.IsWeighted && e < Rows.ElementCount; e++)
        {
            double sample = side.Weight(e / _classes);
            Rows.Weight[e] = sample;
            if (Options.ClassWeights is { } classWeights)
            {
                Rows.RestWeight[e] = classWeights[e % _classes] * sample;
                Rows.Rest[e] = Rows.Loss[e];
            }
        }
    }
}
