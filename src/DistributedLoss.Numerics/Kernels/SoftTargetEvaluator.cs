namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Row losses by a <see cref="LossFunction"/> against soft targets, as <c>torch.nn.functional.cross_entropy</c> with probabilities for targets:
/// - sum over c of w_c t'_c log p_c, with t' = t (1 - E) + E / C and w the class weights, which are part of the loss here. A row's bits depend on
/// its values, its target and the function, not on kernel, layout, stored type or cut. For one thread.
/// </summary>
public sealed class SoftTargetEvaluator
{
    private readonly RowKernel _kernel;
    private readonly LossFunction _function;
    private readonly int _classes;
    private readonly WidenedRows _rows;
    private readonly LossEvaluator? _given;
    private readonly double[] _top;
    private readonly TargetShares _shares;
    private readonly double[] _logs;

    /// <param name="classWeights">One a class, finite and at least 0; null for ones.</param>
    public SoftTargetEvaluator(RowKernel kernel, LossFunction function, int classes, IReadOnlyList<double>? classWeights = null)
    {
        _rows = new WidenedRows(classes, function.Temperature);
        if (classWeights is not null && classWeights.Count != classes)
        {
            throw new ArgumentException($"{classes} classes need as many weights, not {classWeights.Count}", nameof(classWeights));
        }

        (_kernel, _function, _classes) = (kernel, function, classes);
        _given = function.Input == LossInput.Logits ? null : new LossEvaluator(kernel, function with { Temperature = 1, LabelSmoothing = 0 }, classes);
        _top = new double[_rows.Most];
        _shares = new TargetShares(classes, function.LabelSmoothing, classWeights?.ToArray());
        _logs = new double[classes];
    }

    /// <summary>Loss, prediction, rank of the label and top loss of each row; arguments as in <see cref="RowKernel.Evaluate(in LogitBlock, ReadOnlySpan{int}, in RowLosses)"/>.</summary>
    /// <param name="targets">Rows x classes, row-major.</param>
    /// <param name="labels">The targets' largest entries, as <see cref="SoftTargets.Classify"/> finds them, or -1 to skip a row.</param>
    /// <param name="losses">A valid row's loss is NaN where, as in PyTorch, a share of 0 meets a class of probability 0.</param>
    /// <param name="divergences">KL(t || p) = sum over c of t_c (log t_c - log p_c) of each valid row, without weights and smoothing, as
    /// <c>torch.nn.functional.kl_div</c> of log p, except that an entry of 0 contributes 0 also where p is 0 (PyTorch: NaN). NaN for rows that are
    /// not valid. Empty: not wanted.</param>
    /// <param name="labelLosses">-log p at each valid row's label, without weights and smoothing; NaN for the others. Empty: not wanted.</param>
    /// <exception cref="ArgumentException">A span is shorter than the block has rows, or a number of classes differs.</exception>
    public void Evaluate(
        in LogitBlock block,
        ReadOnlySpan<double> targets,
        ReadOnlySpan<int> labels,
        in RowLosses losses,
        Span<double> divergences,
        Span<double> labelLosses = default)
    {
        int rows = block.Rows;
        if (block.Classes != _classes)
        {
            throw new ArgumentException($"the block has {block.Classes} classes, not {_classes}");
        }

        if (targets.Length < (long)rows * _classes)
        {
            throw new ArgumentException($"{rows} rows x {_classes} classes need as many target entries, not {targets.Length}", nameof(targets));
        }

        RowKernel.CheckLength(labels.Length, rows, "labels");
        if (!divergences.IsEmpty)
        {
            RowKernel.CheckLength(divergences.Length, rows, "divergences");
        }

        if (!labelLosses.IsEmpty)
        {
            RowKernel.CheckLength(labelLosses.Length, rows, "label losses");
        }

        for (int row = 0; row < rows; row += _rows.Most)
        {
            int n = Math.Min(_rows.Most, rows - row);
            EvaluateChunk(
                _rows.Take(block, row, n),
                targets.Slice(row * _classes, n * _classes),
                labels.Slice(row, n),
                losses.Slice(row, n).WithTopLoss(_top.AsSpan(0, n)),
                divergences.IsEmpty ? default : divergences.Slice(row, n),
                labelLosses.IsEmpty ? default : labelLosses.Slice(row, n));
        }
    }

    private void EvaluateChunk(
        in LogitBlock chunk,
        ReadOnlySpan<double> targets,
        ReadOnlySpan<int> labels,
        in RowLosses losses,
        Span<double> divergences,
        Span<double> labelLosses)
    {
        if (_given is null)
        {
            _kernel.Evaluate(chunk, labels, losses);
        }
        else
        {
            _given.Evaluate(chunk, labels, losses, default, default);
        }

        if (!labelLosses.IsEmpty)
        {
            losses.Loss[..chunk.Rows].CopyTo(labelLosses);
        }

        for (int i = 0; i < chunk.Rows; i++)
        {
            bool isValid = losses.Status[i] == RowStatus.Valid;
            if (!divergences.IsEmpty)
            {
                divergences[i] = double.NaN;
            }

            if (isValid)
            {
                EvaluateRow(i, targets.Slice(i * _classes, _classes), losses, divergences);
            }
        }
    }

    // -log p_c = top + (max - z_c), two terms of which neither is negative; log-probs are z with maximum and top at 0.
    private void EvaluateRow(int i, ReadOnlySpan<double> target, in RowLosses losses, Span<double> divergences)
    {
        var row = _rows.Row(i);
        (double max, double top) = _given is null ? (row[losses.Predicted[i]], losses.TopLoss[i]) : (0, 0);
        if (_function.Input == LossInput.Probs)
        {
            _kernel.Evaluator.LogOfProbabilities(row, _logs);
            row = _logs;
        }

        if (!divergences.IsEmpty)
        {
            divergences[i] = GapSum.WherePositive(row, max, target) + (top * GapSum.OfWeights(target));
        }

        var shares = _shares.Of(target);
        losses.Loss[i] = GapSum.Evaluate(row, max, shares) + (top * GapSum.OfWeights(shares));
        if (!divergences.IsEmpty)
        {
            // The row's own logarithms are not needed any more.
            _kernel.Evaluator.LogOfProbabilities(target, _logs);
            divergences[i] -= GapSum.WherePositive(_logs, 0, target);
        }
    }
}
