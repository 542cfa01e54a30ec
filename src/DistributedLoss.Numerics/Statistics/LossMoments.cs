using System.Numerics;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// Count, exact sum, exact sum of squares, least and greatest of row losses: mergeable in any order, to the same bits.
/// Losses that are infinite or NaN are part of <see cref="Count"/> and are counted apart.
/// </summary>
public sealed partial class LossMoments
{
    /// <summary>The standard normal quantile of 0.975, rounded to double: half the width of a 95% interval in standard errors.</summary>
    public const double NormalQuantile975 = 1.959963984540054;

    // Below this many losses, adding their limbs up costs more than it saves.
    private const int LeastBlock = 32;

    private readonly ExactSum _squares = new();
    private readonly ExactSum _sum = new();
    private double _min = double.PositiveInfinity;
    private double _max = double.NegativeInfinity;

    /// <summary>All losses added, whatever their value.</summary>
    public long Count { get; private set; }

    public long InfiniteCount => checked(_sum.PositiveInfinityCount + _sum.NegativeInfinityCount);

    public long NaNCount => _sum.NaNCount;

    /// <summary>The sum as <see cref="ExactSum.ToDouble"/> rounds it.</summary>
    public double Sum => _sum.ToDouble();

    /// <summary>The least loss that is a number, infinities included, and 0.0 for either zero; null if there is none.</summary>
    public double? Min => Count > NaNCount ? _min : null;

    /// <summary>The greatest loss that is a number, infinities included, and 0.0 for either zero; null if there is none.</summary>
    public double? Max => Count > NaNCount ? _max : null;

    /// <summary>
    /// The correctly rounded mean: null without losses, NaN with a NaN or infinities of both signs, else infinite with an infinite loss.
    /// </summary>
    public double? Mean => Count == 0 ? null : _sum.Quotient(Count);

    /// <summary>
    /// The unbiased variance (n Sxx - Sx^2) / (n (n - 1)), rounded once from the exact fraction: null below two losses, NaN
    /// if a loss is infinite or NaN.
    /// </summary>
    public double? Variance => Count < 2 ? null : VarianceOver(1);

    /// <summary>
    /// The standard error of the mean, sqrt(variance / n): the exact fraction variance / n is rounded once and its square root once more,
    /// both to nearest. Null and NaN as in <see cref="Variance"/>.
    /// </summary>
    public double? StandardError => Count < 2 ? null : Math.Sqrt(VarianceOver(Count));

    /// <summary>
    /// The normal 95% interval of the mean: Mean -+ NormalQuantile975 * StandardError, each operation rounded to double. Null and NaN as in
    /// <see cref="Variance"/>.
    /// </summary>
    public (double Low, double High)? Interval95
    {
        get
        {
            if (StandardError is not { } error || Mean is not { } mean)
                return null;
            var half = NormalQuantile975 * error;
            return double.IsNaN(half) ? (half, half) : (mean - half, mean + half);
        }
    }

    /// <summary>A copy of the exact sum of the losses.</summary>
    public ExactSum ExactLossSum() => Copy(_sum);

    /// <summary>A copy of the exact sum of the losses' squares.</summary>
    public ExactSum ExactSquareSum() => Copy(_squares);

    public void Add(double loss)
    {
        Count++;
        _sum.Add(loss);
        _squares.AddProduct(loss, loss);
        Widen(loss, loss);
    }

    /// <summary>Adds a span of losses; the same as adding each, several times faster.</summary>
    public void Add(ReadOnlySpan<double> losses) => Add(losses, LossRange.Of(losses));

    /// <summary>The same.</summary>
    /// <param name="range">That of these losses.</param>
    public void Add(ReadOnlySpan<double> losses, in LossRange range)
    {
        Count += losses.Length;
        var (least, greatest) = range.IsPlain ? (range.Least, range.Greatest) : Extremes.Of(losses);
        Widen(least, greatest);
        var hasLimbs = TwoLimbs.TryFor(range.Greatest, out var limbs) && range.IsPlain && losses.Length >= LeastBlock;
        while (hasLimbs && losses.Length >= Vector256<double>.Count)
        {
            var block = losses[..Math.Min(losses.Length & -Vector256<double>.Count, TwoLimbs.MostValues)];
            if (!ExactSum.TryAddWithSquares(block, limbs, _sum, _squares))
            {
                _sum.Add(block);
                _squares.AddSquares(block);
            }

            losses = losses[block.Length..];
        }

        _sum.Add(losses);
        _squares.AddSquares(losses);
    }

    public void Add(LossMoments other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var count = checked(Count + other.Count);
        _sum.Add(other._sum);
        _squares.Add(other._squares);
        Count = count;
        Widen(other._min, other._max);
    }

    public void Clear()
    {
        Count = 0;
        _sum.Clear();
        _squares.Clear();
        (_min, _max) = (double.PositiveInfinity, double.NegativeInfinity);
    }

    private static ExactSum Copy(ExactSum sum)
    {
        var copy = new ExactSum();
        copy.Add(sum);
        return copy;
    }

    /// <summary>(n Sxx - Sx^2) / (n (n - 1) divisor) of n values, rounded once from the exact fraction.</summary>
    /// <param name="count">At least 2.</param>
    /// <param name="sum">Finite.</param>
    internal static double VarianceOver(long count, ExactSum sum, ExactSum squares, long divisor)
    {
        var (sx, sumExponent) = sum.ToRational();
        var (sxx, squareExponent) = squares.ToRational();

        // Both terms over the same power of two, the lower one.
        var exponent = Math.Min(2 * sumExponent, squareExponent);
        var numerator = (count * (sxx << (squareExponent - exponent))) - ((sx * sx) << ((2 * sumExponent) - exponent));
        return CorrectRounding.Quotient(numerator, (BigInteger)count * (count - 1) * divisor, exponent);
    }

    private double VarianceOver(long divisor) => _sum.HasSpecials ? double.NaN : VarianceOver(Count, _sum, _squares, divisor);

    private void Widen(double least, double greatest)
    {
        // A comparison with NaN is false; adding 0.0 turns -0.0 into 0.0, so that the order of the zeros leaves no trace.
        if (least < _min)
            _min = least + 0.0;
        if (greatest > _max)
            _max = greatest + 0.0;
    }
}
