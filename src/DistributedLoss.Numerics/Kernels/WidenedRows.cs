using System.Runtime.InteropServices;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>A few rows of a block at a time as float64, row-major, divided by the temperature: each quotient is rounded once.</summary>
internal sealed class WidenedRows
{
    private const int ScratchValues = 1 << 15; // 256 KB: a second pass over them stays in the L2 cache

    private readonly double[] _values;
    private readonly int _classes;
    private readonly double _temperature;

    public WidenedRows(int classes, double temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        (_classes, _temperature) = (classes, temperature);
        Most = Math.Max(1, ScratchValues / classes);
        _values = new double[Most * classes];
    }

    /// <summary>Rows that may be taken at once.</summary>
    public int Most { get; }

    /// <summary>The block that it returns is good until the next call.</summary>
    public LogitBlock Take(in LogitBlock block, int firstRow, int rows)
    {
        var values = _values.AsSpan(0, rows * _classes);
        LogitWidening.Widen(block, firstRow, rows, values);
        if (_temperature != 1)
        {
            foreach (ref double value in values)
            {
                value /= _temperature;
            }
        }

        return LogitBlock.RowMajor(LogitType.Float64, MemoryMarshal.AsBytes(values), rows, _classes);
    }

    /// <summary>Of the rows last taken.</summary>
    public ReadOnlySpan<double> Row(int row) => _values.AsSpan(row * _classes, _classes);
}
