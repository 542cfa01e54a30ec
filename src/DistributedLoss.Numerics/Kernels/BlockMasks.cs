using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Masks of the 64 terms of a block: all bits of those that stay.</summary>
internal static unsafe class BlockMasks
{
    private const int Classes = BlockSum<ScalarLane>.BlockClasses;

    // 64 that stay, 64 that do not; then 64 that stay, one that does not, and 127 that stay. Never moved: it is read by pointer.
    private static readonly ulong[] Bits = Create();
    private static readonly double* Start = (double*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Bits));

    /// <summary>The leading classes stay, 0 to 64.</summary>
    public static double* First(int classes) => Start + Classes - classes;

    /// <summary>All but one stay; all, if it is -1.</summary>
    public static double* AllBut(int left) => Start + (3 * Classes) - left;

    private static ulong[] Create()
    {
        ulong[] bits = GC.AllocateArray<ulong>(5 * Classes, pinned: true);
        bits.AsSpan(0, Classes).Fill(ulong.MaxValue);
        bits.AsSpan(2 * Classes).Fill(ulong.MaxValue);
        bits[3 * Classes] = 0;
        return bits;
    }
}
