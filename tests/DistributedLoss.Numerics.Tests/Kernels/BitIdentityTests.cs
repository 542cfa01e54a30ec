using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>Width, layout, strategy and tile cuts may not change a bit of any result.</summary>
public class BitIdentityTests
{
    private static readonly int[] ClassCounts = [1, 2, 3, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000];

    [Theory]
    [ClassData(typeof(EveryKernel))]
    public void Every_kernel_layout_strategy_and_cut_gives_the_scalar_bits(string kernelName)
    {
        RowKernel kernel = RowKernel.Parse(kernelName);
        RowKernel scalar = RowKernel.Parse("scalar");
        foreach (LogitType type in Enum.GetValues<LogitType>())
        {
            foreach (int classes in ClassCounts)
            {
                int rows = classes > 200 ? 11 : 37;
                (byte[] values, int[] labels) = Adversary.Block(type, rows, classes, seed: (classes * 4) + (int)type);
                Evaluated expected = Evaluated.RowMajor(scalar, type, values, classes, labels, RowStrategy.WithinRow);
                expected.AssertSameBits(Evaluated.RowMajor(kernel, type, values, classes, labels, RowStrategy.WithinRow));
                expected.AssertSameBits(Evaluated.RowMajor(kernel, type, values, classes, labels, RowStrategy.AcrossRows));
                expected.AssertSameBits(Evaluated.RowMajor(kernel, type, values, classes, labels));
                expected.AssertSameBits(Evaluated.ColumnMajor(kernel, type, values, classes, labels));
                expected.AssertSameBits(InTiles(kernel, type, values, classes, labels));
            }
        }
    }

    private static Evaluated InTiles(RowKernel kernel, LogitType type, byte[] values, int classes, int[] labels)
    {
        int[] cuts = [0, 1, 4, labels.Length - 2, labels.Length];
        int rowBytes = classes * type.Size();
        return Evaluated.Join(cuts.Zip(cuts.Skip(1), (from, to) => Evaluated.RowMajor(
            kernel, type, values.AsSpan(from * rowBytes, (to - from) * rowBytes), classes, labels[from..to])));
    }
}
