using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Benchmarks.Numerics;

/// <summary>Rows of roughly normal logits in a stored type, with labels, and room for what a kernel says of them.</summary>
internal sealed class LogitTable
{
    // Half a megabyte of float32, as a window of a page; and as many rows as a tile has at most.
    private const int MostLogits = 1 << 17;
    private const int MostRows = 4096;

    private readonly double[] _first;
    private readonly byte[] _values;
    private readonly int[] _predicted;
    private readonly int[] _ranks;
    private readonly RowStatus[] _statuses;

    public LogitTable(LogitType type, int classes)
    {
        Rows = RowsOf(classes);
        var random = new Random(1);
        int width = type.Size();
        _values = new byte[Rows * classes * width];
        _first = new double[classes];
        for (int i = 0; i < Rows * classes; i++)
        {
            double logit = 2 * (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2);
            double stored = Store(type, logit, _values.AsSpan(i * width));
            if (i < classes)
            {
                _first[i] = stored;
            }
        }

        Labels = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(classes))];
        Loss = new double[Rows];
        (_predicted, _ranks, _statuses) = (new int[Rows], new int[Rows], new RowStatus[Rows]);
    }

    public int Rows { get; }

    public ReadOnlySpan<byte> RowMajor => _values;

    public int[] Labels { get; }

    public double[] Loss { get; }

    public RowLosses Losses => new(Loss, _predicted, _ranks, _statuses);

    public static int RowsOf(int classes) => Math.Clamp(MostLogits / classes, 1, MostRows);

    /// <summary>Compares the first row's loss with the definition, by .NET's own exp and log.</summary>
    /// <exception cref="InvalidOperationException">They differ by more than rounding.</exception>
    public void Check(double loss)
    {
        double max = _first.Max();
        double expected = Math.Log(_first.Sum(z => Math.Exp(z - max))) + max - _first[Labels[0]];
        if (!(Math.Abs(loss - expected) <= 1e-12 * Math.Max(1, expected)))
        {
            throw new InvalidOperationException($"the first row's loss is {loss}, by definition {expected}");
        }
    }

    private static double Store(LogitType type, double logit, Span<byte> target)
    {
        switch (type)
        {
            case LogitType.Float64:
                BitConverter.TryWriteBytes(target, logit);
                return logit;
            case LogitType.Float32:
                BitConverter.TryWriteBytes(target, (float)logit);
                return (float)logit;
            case LogitType.Float16:
                BitConverter.TryWriteBytes(target, (Half)logit);
                return (double)(Half)logit;
            default:
                // Cut rather than rounded: it is the same work for the kernel.
                uint bits = BitConverter.SingleToUInt32Bits((float)logit) & 0xffff0000;
                BitConverter.TryWriteBytes(target, (ushort)(bits >> 16));
                return BitConverter.UInt32BitsToSingle(bits);
        }
    }
}
