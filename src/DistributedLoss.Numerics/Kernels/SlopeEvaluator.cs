using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// How row losses change with the temperature (docs/numerics.md): of rows with one label, or with a soft target. A row's bits depend on its values, its
/// target, its weights and the function, not on kernel, layout, stored type or cut. For one thread.
/// </summary>
public sealed class SlopeEvaluator
{
    private readonly RowKernel _kernel;
    private readonly int _classes;
    private readonly double _logClasses;
    private readonly WidenedRows _rows;
    private readonly TargetShares _targetShares;
    private readonly double _labelShare;

    // With smoothing, what each class's loss counts with besides the label's own.
    private readonly double[] _evenShares;
    private readonly double _evenShare;

    private readonly double[] _loss;
    private readonly double[] _topLoss;
    private readonly int[] _predicted;
    private readonly int[] _rank;
    private readonly RowStatus[] _status;
    private readonly double[] _meanGap;
    private readonly double[] _meanSquare;

    /// <param name="function">For logits; its temperature is the one at which the derivatives are taken.</param>
    /// <param name="classWeights">One a class; null for ones. With labels, they are for the smoothing part alone: the label's own is in the rows' weights.</param>
    public SlopeEvaluator(RowKernel kernel, LossFunction function, int classes, IReadOnlyList<double>? classWeights = null)
    {
        if (function.Input != LossInput.Logits)
        {
            throw new ArgumentException($"{LossInputs.Name(function.Input)} have no temperature", nameof(function));
        }

        _rows = new WidenedRows(classes, function.Temperature);
        if (classWeights is not null && classWeights.Count != classes)
        {
            throw new ArgumentException($"{classes} classes need as many weights, not {classWeights.Count}", nameof(classWeights));
        }

        (_kernel, _classes, _logClasses) = (kernel, classes, Elementary.Log(classes));
        double[]? weights = classWeights?.ToArray();
        _targetShares = new TargetShares(classes, function.LabelSmoothing, weights);
        _labelShare = 1 - function.LabelSmoothing;
        _evenShares = function.LabelSmoothing == 0 ? [] : new TargetShares(classes, function.LabelSmoothing, weights).Of(new double[classes]).ToArray();
        var sum = new ExactSum();
        sum.Add(_evenShares);
        _evenShare = sum.ToDouble();
        (_loss, _topLoss) = (new double[_rows.Most], new double[_rows.Most]);
        (_predicted, _rank, _status) = (new int[_rows.Most], new int[_rows.Most], new RowStatus[_rows.Most]);
        (_meanGap, _meanSquare) = (new double[_rows.Most], new double[_rows.Most]);
    }

    /// <summary>Of rows with one label. Allocates nothing.</summary>
    /// <param name="labels">A class or -1 to skip a row, whose entries become NaN.</param>
    /// <param name="weights">What the label's own part of each row's loss counts with; empty for ones.</param>
    /// <param name="restWeights">What the smoothing part counts with; empty for ones.</param>
    public void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, ReadOnlySpan<double> weights, ReadOnlySpan<double> restWeights, in LossSlopes slopes)
    {
        slopes.Check(block.Rows);
        for (int first = 0; first < block.Rows; first += _rows.Most)
        {
            int n = TakeMoments(block, first, labels, slopes);
            for (int i = 0; i < n; i++)
            {
                int row = first + i;
                if (_status[i] != RowStatus.Valid)
                {
                    continue;
                }

                var logits = _rows.Row(i);
                double max = logits[_predicted[i]];
                double share = (weights.IsEmpty ? 1 : weights[row]) * _labelShare;
                double gap = share * (max - logits[labels[row]]);
                if (_evenShares.Length > 0)
                {
                    double rest = restWeights.IsEmpty ? 1 : restWeights[row];
                    share += rest * _evenShare;
                    gap += rest * GapSum.Evaluate(logits, max, _evenShares);
                }

                Set(row, i, max, gap, share, slopes);
            }
        }
    }

    /// <summary>Of rows with soft targets. Allocates nothing.</summary>
    /// <param name="targets">Rows x classes, row-major.</param>
    /// <param name="labels">A class of each row, of no consequence, or below 0 to skip it.</param>
    /// <param name="weights">What rows count with; empty for ones.</param>
    public void Evaluate(in LogitBlock block, ReadOnlySpan<double> targets, ReadOnlySpan<int> labels, ReadOnlySpan<double> weights, in LossSlopes slopes)
    {
        slopes.Check(block.Rows);
        for (int first = 0; first < block.Rows; first += _rows.Most)
        {
            int n = TakeMoments(block, first, labels, slopes);
            for (int i = 0; i < n; i++)
            {
                int row = first + i;
                if (_status[i] != RowStatus.Valid)
                {
                    continue;
                }

                var logits = _rows.Row(i);
                double max = logits[_predicted[i]];
                var shares = _targetShares.Of(targets.Slice(row * _classes, _classes));
                double weight = weights.IsEmpty ? 1 : weights[row];
                Set(row, i, max, weight * GapSum.Evaluate(logits, max, shares), weight * GapSum.OfWeights(shares), slopes);
            }
        }
    }

    // Rows without a loss are done with it.
    private int TakeMoments(in LogitBlock block, int first, ReadOnlySpan<int> labels, in LossSlopes slopes)
    {
        if (block.Classes != _classes)
        {
            throw new ArgumentException($"the block has {block.Classes} classes, not {_classes}");
        }

        int n = Math.Min(_rows.Most, block.Rows - first);
        var chunk = _rows.Take(block, first, n);
        var losses = new RowLosses(_loss, _predicted, _rank, _status, _topLoss).Slice(0, n);
        _kernel.Evaluate(chunk, labels.Slice(first, n), losses);
        _kernel.Evaluator.GapMoments(chunk, losses, _meanGap, _meanSquare);
        for (int i = 0; i < n; i++)
        {
            if (_status[i] != RowStatus.Valid)
            {
                slopes.Set(first + i, double.NaN, double.NaN, double.NaN, double.NaN);
            }
        }

        return n;
    }

    // With a the shares' sum of gaps m - z_c, s the shares' sum and p the softmax: the slope is a - s E_p[m - z].
    private void Set(int row, int i, double max, double gap, double share, in LossSlopes slopes)
    {
        var (mean, square) = (_meanGap[i], _meanSquare[i]);
        slopes.Set(
            row,
            gap + (share * _topLoss[i]),
            gap - (share * mean),
            share * (square - (mean * mean)),
            ErrorBound(Math.Abs(max), gap, share, mean, square));
    }

    // docs/numerics.md, Slopes. The last term is for quotients and exps below 2^-1022.
    private double ErrorBound(double max, double gap, double share, double mean, double square) =>
        (1.01 * LossSlopes.Unit * ((share * ((2 * max * (2 + Math.Sqrt(square))) + ((85 + (6 * _logClasses)) * mean) + (3 * square))) + (16 * gap))) + (share * 1e-290);
}
