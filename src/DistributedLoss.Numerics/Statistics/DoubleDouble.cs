namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// The unevaluated sum of two doubles, about 106 bits: T. J. Dekker, "A floating-point technique for extending the available precision" (1971). Operations are within
/// a few 2^-104 of the exact ones, relatively; nothing guards against overflow or subnormal low parts.
/// </summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    public static readonly DoubleDouble Pi = new(3.141592653589793, 1.2246467991473532e-16);

    public static DoubleDouble Of(double value) => new(value, 0);

    public static DoubleDouble operator +(DoubleDouble x, DoubleDouble y)
    {
        var sum = x.High + y.High;
        var added = sum - x.High;
        var lost = (x.High - (sum - added)) + (y.High - added);
        return Normal(sum, lost + x.Low + y.Low);
    }

    public static DoubleDouble operator *(DoubleDouble x, DoubleDouble y)
    {
        var product = x.High * y.High;
        var lost = Math.FusedMultiplyAdd(x.High, y.High, -product);
        return Normal(product, lost + (x.High * y.Low) + (x.Low * y.High));
    }

    public static DoubleDouble operator /(DoubleDouble x, DoubleDouble y)
    {
        var first = x.High / y.High;
        var rest = x + (y * Of(-first));
        var second = rest.High / y.High;
        rest += y * Of(-second);
        return Normal(first, second) + Of(rest.High / y.High);
    }

    public static DoubleDouble Sqrt(DoubleDouble x)
    {
        var root = Math.Sqrt(x.High);
        var rest = x + (Of(root) * Of(-root));
        return Normal(root, rest.High / (2 * root));
    }

    private static DoubleDouble Normal(double high, double low)
    {
        var sum = high + low;
        return new DoubleDouble(sum, low - (sum - high));
    }
}
