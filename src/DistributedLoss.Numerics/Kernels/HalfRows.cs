using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>Rows of few classes of a 16-bit type: widened to float32 once, a few rows at a time, rather than whenever they are looked at. Exact.</summary>
internal static unsafe class HalfRows<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int ScratchValues = 1 << 13; // 32 KB

    [SkipLocalsInit]
    public static void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses)
    {
        int classes = block.Classes;
        int most = ScratchValues / classes;
        float* scratch = stackalloc float[ScratchValues];
        nint* columns = stackalloc nint[classes];
        fixed (byte* values = block.Values)
        {
            for (int row = 0; row < block.Rows; row += most)
            {
                int rows = Math.Min(most, block.Rows - row);
                LogitBlock chunk;
                if (block.IsColumnMajor)
                {
                    for (int c = 0; c < classes; c++)
                    {
                        columns[c] = (nint)(scratch + (c * most));
                        Widen(block.Type, (ushort*)block.Columns[c] + row, (float*)columns[c], rows);
                    }

                    chunk = LogitBlock.ColumnMajor(LogitType.Float32, new ReadOnlySpan<nint>(columns, classes), rows, classes);
                }
                else
                {
                    Widen(block.Type, (ushort*)values + ((nint)row * classes), scratch, rows * classes);
                    chunk = LogitBlock.RowMajor(LogitType.Float32, new ReadOnlySpan<byte>(scratch, rows * classes * sizeof(float)), rows, classes);
                }

                FewClasses<TLanes, Float32Logit, float>.Evaluate(chunk, labels.Slice(row, rows), losses.Slice(row, rows));
            }
        }
    }

    private static void Widen(LogitType type, ushort* from, float* to, int count)
    {
        bool isBFloat16 = type == LogitType.BFloat16;
        int i = 0;
        for (; i <= count - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            Vector256<uint> bits = Vector256.WidenLower(Vector128.Load(from + i).ToVector256Unsafe());
            (isBFloat16 ? HalfWidening.BFloat16(bits) : HalfWidening.Float16(bits)).Store(to + i);
        }

        for (; i < count; i++)
        {
            ushort bits = Unsafe.ReadUnaligned<ushort>(from + i);
            to[i] = isBFloat16 ? HalfWidening.BFloat16(bits) : HalfWidening.Float16(bits);
        }
    }
}
