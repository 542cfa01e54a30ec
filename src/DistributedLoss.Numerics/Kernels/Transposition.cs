using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Eight rows of values become columns.</summary>
internal static unsafe class Transposition<T>
    where T : unmanaged
{
    /// <param name="columns">Gets the values of each class, side by side.</param>
    /// <param name="stride">From one class to the next.</param>
    public static void EightRows(T* rows, int classes, T* columns, int stride)
    {
        int done = 0;
        if (typeof(T) == typeof(float) && Avx.IsSupported)
        {
            for (; done <= classes - 8; done += 8)
            {
                EightByEight((float*)rows + done, classes, (float*)columns + (done * stride), stride);
            }
        }

        Rest(rows, classes, done, columns, stride);
    }

    private static void Rest(T* r0, nint classes, int done, T* columns, int stride)
    {
        T* r1 = r0 + classes;
        T* r2 = r1 + classes;
        T* r3 = r2 + classes;
        T* r4 = r3 + classes;
        T* r5 = r4 + classes;
        T* r6 = r5 + classes;
        T* r7 = r6 + classes;
        columns += done * stride;
        for (nint c = done; c < classes; c++)
        {
            columns[0] = r0[c];
            columns[1] = r1[c];
            columns[2] = r2[c];
            columns[3] = r3[c];
            columns[4] = r4[c];
            columns[5] = r5[c];
            columns[6] = r6[c];
            columns[7] = r7[c];
            columns += stride;
        }
    }

    // Rows r and r + 4 in one register: no step then crosses the halves of a register.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EightByEight(float* rows, nint classes, float* columns, nint stride)
    {
        FourColumns(rows, classes, columns, stride);
        FourColumns(rows + 4, classes, columns + (4 * stride), stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourColumns(float* rows, nint classes, float* columns, nint stride)
    {
        Vector256<float> row0 = Pair(rows, classes);
        Vector256<float> row1 = Pair(rows + classes, classes);
        Vector256<float> row2 = Pair(rows + (2 * classes), classes);
        Vector256<float> row3 = Pair(rows + (3 * classes), classes);
        Vector256<double> low01 = Avx.UnpackLow(row0, row1).AsDouble();
        Vector256<double> high01 = Avx.UnpackHigh(row0, row1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(row2, row3).AsDouble();
        Vector256<double> high23 = Avx.UnpackHigh(row2, row3).AsDouble();
        Avx.UnpackLow(low01, low23).AsSingle().Store(columns);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(columns + stride);
        Avx.UnpackLow(high01, high23).AsSingle().Store(columns + (2 * stride));
        Avx.UnpackHigh(high01, high23).AsSingle().Store(columns + (3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(float* row, nint classes) => Vector256.Create(Vector128.Load(row), Vector128.Load(row + (4 * classes)));
}
