using System.Buffers;
using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>What both passes over a block give: losses, entropies, Brier scores, and the class sums over its rows.</summary>
internal sealed record Probed(double[] Entropy, double[] Brier, RowStatus[] Status, ClassProbabilitySums Sums)
{
    public static Probed Of(string kernel, LossFunction function, double[] row, int label) =>
        Of(kernel, function, LogitType.Float64, MemoryMarshal.AsBytes<double>(row), row.Length, [label]);

    /// <param name="cut">Rows evaluated at once.</param>
    /// <param name="keep">Whether the second pass is to use what the first one computed.</param>
    public static Probed Of(
        string kernel, LossFunction function, LogitType type, ReadOnlySpan<byte> values, int classes, int[] labels, int cut = int.MaxValue, bool columns = false, bool keep = false)
    {
        RowKernel rowKernel = RowKernel.Parse(kernel);
        var evaluator = new LossEvaluator(rowKernel, function, classes);
        var probabilities = new RowProbabilities(rowKernel, function, classes);
        var sums = new ClassProbabilitySums(classes);
        int rows = labels.Length;
        Probed all = new(new double[rows], new double[rows], new RowStatus[rows], sums);
        ClassProbabilitySums[][] into = new ClassProbabilitySums[rows][];
        Array.Fill(into, [sums]);
        for (int first = 0; first < rows; first += Math.Min(cut, rows - first))
        {
            int n = Math.Min(cut, rows - first);
            var losses = new RowLosses(new double[n], new int[n], new int[n], all.Status.AsSpan(first, n), new double[n]);
            int rowBytes = classes * type.Size();
            using Columns? transposed = columns ? new Columns(values.Slice(first * rowBytes, n * rowBytes), type.Size(), n, classes) : null;
            LogitBlock block = transposed is null
                ? LogitBlock.RowMajor(type, values.Slice(first * rowBytes, n * rowBytes), n, classes)
                : LogitBlock.ColumnMajor(type, transposed.Pointers, n, classes);
            if (keep)
            {
                probabilities.EvaluateLosses(block, labels.AsSpan(first, n), losses);
            }
            else
            {
                evaluator.Evaluate(block, labels.AsSpan(first, n), losses, default, default);
            }

            probabilities.Evaluate(block, labels.AsSpan(first, n), losses, all.Entropy.AsSpan(first, n), all.Brier.AsSpan(first, n), into.AsSpan(first, n));
        }

        return all;
    }

    public string Bits()
    {
        var bytes = new ArrayBufferWriter<byte>();
        Sums.WriteTo(bytes);
        return string.Join(' ', Entropy.Select((_, r) => $"{Bits(Entropy[r]):x} {Bits(Brier[r]):x} {Status[r]}")) + Convert.ToHexString(bytes.WrittenSpan);

        static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
    }

    /// <summary>Row-major values as columns in pinned memory.</summary>
    private sealed class Columns : IDisposable
    {
        private readonly GCHandle _memory;

        public Columns(ReadOnlySpan<byte> values, int size, int rows, int classes)
        {
            byte[] transposed = new byte[values.Length];
            _memory = GCHandle.Alloc(transposed, GCHandleType.Pinned);
            Pointers = [.. Enumerable.Range(0, classes).Select(c => _memory.AddrOfPinnedObject() + (c * rows * size))];
            for (int c = 0; c < classes; c++)
            {
                for (int r = 0; r < rows; r++)
                {
                    values.Slice(((r * classes) + c) * size, size).CopyTo(transposed.AsSpan(((c * rows) + r) * size));
                }
            }
        }

        public nint[] Pointers { get; }

        public void Dispose() => _memory.Free();
    }
}
