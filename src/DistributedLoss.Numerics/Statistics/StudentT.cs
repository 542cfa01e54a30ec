using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>Student's t distribution.</summary>
public static class StudentT
{
    // Between neighbours of a continued fraction; no t takes more than some hundred steps.
    private const double Converged = 1e-16;
    private const int MostSteps = 10_000;

    // From here on the tail is computed itself; below, as what the middle leaves of 1, which costs no more than two digits.
    private const double TailFrom = 2.5;

    // Of the argument of a ratio of gamma functions from which on its series has all digits.
    private const double SeriesFrom = 64;

    /// <summary>P(|T| &gt;= |t|): the regularised incomplete beta function I_x(degrees / 2, 1 / 2) at x = degrees / (degrees + t^2). Within 1e-12, relatively.</summary>
    /// <param name="t">NaN gives NaN.</param>
    /// <param name="degrees">Of freedom; at least 1.</param>
    public static double TwoSided(double t, long degrees)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degrees);
        if (double.IsNaN(t) || t == 0)
            return double.IsNaN(t) ? t : 1;
        if (double.IsInfinity(t))
            return 0;
        var a = degrees / 2.0;

        // x = 1 / (1 + q), and the rest 1 - x = q / (1 + q).
        var q = t / degrees * t;
        var rest = double.IsInfinity(q) ? 1 : q / (1 + q);
        var logOfX = double.IsInfinity(q) ? Elementary.Log(degrees) - (2 * Elementary.Log(Math.Abs(t))) : -Elementary.Log1p(q);

        // x^a (1 - x)^(1/2) / B(a, 1/2), and B(a, 1/2) = sqrt(pi) gamma(a) / gamma(a + 1/2).
        var front = Elementary.Exp(a * logOfX) * Math.Sqrt(rest) * GammaRatio(a) / Math.Sqrt(Math.PI);
        return Math.Abs(t) > TailFrom
            ? front / (a * rest * TailFraction(a, 1 / q))
            : 1 - (2 * front * MiddleFraction(0.5, a, rest));
    }

    /// <summary>gamma(a + 1/2) / gamma(a).</summary>
    private static double GammaRatio(double a)
    {
        // gamma(a + 3/2) / gamma(a + 1) is (a + 1/2) / a times it.
        var factor = 1.0;
        for (; a < SeriesFrom; a++)
            factor *= a / (a + 0.5);
        var x = 1 / a;
        return factor * Math.Sqrt(a)
            * (1 + (x * ((-1.0 / 8) + (x * ((1.0 / 128) + (x * ((5.0 / 1024) + (x * ((-21.0 / 32768) + (x * ((-399.0 / 262144) + (x * 869 / 4194304))))))))))));
    }

    /// <summary>
    /// 1 / F(1/2, 1; a + 1; -z), which is 1 + k1 z / (1 + k2 z / (1 + ...)) by Gauss: all terms are positive, and nothing cancels. With I_x(a, 1/2) = front / a
    /// F(a + 1/2, 1; a + 1; x) and Pfaff's transformation of that.
    /// </summary>
    private static double TailFraction(double a, double z)
    {
        var (result, c, d) = (1.0, 1.0, 0.0);
        for (var m = 0; m < MostSteps; m++)
        {
            var odd = (0.5 + m) * (a + m) / ((a + (2.0 * m)) * (a + (2.0 * m) + 1)) * z;
            d = 1 / (1 + (odd * d));
            c = 1 + (odd / c);
            result *= c * d;
            var even = (m + 1) * (a + m + 0.5) / ((a + (2.0 * m) + 1) * (a + (2.0 * m) + 2)) * z;
            d = 1 / (1 + (even * d));
            c = 1 + (even / c);
            result *= c * d;
            if (Math.Abs((c * d) - 1) <= Converged)
                break;
        }

        return result;
    }

    /// <summary>That of I_x(a, b), by Lentz's method: W. H. Press et al., Numerical Recipes, 3rd ed., section 6.4.</summary>
    private static double MiddleFraction(double a, double b, double x)
    {
        var (c, d) = (1.0, 1 / (1 - ((a + b) * x / (a + 1))));
        var result = d;
        for (var m = 1; m <= MostSteps; m++)
        {
            var even = m * (b - m) * x / ((a + (2.0 * m) - 1) * (a + (2.0 * m)));
            d = 1 / (1 + (even * d));
            c = 1 + (even / c);
            result *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2.0 * m)) * (a + (2.0 * m) + 1));
            d = 1 / (1 + (odd * d));
            c = 1 + (odd / c);
            result *= d * c;
            if (Math.Abs((d * c) - 1) <= Converged)
                break;
        }

        return result;
    }
}
