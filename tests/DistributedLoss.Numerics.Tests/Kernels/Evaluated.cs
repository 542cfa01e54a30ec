using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>What a kernel made of a block, with the bits of every loss, so that two can be compared whole.</summary>
internal sealed record Evaluated(double[] Loss, int[] Predicted, int[] Rank, RowStatus[] Status, double[] TopLoss)
{
    public static Evaluated RowMajor(
        RowKernel kernel, LogitType type, ReadOnlySpan<byte> values, int classes, int[] labels, RowStrategy strategy = RowStrategy.Fastest)
    {
        LogitBlock block = LogitBlock.RowMajor(type, values, labels.Length, classes);
        return Run(kernel, block, labels, strategy);
    }

    /// <summary>The row-major values, transposed into columns that begin at an odd multiple of the value's size.</summary>
    public static unsafe Evaluated ColumnMajor(RowKernel kernel, LogitType type, ReadOnlySpan<byte> values, int classes, int[] labels)
    {
        int size = type.Size();
        int rows = labels.Length;
        int stride = (rows + 1) * size;
        byte[] transposed = GC.AllocateArray<byte>((stride * classes) + size, pinned: true);
        nint[] columns = new nint[classes];
        fixed (byte* start = transposed)
        {
            for (int c = 0; c < classes; c++)
            {
                columns[c] = (nint)(start + size + (c * stride));
                for (int r = 0; r < rows; r++)
                {
                    values.Slice(((r * classes) + c) * size, size).CopyTo(new Span<byte>((byte*)columns[c] + (r * size), size));
                }
            }

            LogitBlock block = LogitBlock.ColumnMajor(type, columns, rows, classes);
            return Run(kernel, block, labels, RowStrategy.Fastest);
        }
    }

    public static Evaluated Of(RowKernel kernel, double[] logits, int classes, params int[] labels) =>
        RowMajor(kernel, LogitType.Float64, MemoryMarshal.AsBytes<double>(logits), classes, labels);

    public static Evaluated Of(RowKernel kernel, float[] logits, int classes, params int[] labels) =>
        RowMajor(kernel, LogitType.Float32, MemoryMarshal.AsBytes<float>(logits), classes, labels);

    public static Evaluated Join(IEnumerable<Evaluated> parts)
    {
        Evaluated[] all = [.. parts];
        return new(
            [.. all.SelectMany(p => p.Loss)],
            [.. all.SelectMany(p => p.Predicted)],
            [.. all.SelectMany(p => p.Rank)],
            [.. all.SelectMany(p => p.Status)],
            [.. all.SelectMany(p => p.TopLoss)]);
    }

    public void AssertSameBits(Evaluated other)
    {
        Assert.Equal(Bits(Loss), Bits(other.Loss));
        Assert.Equal(Predicted, other.Predicted);
        Assert.Equal(Rank, other.Rank);
        Assert.Equal(Status, other.Status);
        Assert.Equal(Bits(TopLoss), Bits(other.TopLoss));

        static long[] Bits(double[] values) => [.. values.Select(BitConverter.DoubleToInt64Bits)];
    }

    private static Evaluated Run(RowKernel kernel, in LogitBlock block, int[] labels, RowStrategy strategy)
    {
        int n = labels.Length;
        Evaluated result = new(new double[n], new int[n], new int[n], new RowStatus[n], new double[n]);
        kernel.Evaluate(block, labels, new RowLosses(result.Loss, result.Predicted, result.Rank, result.Status, result.TopLoss), strategy);
        return result;
    }
}

/// <summary>Theory data: every kernel, by name.</summary>
public sealed class EveryKernel : TheoryData<string>
{
    public EveryKernel()
    {
        foreach (RowKernel kernel in RowKernel.All)
        {
            Add(kernel.Name);
        }
    }
}
