using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>
/// Losses and statistics of independent binary elements, element by element. With a = |z|, e = exp(-a) and l = log(1 + e), softplus(z) is a + l for
/// z above 0 and l below, so that the loss pos t softplus(-z) + (1 - t) softplus(z) is w a + (pos t + 1 - t) l, where w is the weight of
/// the side that z is not on: no term is negative, and a confident right answer keeps its relative precision.
/// </summary>
internal static unsafe class BinaryLanes<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    private static TLanes Zero => TLanes.Create(0);

    private static TLanes One => TLanes.Create(1);

    /// <param name="count">A multiple of the register's lanes.</param>
    /// <param name="positive">Weights of positive targets; null for ones.</param>
    /// <returns>The largest bit pattern of |z|: one above that of the largest float64 is of something infinite or NaN.</returns>
    public static TLanes LossesOfLogits(double* values, double* targets, double* positive, int count, double* loss, double* topLoss)
    {
        TLanes magnitude = TLanes.Create(BitConverter.Int64BitsToDouble(long.MaxValue));
        TLanes widest = Zero;
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes z = TLanes.Load(values + i);
            TLanes t = TLanes.Load(targets + i);
            TLanes a = TLanes.And(z, magnitude);
            widest = TLanes.MaxBits(widest, a);
            TLanes log = LaneMath<TLanes>.Log1p(LaneMath<TLanes>.Exp(a));
            TLanes ifPositive = positive == null ? t : t * TLanes.Load(positive + i);
            TLanes ifNegative = One - t;
            TLanes wrong = TLanes.SelectAbove(z, Zero, ifNegative, ifPositive);
            TLanes.Store((wrong * a) + ((ifPositive + ifNegative) * log), loss + i);
            TLanes.Store(log, topLoss + i);
        }

        return widest;
    }

    /// <summary>As <see cref="LossesOfLogits"/>: - t log p - (1 - t) log(1 - p), where 0 times anything is 0.</summary>
    /// <returns>The largest bit pattern of p: none above that of 1 is of anything but a probability.</returns>
    public static TLanes LossesOfProbs(double* values, double* targets, int count, double* loss, double* topLoss)
    {
        TLanes widest = Zero;
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes p = TLanes.Load(values + i) + Zero; // -0.0 becomes 0.0
            TLanes t = TLanes.Load(targets + i);
            widest = TLanes.MaxBits(widest, p);
            Logs(p, out TLanes ofPositive, out TLanes ofNegative);
            TLanes.Store(Product(t, ofPositive) + Product(One - t, ofNegative), loss + i);
            TLanes.Store(TLanes.SelectAbove(p, TLanes.Create(0.5), ofPositive, ofNegative), topLoss + i);
        }

        return widest;
    }

    /// <summary>Probability, entropy and squared distance of the target from the probability. q = e / (1 + e) is the probability of the side that z is not on.</summary>
    public static void SpreadOfLogits(double* values, double* targets, int count, double* p, double* entropy, double* brier)
    {
        TLanes magnitude = TLanes.Create(BitConverter.Int64BitsToDouble(long.MaxValue));
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes z = TLanes.Load(values + i);
            TLanes t = TLanes.Load(targets + i);
            TLanes a = TLanes.And(z, magnitude);
            TLanes e = LaneMath<TLanes>.Exp(a);
            TLanes q = e / (One + e);
            TLanes distance = TLanes.SelectAbove(z, Zero, (One - t) - q, q - t);
            TLanes.Store(TLanes.SelectAbove(z, Zero, One - q, q), p + i);
            TLanes.Store(LaneMath<TLanes>.Log1p(e) + (a * q), entropy + i);
            TLanes.Store(distance * distance, brier + i);
        }
    }

    /// <summary>
    /// Derivatives of the losses by the logarithm of the inverse temperature, as <see cref="LossSlopes"/> has them: with w as above and W = pos t + 1 - t,
    /// the slope a w - a q W, the curvature a^2 q (1 - q) W, and 6 u (a w + W), which bounds the slope's error.
    /// </summary>
    public static void SlopesOfLogits(double* values, double* targets, double* positive, int count, double* slope, double* curvature, double* error)
    {
        TLanes magnitude = TLanes.Create(BitConverter.Int64BitsToDouble(long.MaxValue));
        TLanes sixUnits = TLanes.Create(6 * LossSlopes.Unit);
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes z = TLanes.Load(values + i);
            TLanes t = TLanes.Load(targets + i);
            TLanes a = TLanes.And(z, magnitude);
            TLanes e = LaneMath<TLanes>.Exp(a);
            TLanes q = e / (One + e);
            TLanes ifPositive = positive == null ? t : t * TLanes.Load(positive + i);
            TLanes ifNegative = One - t;
            TLanes wrong = a * TLanes.SelectAbove(z, Zero, ifNegative, ifPositive);
            TLanes whole = ifPositive + ifNegative;
            TLanes part = a * q * whole;
            TLanes.Store(wrong - part, slope + i);
            TLanes.Store(a * (One - q) * part, curvature + i);
            TLanes.Store(sixUnits * (wrong + whole), error + i);
        }
    }

    /// <inheritdoc cref="SpreadOfLogits"/>
    public static void SpreadOfProbs(double* values, double* targets, int count, double* p, double* entropy, double* brier)
    {
        for (int i = 0; i < count; i += TLanes.Count)
        {
            TLanes given = TLanes.Load(values + i) + Zero;
            TLanes distance = given - TLanes.Load(targets + i);
            Logs(given, out TLanes ofPositive, out TLanes ofNegative);
            TLanes.Store(given, p + i);
            TLanes.Store(Product(given, ofPositive) + Product(One - given, ofNegative), entropy + i);
            TLanes.Store(distance * distance, brier + i);
        }
    }

    /// <summary>-log p and -log(1 - p), +inf where p is 0 and 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Logs(TLanes p, out TLanes ofPositive, out TLanes ofNegative)
    {
        TLanes infinite = TLanes.Create(double.PositiveInfinity);
        ofPositive = TLanes.SelectAbove(p, Zero, Zero - LaneMath<TLanes>.LogOfProbability(p), infinite);
        ofNegative = TLanes.SelectAbove(One, p, Zero - LaneMath<TLanes>.LogOfOneMinus(p), infinite);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Product(TLanes weight, TLanes log) => TLanes.SelectAbove(weight, Zero, weight * log, Zero);
}
