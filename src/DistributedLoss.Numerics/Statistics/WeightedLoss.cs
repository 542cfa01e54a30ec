using System.Numerics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// The weighted mean of row losses as numerator over denominator, both exact sums, and what its standard error takes. Mergeable in any order,
/// to the same bits.
/// </summary>
/// <remarks>
/// A row has a weight w and contributes w times its loss, unrounded, to the numerator. For the standard error alone its contribution x is
/// rounded to double. The standard error is the linearised one of a ratio of sums (W. G. Cochran, Sampling Techniques, 3rd ed., chapter
/// 6): sqrt(n / (n - 1) sum (x - mean w)^2 / (sum w)^2), over the n rows whose w or x is not
/// 0. With equal weights it is s / sqrt(n).
/// </remarks>
public sealed partial class WeightedLoss
{
    private readonly ExactSum _numerator = new();
    private readonly ExactSum _denominator = new();
    private readonly ExactSum _squares = new();
    private readonly ExactSum _cross = new();
    private readonly ExactSum _weightSquares = new();

    /// <summary>Rows that weigh anything.</summary>
    public long Count { get; private set; }

    /// <summary>Rows whose contribution is NaN: an infinite loss of weight 0.</summary>
    public long UndefinedCount => _numerator.NaNCount;

    /// <summary>The sum of the weighted losses, rounded once.</summary>
    public double Numerator => _numerator.ToDouble();

    /// <summary>The sum of the weights, rounded once.</summary>
    public double Denominator => _denominator.ToDouble();

    /// <summary>The correctly rounded quotient of the two exact sums; null when the weights sum to 0.</summary>
    public double? Mean => _denominator.Sign == 0 ? null : _numerator.Quotient(_denominator);

    /// <summary>
    /// See the remarks. The exact fraction under the root is rounded once, and its root once more. Null below two rows of any weight or when the weights
    /// sum to 0; NaN if a contribution or its square is not finite.
    /// </summary>
    public double? StandardError => Count < 2 || _denominator.Sign == 0 ? null : Math.Sqrt(VarianceOfMean());

    /// <summary>Mean -+ <see cref="LossMoments.NormalQuantile975"/> standard errors, each operation rounded; null and NaN as there.</summary>
    public (double Low, double High)? Interval95
    {
        get
        {
            if (StandardError is not { } error || Mean is not { } mean)
                return null;
            var half = LossMoments.NormalQuantile975 * error;
            return double.IsNaN(half) ? (half, half) : (mean - half, mean + half);
        }
    }

    /// <param name="weight">At least 0, finite.</param>
    public void Add(double weight, double loss)
    {
        _numerator.AddProduct(weight, loss);
        AddMoments(weight, weight * loss);
    }

    /// <summary>Adds a row whose contribution is labelWeight x labelLoss + rowWeight x rest; only labelWeight enters the denominator.</summary>
    public void Add(double labelWeight, double labelLoss, double rowWeight, double rest)
    {
        // One row, one NaN: two halves that are both undefined shall not count twice.
        var contribution = (labelWeight * labelLoss) + (rowWeight * rest);
        if (double.IsFinite(labelLoss) && double.IsFinite(rest))
        {
            _numerator.AddProduct(labelWeight, labelLoss);
            _numerator.AddProduct(rowWeight, rest);
        }
        else
            _numerator.Add(contribution);
        AddMoments(labelWeight, contribution);
    }

    /// <summary>Adds a row whose contribution is known, rounded to double as it is.</summary>
    /// <param name="weight">At least 0, finite.</param>
    public void AddContribution(double weight, double contribution)
    {
        _numerator.Add(contribution);
        AddMoments(weight, contribution);
    }

    public void Add(WeightedLoss other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count = checked(Count + other.Count);
        _numerator.Add(other._numerator);
        _denominator.Add(other._denominator);
        _squares.Add(other._squares);
        _cross.Add(other._cross);
        _weightSquares.Add(other._weightSquares);
    }

    public void Clear()
    {
        Count = 0;
        _numerator.Clear();
        _denominator.Clear();
        _squares.Clear();
        _cross.Clear();
        _weightSquares.Clear();
    }

    private void AddMoments(double weight, double contribution)
    {
        _denominator.Add(weight);
        if (weight != 0 || contribution != 0)
            Count++;
        _squares.AddProduct(contribution, contribution);
        _cross.AddProduct(contribution, weight);
        _weightSquares.AddProduct(weight, weight);
    }

    /// <summary>n / (n - 1) (A W^2 - 2 N B W + N^2 D) / W^4 with the exact A = sum x^2, B = sum x w, D = sum w^2, mean = N / W.</summary>
    private double VarianceOfMean()
    {
        if (_numerator.HasSpecials || _squares.HasSpecials || _cross.HasSpecials)
            return double.NaN;
        var (n, nExponent) = _numerator.ToRational();
        var (w, wExponent) = _denominator.ToRational();
        var (a, aExponent) = _squares.ToRational();
        var (b, bExponent) = _cross.ToRational();
        var (d, dExponent) = _weightSquares.ToRational();

        // All three terms over the same power of two, the lowest one.
        int first = aExponent + (2 * wExponent), second = nExponent + bExponent + wExponent + 1, third = (2 * nExponent) + dExponent;
        var exponent = Math.Min(first, Math.Min(second, third));
        var sum = ((a * w * w) << (first - exponent)) - ((n * b * w) << (second - exponent)) + ((n * n * d) << (third - exponent));
        return CorrectRounding.Quotient(sum * Count, BigInteger.Pow(w, 4) * (Count - 1), exponent - (4 * wExponent));
    }
}
