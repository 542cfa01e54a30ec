using System.Runtime.CompilerServices;
using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>What a block's rows keep from the evaluation of their losses for one second pass: the sums of their spread, and their exps where they fit.</summary>
internal sealed unsafe class KeptRows
{
    private const int MostExps = 1 << 18; // 2 MB, about the L2 cache; more would come back slower than it is computed
    private const int MostRows = 1 << 13; // 3 MB of sums
    private const int CacheLine = 64; // bytes

    private readonly int _classes;
    private readonly double[] _exps = [];
    private readonly int _start;
    private double[] _sums = [];
    private double[] _topLosses = [];
    private void* _values;
    private int _rows;

    public KeptRows(int classes)
    {
        _classes = classes;
        if (Stride(classes) <= MostExps)
        {
            _exps = GC.AllocateUninitializedArray<double>(MostExps + (CacheLine / sizeof(double)), pinned: true);
            nuint address = (nuint)Unsafe.AsPointer(ref _exps[0]);
            _start = (int)((((address + CacheLine - 1) & ~(nuint)(CacheLine - 1)) - address) / sizeof(double));
        }
    }

    /// <summary>From one row's exps to the next's: whole registers.</summary>
    public static int Stride(int classes) => (classes + LaneCount.Logical - 1) & ~(LaneCount.Logical - 1);

    public static bool Fits(in LogitBlock block) => block.Rows <= MostRows;

    /// <summary>Outputs that the kernel fills, with what is kept of the block as well.</summary>
    public RowLosses Begin(in LogitBlock block, in RowLosses losses)
    {
        _values = null;
        if (_topLosses.Length < block.Rows)
        {
            _topLosses = new double[block.Rows];
            _sums = new double[block.Rows * SpreadSum.RowDoubles];
        }

        return WithKept(block, losses);
    }

    public void End(in LogitBlock block, in RowLosses losses)
    {
        _values = Address(block);
        _rows = block.Rows;
        losses.TopLoss[.._rows].CopyTo(_topLosses);
    }

    /// <summary>The losses with what is kept, if it is of the same rows; once.</summary>
    public RowLosses Take(in LogitBlock block, in RowLosses losses)
    {
        bool areThese = _values != null && _values == Address(block) && _rows == block.Rows
            && losses.TopLoss[.._rows].SequenceEqual(_topLosses.AsSpan(0, _rows));
        _values = null;
        return areThese ? WithKept(block, losses) : losses;
    }

    private static void* Address(in LogitBlock block) => Unsafe.AsPointer(ref Unsafe.AsRef(in block.Values.GetPinnableReference()));

    private RowLosses WithKept(in LogitBlock block, in RowLosses losses)
    {
        long exps = (long)block.Rows * Stride(_classes);
        return new RowLosses(losses.Loss, losses.Predicted, losses.Rank, losses.Status, losses.TopLoss)
        {
            SpreadSums = _sums.AsSpan(0, block.Rows * SpreadSum.RowDoubles),
            Exps = exps <= MostExps && _exps.Length > 0 ? _exps.AsSpan(_start, (int)exps) : default,
        };
    }
}
