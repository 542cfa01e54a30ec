using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Losses of independent binary elements: K logits or probabilities a row, each with a target from 0 to 1, as
/// <c>torch.nn.functional.binary_cross_entropy_with_logits</c> and <c>binary_cross_entropy</c>. The latter's clamp at 100 is not made: a target
/// that is missed with certainty loses +inf. An element's weight is not multiplied in, so that its product with the loss can be
/// summed exactly. An element's bits depend on its value and its target, not on kernel, layout, stored type or cut. For one thread.
/// </summary>
public sealed class BinaryEvaluator
{
    private readonly RowKernel _kernel;
    private readonly BinaryInput _input;
    private readonly int _classes;
    private readonly double _temperature;
    private readonly BinaryScratch _scratch;

    /// <param name="classes">K.</param>
    /// <param name="temperature">Logits are divided by it, each quotient rounded once; 1 for probabilities.</param>
    /// <param name="positiveWeights">PyTorch's <c>pos_weight</c>, part of an element's loss: one a class, finite and at least 0; for logits alone. Null for ones.</param>
    public BinaryEvaluator(RowKernel kernel, BinaryInput input, int classes, double temperature = 1, IReadOnlyList<double>? positiveWeights = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        if (positiveWeights is not null && positiveWeights.Count != classes)
        {
            throw new ArgumentException($"{classes} classes need as many weights of positive targets, not {positiveWeights.Count}", nameof(positiveWeights));
        }

        if (input == BinaryInput.Probs && (positiveWeights is not null || temperature != 1))
        {
            throw new ArgumentException("weights of positive targets, and a temperature, are for logits", nameof(input));
        }

        (_kernel, _input, _classes, _temperature) = (kernel, input, classes, temperature);
        _scratch = new BinaryScratch(classes, positiveWeights?.ToArray());
    }

    /// <summary>Whether every target is a number from 0 to 1.</summary>
    public static bool AreTargets(ReadOnlySpan<double> targets)
    {
        bool are = true;
        foreach (double t in targets)
        {
            are &= t is >= 0 and <= 1;
        }

        return are;
    }

    /// <summary>The loss of each element. Allocates nothing.</summary>
    /// <param name="targets">Rows x classes, row-major, each from 0 to 1 in rows that are not skipped.</param>
    /// <param name="skip">Rows to skip, whatever they hold; empty for none.</param>
    /// <exception cref="ArgumentException">A span is too short, or the number of classes differs.</exception>
    public void Evaluate(in LogitBlock block, ReadOnlySpan<double> targets, ReadOnlySpan<bool> skip, in BinaryLosses losses)
    {
        int rows = block.Rows;
        if (block.Classes != _classes)
        {
            throw new ArgumentException($"the block has {block.Classes} classes, not {_classes}");
        }

        int elements = checked(rows * _classes);
        CheckLength(targets.Length, elements, "targets");
        CheckLength(losses.Loss.Length, elements, "losses");
        CheckLength(losses.Score.Length, elements, "scores");
        CheckLength(losses.Status.Length, rows, "statuses");
        CheckWanted(losses.TopLoss.Length, elements, "top losses");
        CheckWanted(skip.Length, rows, "rows to skip");
        for (int row = 0; row < rows; row += _scratch.Rows)
        {
            int n = Math.Min(_scratch.Rows, rows - row);
            int first = row * _classes;
            int count = n * _classes;
            var scores = losses.Score.Slice(first, count);
            LogitWidening.Widen(block, row, n, scores);
            Divide(scores);
            _scratch.Fill(scores, targets.Slice(first, count));
            bool areUsual = _kernel.Evaluator.BinaryLosses(_input, _scratch, count);
            _scratch.First.AsSpan(0, count).CopyTo(losses.Loss[first..]);
            if (!losses.TopLoss.IsEmpty)
            {
                _scratch.Second.AsSpan(0, count).CopyTo(losses.TopLoss[first..]);
            }

            losses.Status.Slice(row, n).Clear(); // RowStatus.Valid
            for (int i = row; i < row + n && !(areUsual && skip.IsEmpty); i++)
            {
                Check(i, !skip.IsEmpty && skip[i], losses);
            }
        }
    }

    /// <summary>
    /// Entropy and Brier score of each element of the valid rows, NaN for the others; and adds each valid row's K probabilities of a positive
    /// target to sums. Weights have no part in it. Allocates nothing.
    /// </summary>
    /// <param name="losses">Scores and statuses, as <see cref="Evaluate"/> left them. Nothing is written.</param>
    /// <param name="entropy">- p log p - (1 - p) log(1 - p) in nats, 0 log 0 being 0. Empty: not wanted.</param>
    /// <param name="brier">(p - t)^2. Empty: not wanted.</param>
    /// <param name="sums">For each row the sums that its probabilities are added to; rows may share them. Null for none; empty: not wanted.</param>
    /// <exception cref="ArgumentException">A span is too short, or a number of classes differs.</exception>
    public void EvaluateProbabilities(
        int rows, ReadOnlySpan<double> targets, in BinaryLosses losses, Span<double> entropy, Span<double> brier, ReadOnlySpan<ClassProbabilitySums[]?> sums)
    {
        int elements = checked(rows * _classes);
        CheckLength(targets.Length, elements, "targets");
        CheckLength(losses.Score.Length, elements, "scores");
        CheckLength(losses.Status.Length, rows, "statuses");
        CheckWanted(entropy.Length, elements, "entropies");
        CheckWanted(brier.Length, elements, "Brier scores");
        CheckWanted(sums.Length, rows, "sums");
        for (int row = 0; row < rows; row += _scratch.Rows)
        {
            int n = Math.Min(_scratch.Rows, rows - row);
            int first = row * _classes;
            int count = n * _classes;
            _scratch.Fill(losses.Score.Slice(first, count), targets.Slice(first, count));
            _kernel.Evaluator.BinarySpread(_input, _scratch, count);
            Take(_scratch.Second, row, n, losses.Status, entropy);
            Take(_scratch.Third, row, n, losses.Status, brier);
            for (int i = 0; i < n && !sums.IsEmpty; i++)
            {
                if (losses.Status[row + i] == RowStatus.Valid)
                {
                    AddTo(sums[row + i] ?? [], _scratch.First.AsSpan(i * _classes, _classes));
                }
            }
        }
    }

    private static void CheckLength(int length, int needed, string what)
    {
        if (length < needed)
        {
            throw new ArgumentException($"{needed} {what} are needed, not {length}");
        }
    }

    private static void CheckWanted(int length, int needed, string what)
    {
        if (length > 0)
        {
            CheckLength(length, needed, what);
        }
    }

    private void AddTo(ClassProbabilitySums[] sums, ReadOnlySpan<double> probabilities)
    {
        foreach (ClassProbabilitySums sum in sums)
        {
            if (sum.Classes != _classes)
            {
                throw new ArgumentException($"a row of {_classes} classes is to be added to sums of {sum.Classes}", nameof(sums));
            }

            sum.AddRow(probabilities);
        }
    }

    private void Take(ReadOnlySpan<double> from, int row, int rows, ReadOnlySpan<RowStatus> status, Span<double> to)
    {
        if (to.IsEmpty)
        {
            return;
        }

        from[..(rows * _classes)].CopyTo(to[(row * _classes)..]);
        for (int i = 0; i < rows; i++)
        {
            if (status[row + i] != RowStatus.Valid)
            {
                to.Slice((row + i) * _classes, _classes).Fill(double.NaN);
            }
        }
    }

    private void Divide(Span<double> scores)
    {
        if (_temperature != 1)
        {
            foreach (ref double score in scores)
            {
                score /= _temperature;
            }
        }
    }

    private void Check(int row, bool skip, in BinaryLosses losses)
    {
        int first = row * _classes;
        RowStatus status = skip ? RowStatus.Skipped : StatusOf(losses.Score.Slice(first, _classes));
        losses.Status[row] = status;
        if (status != RowStatus.Valid)
        {
            losses.Loss.Slice(first, _classes).Fill(double.NaN);
            if (!losses.TopLoss.IsEmpty)
            {
                losses.TopLoss.Slice(first, _classes).Fill(double.NaN);
            }
        }
    }

    private RowStatus StatusOf(ReadOnlySpan<double> scores)
    {
        RowStatus status = RowStatus.Valid;
        foreach (double score in scores)
        {
            if (double.IsNaN(score))
            {
                return RowStatus.NaN;
            }

            if (double.IsInfinity(score))
            {
                status = RowStatus.Infinity;
            }
            else if (status == RowStatus.Valid && _input == BinaryInput.Probs && (score is < 0 or > 1))
            {
                status = RowStatus.Unnormalized;
            }
        }

        return status;
    }
}
