using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Row losses by a <see cref="LossFunction"/> that the kernel alone does not evaluate. Rows are widened to float64 scratch, a few at a time, and
/// the kernel runs on them: a row's bits depend on its values, its label and the function, not on kernel, layout, stored type or cut.
/// For one thread.
/// </summary>
public sealed class LossEvaluator
{
    private readonly RowKernel _kernel;
    private readonly LossFunction _function;
    private readonly int _classes;
    private readonly WidenedRows _rows;
    private readonly double[] _top;
    private readonly double[] _evenShares = [];
    private readonly double[] _weightedShares = [];
    private readonly double _weightedShare;

    /// <param name="classWeights">Used for the weighted smoothing part alone; null for none.</param>
    public LossEvaluator(RowKernel kernel, LossFunction function, int classes, IReadOnlyList<double>? classWeights = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        if (classWeights is not null && classWeights.Count != classes)
        {
            throw new ArgumentException($"{classes} classes need as many weights, not {classWeights.Count}", nameof(classWeights));
        }

        (_kernel, _function, _classes) = (kernel, function, classes);
        _rows = new WidenedRows(classes, function.Temperature);
        _top = new double[_rows.Most];
        if (function.LabelSmoothing != 0)
        {
            double share = function.LabelSmoothing / classes;
            _evenShares = new double[classes];
            Array.Fill(_evenShares, share);
            if (classWeights is not null)
            {
                _weightedShares = [.. classWeights.Select(w => share * w)];
                var sum = new ExactSum();
                sum.Add(_weightedShares);
                _weightedShare = sum.ToDouble();
            }
        }
    }

    /// <summary>Whether a row's weighted loss has a smoothing part of its own: with smoothing and class weights.</summary>
    public bool HasWeightedSmoothing => _weightedShares.Length > 0;

    /// <summary>1 - label smoothing: the label's own part of a row's loss.</summary>
    public double LabelShare => 1 - _function.LabelSmoothing;

    /// <summary>
    /// Loss (class weights apart), prediction and rank of each row; arguments as in <see cref="RowKernel.Evaluate(in LogitBlock, ReadOnlySpan{int}, in RowLosses)"/>.
    /// The top loss knows no smoothing: it is -log p of the predicted class, also where p is given.
    /// </summary>
    /// <param name="labelLosses">With label smoothing, valid rows' losses before it; else untouched, and may be empty where nobody asks.</param>
    /// <param name="weightedSmoothing">With <see cref="HasWeightedSmoothing"/>, valid rows' E / C times the sum over the classes of weight times loss; else untouched.</param>
    public void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses, Span<double> labelLosses, Span<double> weightedSmoothing)
    {
        if (block.Classes != _classes)
        {
            throw new ArgumentException($"the block has {block.Classes} classes, not {_classes}");
        }

        for (int row = 0; row < block.Rows; row += _rows.Most)
        {
            int n = Math.Min(_rows.Most, block.Rows - row);
            var chunk = _rows.Take(block, row, n);
            var outputs = losses.Slice(row, n).WithTopLoss(_top.AsSpan(0, n));
            _kernel.Evaluate(chunk, labels.Slice(row, n), outputs);
            switch (_function.Input)
            {
                case LossInput.LogProbs:
                    TakeLogProbs(chunk, labels.Slice(row, n), outputs);
                    break;
                case LossInput.Probs:
                    TakeProbs(n, labels.Slice(row, n), outputs);
                    break;
                default:
                    if (_function.LabelSmoothing != 0)
                    {
                        Smooth(chunk, outputs, labelLosses.IsEmpty ? default : labelLosses.Slice(row, n), HasWeightedSmoothing ? weightedSmoothing.Slice(row, n) : default);
                    }

                    break;
            }
        }
    }

    private ReadOnlySpan<double> Row(int row) => _rows.Row(row);

    // -log p_c = top + (max - z_c), two terms of which neither is negative: no sum of them cancels.
    private void Smooth(in LogitBlock chunk, in RowLosses losses, Span<double> labelLosses, Span<double> weightedSmoothing)
    {
        for (int i = 0; i < chunk.Rows; i++)
        {
            if (losses.Status[i] != RowStatus.Valid)
            {
                continue;
            }

            double labelLoss = losses.Loss[i];
            double max = Row(i)[losses.Predicted[i]];
            losses.Loss[i] = (LabelShare * labelLoss) + (GapSum.Evaluate(Row(i), max, _evenShares) + (_function.LabelSmoothing * losses.TopLoss[i]));
            if (!labelLosses.IsEmpty)
            {
                labelLosses[i] = labelLoss;
            }

            if (HasWeightedSmoothing)
            {
                weightedSmoothing[i] = GapSum.Evaluate(Row(i), max, _weightedShares) + (_weightedShare * losses.TopLoss[i]);
            }
        }
    }

    private void TakeLogProbs(in LogitBlock chunk, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        for (int i = 0; i < chunk.Rows; i++)
        {
            if (losses.Status[i] == RowStatus.Valid)
            {
                double max = Row(i)[losses.Predicted[i]];
                Take(i, Elementary.Exp(max + losses.TopLoss[i]), 0.0 - Row(i)[labels[i]], 0.0 - max, losses);
            }
        }
    }

    private void TakeProbs(int rows, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        for (int i = 0; i < rows; i++)
        {
            if (losses.Status[i] == RowStatus.Valid)
            {
                Take(i, SumOfProbabilities(Row(i)), 0.0 - Elementary.Log(Row(i)[labels[i]]), 0.0 - Elementary.Log(Row(i)[losses.Predicted[i]]), losses);
            }
        }
    }

    private void Take(int row, double sum, double loss, double topLoss, in RowLosses losses)
    {
        // A NaN is no sum within the tolerance.
        if (Math.Abs(sum - 1) <= _function.SumTolerance)
        {
            losses.Loss[row] = loss;
            losses.TopLoss[row] = topLoss;
        }
        else
        {
            losses.Reject(row, RowStatus.Unnormalized);
        }
    }

    /// <returns>NaN if one is below 0.</returns>
    private static double SumOfProbabilities(ReadOnlySpan<double> probabilities)
    {
        double sum = 0;
        double lost = 0;
        foreach (double p in probabilities)
        {
            if (p < 0)
            {
                return double.NaN;
            }

            double total = sum + p;
            double added = total - sum;
            lost += (sum - (total - added)) + (p - added);
            sum = total;
        }

        return sum + lost;
    }
}
