using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
            Divide(values);
        }

        return LogitBlock.RowMajor(LogitType.Float64, MemoryMarshal.AsBytes(values), rows, _classes);
    }

    // The code generator does not do it by vectors itself.
    private void Divide(Span<double> values)
    {
        var vectors = MemoryMarshal.Cast<double, Vector256<double>>(values);
        var temperature = Vector256.Create(_temperature);
        foreach (ref var vector in vectors)
        {
            vector /= temperature;
        }

        foreach (ref double value in values[(vectors.Length * Vector256<double>.Count)..])
        {
            value /= _temperature;
        }
    }

    /// <summary>Of the rows last taken.</summary>
    public ReadOnlySpan<double> Row(int row) => _values.AsSpan(row * _classes, _classes);

    /// <summary>The first ones of them, side by side.</summary>
    public ReadOnlySpan<double> Rows(int rows) => _values.AsSpan(0, rows * _classes);
}
