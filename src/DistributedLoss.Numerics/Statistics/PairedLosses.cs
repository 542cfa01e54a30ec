using System.Buffers;
using System.Numerics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// The losses of the same rows twice, a before and b after: exact sums of both, the moments of b - a, and which is smaller how often. Mergeable in any order, to the
/// same bits.
/// </summary>
/// <remarks>
/// Means and the mean difference come from the exact sums. For the standard error a row's difference is rounded to double; that of losses of which both are
/// infinite, or one is NaN, is undefined. In weighted runs a loss is the row's contribution to a sum over weights, see <see cref="WeightedLoss"/>.
/// </remarks>
public sealed class PairedLosses(bool isWeighted = false)
{
    private readonly ExactSum _a = new();
    private readonly ExactSum _b = new();
    private readonly ExactSum _weights = new();
    private readonly WeightedLoss? _weighted = isWeighted ? new WeightedLoss() : null;

    /// <summary>Of b - a, each rounded to double.</summary>
    public LossMoments Differences { get; } = new();

    public long Count => Differences.Count;

    /// <summary>Rows whose loss is smaller in b.</summary>
    public long Better { get; private set; }

    /// <summary>Rows whose loss is larger in b.</summary>
    public long Worse { get; private set; }

    /// <summary>Rows without a difference: infinite in both, or NaN in one.</summary>
    public long Undefined => Differences.NaNCount;

    public long Ties => Count - Better - Worse - Undefined;

    /// <summary>What the sums are divided by, rounded once: rows, or their weights.</summary>
    public double Denominator => isWeighted ? _weights.ToDouble() : Count;

    /// <summary>Correctly rounded; null when there is nothing to divide by, infinite and NaN as the losses are.</summary>
    public double? MeanA => Mean(_a);

    /// <inheritdoc cref="MeanA"/>
    public double? MeanB => Mean(_b);

    /// <summary>
    /// The correctly rounded quotient of the difference of the two exact sums; null when there is nothing to divide by, NaN with an undefined difference or infinite ones of
    /// both signs, else infinite with an infinite one.
    /// </summary>
    public double? MeanDifference
    {
        get
        {
            if (HasNoDenominator)
                return null;
            if (Differences.NaNCount + Differences.InfiniteCount > 0)
                return Differences.Mean;
            return isWeighted ? DifferenceOver(_a, _b, _weights.ToRational()) : DifferenceOver(_a, _b, (Count, 0));
        }
    }

    /// <summary>Of the mean difference, as <see cref="LossMoments.StandardError"/> and <see cref="WeightedLoss.StandardError"/> have it.</summary>
    public double? StandardError => _weighted is null ? Differences.StandardError : _weighted.StandardError;

    /// <summary>Mean difference -+ <see cref="LossMoments.NormalQuantile975"/> standard errors, each operation rounded; null and NaN as there.</summary>
    public (double Low, double High)? Interval95
    {
        get
        {
            if (StandardError is not { } error || MeanDifference is not { } mean)
                return null;
            var half = LossMoments.NormalQuantile975 * error;
            return double.IsNaN(half) ? (half, half) : (mean - half, mean + half);
        }
    }

    private bool HasNoDenominator => isWeighted ? _weights.Sign == 0 : Count == 0;

    /// <param name="weights">Empty without weights; else finite and at least 0.</param>
    /// <param name="differences">Gets b - a of each row, rounded.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public void Add(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> weights, Span<double> differences)
    {
        if (a.Length != b.Length || a.Length != differences.Length || weights.Length != (isWeighted ? a.Length : 0))
            throw new ArgumentException($"{a.Length} losses cannot be paired with {b.Length}, {weights.Length} weights and {differences.Length} differences.", nameof(b));
        _a.Add(a);
        _b.Add(b);
        _weights.Add(weights);
        for (var i = 0; i < a.Length; i++)
        {
            var difference = b[i] - a[i];
            differences[i] = difference;
            Better += difference < 0 ? 1 : 0;
            Worse += difference > 0 ? 1 : 0;
            _weighted?.AddContribution(weights[i], difference);
        }

        Differences.Add(differences);
    }

    /// <summary>Adds one row.</summary>
    /// <param name="weight">1 without weights.</param>
    public void Add(double a, double b, double weight)
    {
        Span<double> difference = stackalloc double[1];
        Add([a], [b], isWeighted ? [weight] : [], difference);
    }

    public void Add(PairedLosses other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Differences.Add(other.Differences);
        _a.Add(other._a);
        _b.Add(other._b);
        _weights.Add(other._weights);
        _weighted?.Add(other._weighted!);
        Better += other.Better;
        Worse += other.Worse;
    }

    /// <summary>
    /// Canonical bytes, little-endian: int64 Better, int64 Worse; the exact sums of a, of b and of the weights; the moments of the differences; and in weighted runs
    /// what <see cref="WeightedLoss.WriteTo"/> has of them.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt64(Better);
        output.WriteInt64(Worse);
        foreach (var sum in (ReadOnlySpan<ExactSum>)[_a, _b, _weights])
            sum.WriteTo(output);
        Differences.WriteTo(output);
        _weighted?.WriteTo(output);
    }

    /// <summary>(b - a) / (mantissa * 2^exponent), rounded once.</summary>
    internal static double DifferenceOver(ExactSum a, ExactSum b, (BigInteger Mantissa, int Exponent) denominator)
    {
        var (mantissaA, exponentA) = a.ToRational();
        var (mantissaB, exponentB) = b.ToRational();
        var exponent = Math.Min(exponentA, exponentB);
        var difference = (mantissaB << (exponentB - exponent)) - (mantissaA << (exponentA - exponent));
        return CorrectRounding.Quotient(difference, denominator.Mantissa, exponent - denominator.Exponent);
    }

    private double? Mean(ExactSum sum) => HasNoDenominator ? null : isWeighted ? sum.Quotient(_weights) : sum.Quotient(Count);
}
