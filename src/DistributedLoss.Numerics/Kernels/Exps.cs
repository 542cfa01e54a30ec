using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>The inner loop: exp(z - max) of stored logits, into float64 scratch.</summary>
internal static unsafe class Exps<TLanes, TLogit, TRaw>
    where TLanes : unmanaged, ILanes<TLanes>
    where TLogit : struct, ILogit<TRaw>
    where TRaw : unmanaged
{
    /// <summary>
    /// Registers of logits, <paramref name="stride"/> values apart, at most <paramref name="max"/> each. Returns the largest bit
    /// pattern of max - z: unless it is above that of <see cref="LaneMath{TLanes}.ExpNormalUpTo"/> every z and the maximum are finite,
    /// and both loops give the same bits; if it is, something is NaN, infinite or far below, and only the wide loop's terms hold.
    /// </summary>
    public static TLanes Evaluate(bool wide, TRaw* logits, int registers, int stride, TLanes max, double* terms) => wide
        ? Evaluate<Wide>(logits, registers, stride, max, terms)
        : Evaluate<Normal>(logits, registers, stride, max, terms);

    public static bool IsNormal(TLanes widest)
    {
        TLanes limit = TLanes.Create(LaneMath<TLanes>.ExpNormalUpTo);
        return !TLanes.Any(TLanes.AddBits(TLanes.MaxBits(widest, limit), Negated(limit)));
    }

    private static TLanes Negated(TLanes limit) =>
        TLanes.Create(BitConverter.Int64BitsToDouble(-BitConverter.DoubleToInt64Bits(LaneMath<TLanes>.ExpNormalUpTo)));

    private static TLanes Evaluate<TExp>(TRaw* logits, int registers, int stride, TLanes max, double* terms)
        where TExp : struct, IExp
    {
        TLanes widest = TLanes.Create(0);
        for (int i = 0; i < registers; i++)
        {
            TLanes x = max - TLogit.Load<TLanes>(logits);
            widest = TLanes.MaxBits(widest, x);
            TLanes.Store(TExp.Exp(x), terms);
            logits += stride;
            terms += stride;
        }

        return widest;
    }

    private interface IExp
    {
        static abstract TLanes Exp(TLanes x);
    }

    private readonly struct Normal : IExp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Exp(TLanes x) => LaneMath<TLanes>.ExpNormal(x);
    }

    private readonly struct Wide : IExp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TLanes Exp(TLanes x) => LaneMath<TLanes>.Exp(x);
    }
}
