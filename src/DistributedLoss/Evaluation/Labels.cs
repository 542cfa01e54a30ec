using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics;

namespace DistributedLoss.Evaluation;

/// <summary>Labels as the kernel takes them.</summary>
internal static class Labels
{
    /// <summary>The kernel does no work on a row with this label.</summary>
    public const int Skip = -1;

    /// <summary>
    /// Each label as a class, or <see cref="Skip"/> where it is null, outside [0, <paramref name="classes"/>) or the ignore index. No class
    /// is below 0, so an unsigned label of 2^63 or more, which reads as a negative number, needs no care here.
    /// </summary>
    /// <returns>Whether every label is a class.</returns>
    public static bool Classify(ReadOnlySpan<long> labels, ReadOnlySpan<bool> isNull, int classes, long ignoreIndex, Span<int> result)
    {
        var outputs = MemoryMarshal.Cast<int, Vector256<int>>(result);
        var inputs = MemoryMarshal.Cast<long, Vector256<long>>(labels)[..(2 * outputs.Length)];
        var skipped = Vector256<long>.Zero;
        for (int i = 0; i < outputs.Length; i++)
        {
            var low = OrSkip(inputs[2 * i], classes, ignoreIndex);
            var high = OrSkip(inputs[(2 * i) + 1], classes, ignoreIndex);
            skipped |= low | high;
            outputs[i] = Vector256.Narrow(low, high);
        }

        // A class keeps the sign bit clear.
        bool areClasses = Vector256.GreaterThanOrEqualAll(skipped, Vector256<long>.Zero);
        for (int i = outputs.Length * Vector256<int>.Count; i < labels.Length; i++)
        {
            bool isClass = (ulong)labels[i] < (ulong)classes && labels[i] != ignoreIndex;
            result[i] = isClass ? (int)labels[i] : Skip;
            areClasses &= isClass;
        }

        if (Scan.AreAll(MemoryMarshal.AsBytes(isNull), 0))
        {
            return areClasses;
        }

        for (int i = 0; i < isNull.Length; i++)
        {
            result[i] = isNull[i] ? Skip : result[i];
        }

        return false;
    }

    private static Vector256<long> OrSkip(Vector256<long> labels, int classes, long ignoreIndex) =>
        labels
        | ~Vector256.LessThan(labels.AsUInt64(), Vector256.Create((ulong)classes)).AsInt64()
        | Vector256.Equals(labels, Vector256.Create(ignoreIndex));
}
