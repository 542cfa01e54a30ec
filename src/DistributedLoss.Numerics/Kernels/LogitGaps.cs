using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Rows of one side of a comparison, kept as float64 while they wait for the other side's: of each class the gap to the row's maximum, so that
/// -log p is the top loss plus the gap. For one thread.
/// </summary>
public sealed class LogitGaps
{
    private readonly RowKernel _kernel;
    private readonly LossFunction _function;
    private readonly int _classes;
    private readonly double[] _gaps;
    private readonly double[] _tops;
    private readonly double[] _shares;
    private readonly double[] _differences;

    /// <param name="function">Says what the values are. Not for binary inputs.</param>
    /// <param name="maxRows">That are kept at once.</param>
    public LogitGaps(RowKernel kernel, LossFunction function, int classes, int maxRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRows);
        (_kernel, _function, _classes) = (kernel, function, classes);
        _gaps = new double[checked(maxRows * classes)];
        _tops = new double[maxRows];
        _shares = new double[classes];
        _differences = new double[classes];
    }

    /// <summary>Keeps the rows of a block in the place of those before.</summary>
    /// <param name="predicted">As the kernel gives it for each row; rows that are not valid are of no use afterwards.</param>
    /// <param name="topLosses">Likewise.</param>
    public void Take(in LogitBlock block, ReadOnlySpan<int> predicted, ReadOnlySpan<double> topLosses)
    {
        if (block.Classes != _classes || block.Rows > _tops.Length)
        {
            throw new ArgumentException($"{block.Rows} rows x {block.Classes} classes do not fit {_tops.Length} x {_classes}");
        }

        var values = _gaps.AsSpan(0, block.Rows * _classes);
        LogitWidening.Widen(block, 0, block.Rows, values);
        for (int row = 0; row < block.Rows; row++)
        {
            var gaps = values.Slice(row * _classes, _classes);
            if (_function.Input == LossInput.Logits)
            {
                Divide(gaps, _function.Temperature);
                _tops[row] = topLosses[row];
                Subtract(gaps[Math.Clamp(predicted[row], 0, _classes - 1)], gaps);
                continue;
            }

            if (_function.Input == LossInput.Probs)
            {
                _kernel.Evaluator.LogOfProbabilities(gaps, gaps);
            }

            // Given probabilities need not sum to 1: -log p is the gap to 0 itself.
            _tops[row] = 0;
            Subtract(0, gaps);
        }
    }

    /// <summary>
    /// KL(p || q) = sum of p_c (log p_c - log q_c), in nats, p a row kept here and q the other's; a class with p = 0 contributes 0, one with q = 0 alone makes it infinite.
    /// </summary>
    /// <returns>
    /// The top losses' difference, plus exp(-top) times the sum of exp(-gap) times the gaps' differences: what is equal in both rows cancels before anything is rounded.
    /// Rounding may leave a little less than 0. NaN where a kept row was not valid.
    /// </returns>
    public double Divergence(int row, LogitGaps other, int otherRow)
    {
        if (other._classes != _classes)
        {
            throw new ArgumentException($"rows of {_classes} and of {other._classes} classes have no divergence", nameof(other));
        }

        var gaps = _gaps.AsSpan(row * _classes, _classes);
        if (!TryCompare(gaps, other._gaps.AsSpan(otherRow * _classes, _classes), _differences))
        {
            return double.PositiveInfinity;
        }

        _kernel.ExpOfMinus(gaps, _shares);
        double top = _tops[row];
        return (other._tops[otherRow] - top) + (Elementary.Exp(-top) * GapSum.Evaluate(_differences, 0, _shares));
    }

    /// <summary>The gaps less the other's: 0 where p is 0.</summary>
    /// <returns>False where q alone is 0.</returns>
    private static bool TryCompare(ReadOnlySpan<double> gaps, ReadOnlySpan<double> others, Span<double> differences)
    {
        var infinity = Vector256.Create(double.PositiveInfinity);
        var isFinite = Vector256<double>.AllBitsSet;
        var ours = MemoryMarshal.Cast<double, Vector256<double>>(gaps);
        var theirs = MemoryMarshal.Cast<double, Vector256<double>>(others);
        var results = MemoryMarshal.Cast<double, Vector256<double>>(differences);
        for (int i = 0; i < results.Length; i++)
        {
            var difference = Vector256.ConditionalSelect(Vector256.Equals(ours[i], infinity), Vector256<double>.Zero, ours[i] - theirs[i]);
            isFinite &= ~Vector256.Equals(difference, -infinity);
            results[i] = difference;
        }

        bool all = Vector256.EqualsAll(isFinite.AsInt64(), Vector256<long>.AllBitsSet);
        for (int c = results.Length * Vector256<double>.Count; c < gaps.Length; c++)
        {
            differences[c] = double.IsPositiveInfinity(gaps[c]) ? 0 : gaps[c] - others[c];
            all &= !double.IsNegativeInfinity(differences[c]);
        }

        return all;
    }

    private static void Divide(Span<double> values, double temperature)
    {
        if (temperature == 1)
        {
            return;
        }

        foreach (ref double value in values)
        {
            value /= temperature;
        }
    }

    /// <summary>from - value of each.</summary>
    private static void Subtract(double from, Span<double> values)
    {
        var minuend = Vector256.Create(from);
        var vectors = MemoryMarshal.Cast<double, Vector256<double>>(values);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = minuend - vectors[i];
        }

        for (int c = vectors.Length * Vector256<double>.Count; c < values.Length; c++)
        {
            values[c] = from - values[c];
        }
    }
}
