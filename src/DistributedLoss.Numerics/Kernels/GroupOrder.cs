using System.Numerics;
using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Of each row of a group: what <see cref="GroupOrder{TCompare,T}"/> finds.</summary>
internal readonly unsafe struct GroupOutputs<T>(T* max, T* predicted, int* predictedClass, int* rank)
    where T : unmanaged
{
    /// <summary>The largest logit; -inf if nothing is above it. A NaN is never above anything.</summary>
    public T* Max => max;

    /// <summary>The first class that has it, as a number of the stored type; 0 if none does.</summary>
    public T* Predicted => predicted;

    /// <summary>The same as an integer.</summary>
    public int* PredictedClass => predictedClass;

    /// <summary>1 + the classes above the label.</summary>
    public int* Rank => rank;
}

/// <summary>
/// Maxima, predictions and ranks of a group of rows, side by side in registers of the stored type: twice as many float32 as float64 fit one, and comparing takes as
/// long as computing. Class numbers are exact in either, and stay among its registers.
/// </summary>
internal static unsafe class GroupOrder<TCompare, T>
    where TCompare : struct, ICompareLanes<TCompare, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <param name="columns">Of each class, where its values are.</param>
    /// <param name="first">The group's first row in them.</param>
    /// <param name="rows">A multiple of two registers.</param>
    /// <returns>Whether a label's logit may occur twice in its row: ranks of such rows leave out equal classes before the label.</returns>
    public static bool Find(T** columns, nint first, int classes, int rows, T* labelLogits, in GroupOutputs<T> outputs)
    {
        TCompare zero = TCompare.Create(T.Zero);
        TCompare one = TCompare.Create(T.One);
        bool isAnyTied = false;
        for (int r = 0; r < rows; r += 2 * TCompare.Count)
        {
            // Each step waits for the last one's comparison: the other register, and the counts, fill the wait.
            TCompare max0 = TCompare.Create(T.NegativeInfinity);
            TCompare max1 = max0;
            TCompare predicted0 = zero;
            TCompare predicted1 = zero;
            TCompare label0 = TCompare.Load(labelLogits + r);
            TCompare label1 = TCompare.Load(labelLogits + r + TCompare.Count);
            TCompare rank0 = one;
            TCompare rank1 = one;
            TCompare atLeast0 = zero;
            TCompare atLeast1 = zero;
            TCompare index = zero;
            for (int c = 0; c < classes; c++)
            {
                T* z = columns[c] + first + r;
                TCompare z0 = TCompare.Load(z);
                TCompare z1 = TCompare.Load(z + TCompare.Count);
                predicted0 = TCompare.SelectAbove(z0, max0, index, predicted0);
                predicted1 = TCompare.SelectAbove(z1, max1, index, predicted1);
                max0 = TCompare.Larger(z0, max0);
                max1 = TCompare.Larger(z1, max1);
                rank0 = TCompare.CountAbove(rank0, z0, label0, one);
                rank1 = TCompare.CountAbove(rank1, z1, label1, one);
                atLeast0 = TCompare.CountAtLeast(atLeast0, z0, label0, one);
                atLeast1 = TCompare.CountAtLeast(atLeast1, z1, label1, one);
                index = TCompare.Add(index, one);
            }

            Store(r, max0, predicted0, rank0, outputs);
            Store(r + TCompare.Count, max1, predicted1, rank1, outputs);

            // The label itself is at least the label, and not above it.
            isAnyTied |= TCompare.AnyAbove(atLeast0, rank0) || TCompare.AnyAbove(atLeast1, rank1);
        }

        return isAnyTied;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int r, TCompare max, TCompare predicted, TCompare rank, in GroupOutputs<T> outputs)
    {
        TCompare.Store(max, outputs.Max + r);
        TCompare.Store(predicted, outputs.Predicted + r);
        TCompare.StoreIntegers(predicted, outputs.PredictedClass + r);
        TCompare.StoreIntegers(rank, outputs.Rank + r);
    }
}
