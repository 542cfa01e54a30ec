using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>The exps of a block's rows from the evaluation of their losses, for one second pass over the same rows.</summary>
internal sealed unsafe class KeptExps
{
    private const int Most = 1 << 18; // 2 MB, about the L2 cache; more would come back slower than it is computed
    private const int CacheLine = 64; // bytes

    private readonly int _classes;
    private readonly double[] _exps = [];
    private readonly double[] _topLosses = [];
    private readonly int _start;
    private void* _values;
    private int _rows;

    public KeptExps(int classes)
    {
        _classes = classes;
        int rows = Most / Stride(classes);
        if (rows > 0)
        {
            _exps = GC.AllocateUninitializedArray<double>((rows * Stride(classes)) + (CacheLine / sizeof(double)), pinned: true);
            _topLosses = new double[rows];
            nuint address = (nuint)Unsafe.AsPointer(ref _exps[0]);
            _start = (int)((((address + CacheLine - 1) & ~(nuint)(CacheLine - 1)) - address) / sizeof(double));
        }
    }

    /// <summary>From one row to the next: whole registers.</summary>
    public static int Stride(int classes) => (classes + LaneCount.Logical - 1) & ~(LaneCount.Logical - 1);

    public bool Fits(in LogitBlock block) => block.Rows <= _topLosses.Length;

    /// <summary>Outputs that the kernel fills with the exps of the block as well.</summary>
    public RowLosses Begin(in LogitBlock block, in RowLosses losses)
    {
        _values = null;
        return new RowLosses(losses.Loss, losses.Predicted, losses.Rank, losses.Status, losses.TopLoss) { Exps = Exps(block.Rows) };
    }

    public void End(in LogitBlock block, in RowLosses losses)
    {
        _values = Address(block);
        _rows = block.Rows;
        losses.TopLoss[.._rows].CopyTo(_topLosses);
    }

    /// <summary>The losses with the exps of the block, if these are what was kept last; once.</summary>
    public RowLosses Take(in LogitBlock block, in RowLosses losses)
    {
        bool areThese = _values != null && _values == Address(block) && _rows == block.Rows
            && losses.TopLoss[.._rows].SequenceEqual(_topLosses.AsSpan(0, _rows));
        _values = null;
        return areThese
            ? new RowLosses(losses.Loss, losses.Predicted, losses.Rank, losses.Status, losses.TopLoss) { Exps = Exps(block.Rows) }
            : losses;
    }

    private static void* Address(in LogitBlock block) => Unsafe.AsPointer(ref Unsafe.AsRef(in block.Values.GetPinnableReference()));

    private Span<double> Exps(int rows) => _exps.AsSpan(_start, rows * Stride(_classes));
}
