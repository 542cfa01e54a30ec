using System.Numerics;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// The exact sign-flip permutation test of paired differences: the share of the 2^n ways to sign their magnitudes whose sum is at least as far from 0 as theirs. It
/// holds them as long as there are few; zeros change nothing and are left out. Mergeable in any order, to the same bits.
/// </summary>
public sealed class SignFlips
{
    /// <summary>Differences other than 0 up to which it is computed: two halves of 65,536 sums each.</summary>
    public const int MostDifferences = 32;

    private readonly List<double> _differences = new(MostDifferences);

    /// <summary>Differences other than 0, NaNs included.</summary>
    public long Count { get; private set; }

    /// <summary>The two-sided p; 1 without a difference, null beyond <see cref="MostDifferences"/> of them, or if one is not finite.</summary>
    public double? TwoSided => Count > MostDifferences || !_differences.TrueForAll(double.IsFinite) ? null : Share(Magnitudes(out var observed), observed);

    public void Add(double difference)
    {
        if (difference == 0)
            return;
        Count++;
        if (_differences.Count < MostDifferences)
            _differences.Add(difference);
    }

    public void Add(ReadOnlySpan<double> differences)
    {
        for (var i = 0; i < differences.Length; i++)
        {
            if (Count > MostDifferences)
            {
                Count += differences.Length - i - differences[i..].Count(0.0);
                return;
            }

            Add(differences[i]);
        }
    }

    public void Add(SignFlips other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count = checked(Count + other.Count);
        _differences.AddRange(other._differences[..Math.Min(other._differences.Count, MostDifferences - _differences.Count)]);
    }

    /// <summary>The magnitudes as integers over one power of two, and that of their signed sum.</summary>
    private BigInteger[] Magnitudes(out BigInteger observed)
    {
        observed = 0;
        var exponent = int.MaxValue;
        foreach (var difference in _differences)
            exponent = Math.Min(exponent, Exponent(difference));
        var magnitudes = new BigInteger[_differences.Count];
        for (var i = 0; i < magnitudes.Length; i++)
        {
            var difference = _differences[i];
            var shift = Exponent(difference) - exponent;
            magnitudes[i] = new BigInteger(Math.ScaleB(Math.Abs(difference), -Exponent(difference))) << shift;
            observed += difference < 0 ? -magnitudes[i] : magnitudes[i];
        }

        observed = BigInteger.Abs(observed);
        return magnitudes;
    }

    // Of the last bit.
    private static int Exponent(double value) => Math.Max(Math.ILogB(value) - 52, -1074);

    /// <summary>
    /// A sum of signed magnitudes is 2 S - total, S the sum of those with a plus. Signs and their opposites balance, so that twice the subsets with 2 S >= total + observed
    /// are the extreme ones; the subsets of two halves, each sorted, are paired from opposite ends.
    /// </summary>
    private static double Share(BigInteger[] magnitudes, BigInteger observed)
    {
        if (observed.IsZero)
            return 1;
        var total = BigInteger.Zero;
        foreach (var magnitude in magnitudes)
            total += magnitude;
        var low = SubsetSums(magnitudes.AsSpan(0, magnitudes.Length / 2));
        var high = SubsetSums(magnitudes.AsSpan(magnitudes.Length / 2));
        long extreme = 0;
        var first = high.Length;
        foreach (var sum in low)
        {
            while (first > 0 && 2 * (sum + high[first - 1]) >= total + observed)
                first--;
            extreme += high.Length - first;
        }

        return Math.ScaleB(2.0 * extreme, -magnitudes.Length);
    }

    /// <summary>Those of all subsets, ascending.</summary>
    private static BigInteger[] SubsetSums(ReadOnlySpan<BigInteger> magnitudes)
    {
        BigInteger[] sums = [BigInteger.Zero];
        foreach (var magnitude in magnitudes)
        {
            // Without it and with it: two sorted lists, merged.
            var merged = new BigInteger[2 * sums.Length];
            for (int i = 0, without = 0, with = 0; i < merged.Length; i++)
            {
                merged[i] = without < sums.Length && sums[without] <= sums[with] + magnitude ? sums[without++] : sums[with++] + magnitude;
            }

            sums = merged;
        }

        return sums;
    }
}
