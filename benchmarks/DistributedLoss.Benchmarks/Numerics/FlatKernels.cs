using BenchmarkDotNet.Attributes;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Benchmarks.Numerics;

/// <summary>As <see cref="RowKernels"/>, of rows whose classes are columns of their own.</summary>
public unsafe class FlatKernels : IUnits
{
    private readonly List<byte[]> _columns = [];
    private LogitTable _table = null!;
    private RowKernel _kernel = null!;
    private nint[] _addresses = [];

    [Params(2, 10, 100)]
    public int Classes { get; set; }

    [Params(LogitType.Float16, LogitType.Float32)]
    public LogitType Type { get; set; }

    [Params("scalar", "128", "256", "512")]
    public string Kernel { get; set; } = "";

    public string Unit => "logit";

    public long Units => (long)LogitTable.RowsOf(Classes) * Classes;

    [GlobalSetup]
    public void Setup()
    {
        _table = new LogitTable(Type, Classes);
        _kernel = RowKernel.Parse(Kernel);
        int width = Type.Size();
        for (int c = 0; c < Classes; c++)
        {
            byte[] column = GC.AllocateArray<byte>(_table.Rows * width, pinned: true);
            for (int r = 0; r < _table.Rows; r++)
            {
                _table.RowMajor.Slice(((r * Classes) + c) * width, width).CopyTo(column.AsSpan(r * width));
            }

            _columns.Add(column);
        }

        _addresses = [.. _columns.Select(AddressOf)];
        _table.Check(Evaluate());
    }

    [Benchmark]
    public double Evaluate()
    {
        _kernel.Evaluate(LogitBlock.ColumnMajor(Type, _addresses, _table.Rows, Classes), _table.Labels, _table.Losses);
        return _table.Loss[0];
    }

    // The array is pinned.
    private static nint AddressOf(byte[] column)
    {
        fixed (byte* start = column)
        {
            return (nint)start;
        }
    }
}
