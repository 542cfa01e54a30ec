namespace DistributedLoss.Numerics.Statistics;

/// <summary>The exact binomial test of a fair coin: of signs (better or worse), and of McNemar (right before, or right after).</summary>
public static class FairCoin
{
    // The walk from the middle to a tail takes some 20 sqrt(n) steps: a second here, and counts of rows do not come near.
    private const long MostTosses = 1L << 42;

    // Up to here the middle term is a product; beyond, the series below is off by less than 2^-107.
    private const long LargestProduct = 1 << 16;

    // Terms are kept 2^512 times as large as they are, so that the least double still has all its digits.
    private const int Scale = 512;

    // What is left of a tail may be this small a part of it.
    private const double Negligible = 1e-33;

    /// <summary>
    /// Two-sided: the probability that heads + tails tosses fall at least as unevenly, min(1, 2 P(X &lt;= min(heads, tails))), as SciPy's <c>binomtest</c> has it. 1
    /// without a toss. Computed with 106 bits: the double nearest to it, or next to that.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is below 0, or there are more than 2^42.</exception>
    public static double TwoSided(long heads, long tails)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(heads);
        ArgumentOutOfRangeException.ThrowIfNegative(tails);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(heads, MostTosses - tails, nameof(heads));
        var (n, k) = (heads + tails, Math.Min(heads, tails));
        if (heads == tails)
            return 1;

        // Hoeffding: at most 2 exp(-2 (n/2 - k)^2 / n), and the least double is above exp(-746).
        var distance = (n / 2.0) - k;
        if (2 * distance * distance / n > 750)
            return 0;

        // From the middle outwards: C(n, i - 1) = C(n, i) i / (n - i + 1).
        var term = Middle((n + 1) / 2) * DoubleDouble.Of(Math.ScaleB(1, Scale));
        for (var i = n / 2; i > k; i--)
            term = term * DoubleDouble.Of(i) / DoubleDouble.Of(n - i + 1);

        var (sum, ratio) = (DoubleDouble.Of(1), DoubleDouble.Of(1));
        for (var i = k; i > 0 && ratio.High > Negligible * sum.High; i--)
        {
            ratio = ratio * DoubleDouble.Of(i) / DoubleDouble.Of(n - i + 1);
            sum += ratio;
        }

        var tail = term * sum;
        return Math.Min(1, Math.ScaleB(tail.High, 1 - Scale));
    }

    /// <summary>C(2m, m) / 4^m: the middle term of 2m tosses, and of 2m - 1.</summary>
    private static DoubleDouble Middle(long m)
    {
        if (m <= LargestProduct)
        {
            var product = DoubleDouble.Of(1);
            for (long i = 1; i <= m; i++)
                product = product * DoubleDouble.Of((2 * i) - 1) / DoubleDouble.Of(2 * i);
            return product;
        }

        // 1 / sqrt(pi m) (1 - 1/8m + 1/128m^2 + 5/1024m^3 - 21/32768m^4 - 399/262144m^5 ...)
        var x = DoubleDouble.Of(1) / DoubleDouble.Of(m);
        var series = DoubleDouble.Of(1);
        var power = DoubleDouble.Of(1);
        foreach (var coefficient in (ReadOnlySpan<double>)[-1.0 / 8, 1.0 / 128, 5.0 / 1024, -21.0 / 32768, -399.0 / 262144])
        {
            power *= x;
            series += power * DoubleDouble.Of(coefficient);
        }

        return series / DoubleDouble.Sqrt(DoubleDouble.Pi * DoubleDouble.Of(m));
    }
}
