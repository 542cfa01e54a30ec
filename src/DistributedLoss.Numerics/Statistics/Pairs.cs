using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>Two integers of each row side by side, so that both are added to a table at once: a row then waits for one store instead of two.</summary>
internal static class Pairs
{
    /// <summary>Stores four rows' pairs, first by first with second by second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<long> first, Vector256<long> second, ref Vector128<long> target)
    {
        Store(first.GetLower(), second.GetLower(), ref target);
        Store(first.GetUpper(), second.GetUpper(), ref Unsafe.Add(ref target, 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<long> first, Vector128<long> second, ref Vector128<long> target)
    {
        if (Sse2.IsSupported)
        {
            target = Sse2.UnpackLow(first, second);
            Unsafe.Add(ref target, 1) = Sse2.UnpackHigh(first, second);
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            target = AdvSimd.Arm64.ZipLow(first, second);
            Unsafe.Add(ref target, 1) = AdvSimd.Arm64.ZipHigh(first, second);
        }
        else
        {
            target = Vector128.Create(first[0], second[0]);
            Unsafe.Add(ref target, 1) = Vector128.Create(first[1], second[1]);
        }
    }
}
