using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Statistics of all the probabilities of a row, in a second pass over rows that are evaluated: entropy, Brier score, and the sums by class
/// (docs/numerics.md). A row's bits depend on its values, its label and the function, not on kernel, layout, stored type or cut. For one thread.
/// </summary>
public sealed class RowProbabilities
{
    private readonly RowKernel _kernel;
    private readonly LossFunction _function;
    private readonly int _classes;
    private readonly WidenedRows _rows;
    private readonly KeptRows? _kept;

    /// <param name="function">Input and temperature; the tolerance for a row's sum must be below 1.</param>
    public RowProbabilities(RowKernel kernel, LossFunction function, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(function.SumTolerance, 1);
        (_kernel, _function, _classes) = (kernel, function, classes);
        _rows = new WidenedRows(classes, function.Temperature);
        _kept = function.Input == LossInput.Logits && function.Temperature == 1 ? new KeptRows(classes) : null;
    }

    /// <summary>
    /// The same as <see cref="RowKernel.Evaluate(in LogitBlock, ReadOnlySpan{int}, in RowLosses)"/>, but keeps what makes an <see cref="Evaluate"/> of the
    /// same rows that follows several times as fast: 384 bytes a row, and the exps where they fit 2 MB.
    /// </summary>
    public void EvaluateLosses(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        if (losses.TopLoss.IsEmpty || _kept is null || block.Classes != _classes || !KeptRows.Fits(block) || !_kernel.Evaluator.KeepsRows(block))
        {
            _kernel.Evaluate(block, labels, losses);
            return;
        }

        _kernel.Evaluate(block, labels, _kept.Begin(block, losses));
        _kept.End(block, losses);
    }

    /// <summary>
    /// Entropy and Brier score of each valid row, NaN for the others; and adds each valid row's probabilities to sums. Logits are divided by the
    /// temperature; log-probs and probs are taken as they are. Nothing is smoothed.
    /// </summary>
    /// <param name="block">The block that was evaluated.</param>
    /// <param name="labels">A class for each valid row; the rest is not looked at.</param>
    /// <param name="losses">Status, prediction and top loss of each row, as the evaluation left them. Nothing is written.</param>
    /// <param name="entropy">- sum p log p in nats, 0 log 0 being 0. Empty: not wanted.</param>
    /// <param name="brier">Sum over the classes of (p - 1 at the label, p elsewhere) squared, from 0 to 2. Empty: not wanted.</param>
    /// <param name="sums">For each row the sums that its probabilities are added to; rows may share them. Null for none; empty: not wanted.</param>
    /// <exception cref="ArgumentException">A span is shorter than the block has rows, or a number of classes differs.</exception>
    public void Evaluate(
        in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses, Span<double> entropy, Span<double> brier, ReadOnlySpan<ClassProbabilitySums[]?> sums)
    {
        int rows = block.Rows;
        if (block.Classes != _classes)
        {
            throw new ArgumentException($"the block has {block.Classes} classes, not {_classes}");
        }

        RowKernel.CheckLength(labels.Length, rows, "labels");
        RowKernel.CheckLength(losses.TopLoss.Length, rows, "top losses");
        RowKernel.CheckLength(losses.Predicted.Length, rows, "predictions");
        RowKernel.CheckLength(losses.Status.Length, rows, "statuses");
        CheckWanted(entropy.Length, rows, "entropies");
        CheckWanted(brier.Length, rows, "Brier scores");
        CheckWanted(sums.Length, rows, "sums");
        CheckRows(labels[..rows], losses, sums);
        if (!block.IsColumnMajor && _function.Temperature == 1)
        {
            _kernel.Evaluator.Probabilities(block, _function.Input, labels, _kept is null ? losses : _kept.Take(block, losses), new ProbabilityOutputs(entropy, brier, sums));
            return;
        }

        for (int row = 0; row < rows; row += _rows.Most)
        {
            int n = Math.Min(_rows.Most, rows - row);
            var outputs = new ProbabilityOutputs(
                entropy.IsEmpty ? default : entropy.Slice(row, n), brier.IsEmpty ? default : brier.Slice(row, n), sums.IsEmpty ? default : sums.Slice(row, n));
            _kernel.Evaluator.Probabilities(_rows.Take(block, row, n), _function.Input, labels.Slice(row, n), losses.Slice(row, n), outputs);
        }
    }

    private static void CheckWanted(int length, int rows, string what)
    {
        if (length > 0)
        {
            RowKernel.CheckLength(length, rows, what);
        }
    }

    // The pass itself reads and writes by pointer.
    private void CheckRows(ReadOnlySpan<int> labels, in RowLosses losses, ReadOnlySpan<ClassProbabilitySums[]?> sums)
    {
        for (int row = 0; row < labels.Length; row++)
        {
            if (losses.Status[row] == RowStatus.Valid && ((uint)labels[row] >= (uint)_classes || (uint)losses.Predicted[row] >= (uint)_classes))
            {
                throw new ArgumentException($"label {labels[row]} or prediction {losses.Predicted[row]} of row {row} is no class in [0, {_classes})", nameof(labels));
            }

            foreach (ClassProbabilitySums sum in (sums.IsEmpty ? null : sums[row]) ?? [])
            {
                if (sum.Classes != _classes)
                {
                    throw new ArgumentException($"row {row} is to be added to sums of {sum.Classes} classes, not {_classes}", nameof(sums));
                }
            }
        }
    }
}
