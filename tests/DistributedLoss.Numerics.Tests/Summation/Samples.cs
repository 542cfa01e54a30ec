namespace DistributedLoss.Numerics.Tests.Summation;

/// <summary>Seeded doubles and lists of doubles of the kinds that have broken summation before.</summary>
internal static class Samples
{
    public const int ListKinds = 9;

    public static double Finite(Random random)
    {
        var value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        return double.IsFinite(value) ? value : double.MaxValue;
    }

    /// <summary>Sign, exponent field and mantissa chosen apart: extreme mantissas at any exponent.</summary>
    public static double Patterned(Random random, int leastField, int mostField)
    {
        var mantissa = random.Next(5) switch
        {
            0 => 0L,
            1 => (1L << 52) - 1,
            2 => 1L << random.Next(52),
            3 => ((1L << 52) - 1) << random.Next(52),
            _ => random.NextInt64(),
        };
        var field = random.NextInt64(leastField, mostField + 1);
        var sign = random.Next(2) == 0 ? long.MinValue : 0;
        return BitConverter.Int64BitsToDouble(sign | (field << 52) | (mantissa & ((1L << 52) - 1)));
    }

    /// <summary>A row loss as runs have them: mostly 1e-9 to 30.</summary>
    public static double Loss(Random random) => Math.Exp((random.NextDouble() * 24) - 20.5);

    public static double[] List(Random random, int kind)
    {
        var length = random.Next(1, 40);
        var middle = random.Next(60, 1980);
        return kind switch
        {
            0 => Many(length, () => Finite(random)),
            1 => Many(length, () => Patterned(random, 0, 2046)),
            2 => Many(length, () => Patterned(random, middle - 60, middle + 60)),
            3 => Many(length, () => Patterned(random, 0, 2)),
            4 => Many(length, () => Patterned(random, 2040, 2046)),
            5 => Many(length, () => Loss(random)),
            6 => Cancelling(random, length),
            7 => NearTie(random, middle),
            _ => Many(length, () => -Math.Abs(Patterned(random, middle, middle + 3))),
        };
    }

    public static double[] Shuffled(Random random, double[] values)
    {
        var copy = (double[])values.Clone();
        random.Shuffle(copy);
        return copy;
    }

    private static double[] Many(int count, Func<double> next) => [.. Enumerable.Range(0, count).Select(_ => next())];

    /// <summary>Pairs that cancel around a residue that is far smaller.</summary>
    private static double[] Cancelling(Random random, int length)
    {
        var values = Many(length, () => Patterned(random, 0, 2046));
        var residue = Patterned(random, 0, 1000);
        return Shuffled(random, [.. values, .. values.Select(value => -value), residue]);
    }

    /// <summary>A double, half a unit in its last place, and perhaps a far smaller nudge to either side.</summary>
    private static double[] NearTie(Random random, int field)
    {
        var head = Patterned(random, field, field);
        var half = (Math.BitIncrement(Math.Abs(head)) - Math.Abs(head)) / 2 * (random.Next(2) == 0 ? 1 : -1);
        var nudge = random.Next(3) switch { 0 => 0.0, 1 => double.Epsilon, _ => -double.Epsilon };
        return Shuffled(random, [head, half, nudge, .. random.Next(2) == 0 ? [1e300, -1e300] : Array.Empty<double>()]);
    }
}
