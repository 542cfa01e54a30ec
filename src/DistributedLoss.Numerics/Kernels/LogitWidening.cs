using System.Runtime.InteropServices;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Rows of a block as float64, row-major, whatever type and layout they are stored in. Exact.</summary>
internal static unsafe class LogitWidening
{
    /// <param name="target">rows x classes.</param>
    public static void Widen(in LogitBlock block, int firstRow, int rows, Span<double> target)
    {
        switch (block.Type)
        {
            case LogitType.Float16:
                Widen<Float16Logit, ushort>(block, firstRow, rows, target);
                break;
            case LogitType.BFloat16:
                Widen<BFloat16Logit, ushort>(block, firstRow, rows, target);
                break;
            case LogitType.Float32:
                Widen<Float32Logit, float>(block, firstRow, rows, target);
                break;
            default:
                Widen<Float64Logit, double>(block, firstRow, rows, target);
                break;
        }
    }

    private static void Widen<TLogit, TRaw>(in LogitBlock block, int firstRow, int rows, Span<double> target)
        where TLogit : struct, ILogit<TRaw>
        where TRaw : unmanaged
    {
        int classes = block.Classes;
        if (!block.IsColumnMajor)
        {
            // Row starts need no alignment; the span's element access on x64 and Arm64 does not either.
            var source = MemoryMarshal.Cast<byte, TRaw>(block.Values).Slice(firstRow * classes, rows * classes);
            for (int i = 0; i < source.Length; i++)
            {
                target[i] = TLogit.Widen(source[i]);
            }

            return;
        }

        for (int c = 0; c < classes; c++)
        {
            TRaw* column = (TRaw*)block.Columns[c] + firstRow;
            for (int r = 0; r < rows; r++)
            {
                target[(r * classes) + c] = TLogit.Widen(column[r]);
            }
        }
    }
}
