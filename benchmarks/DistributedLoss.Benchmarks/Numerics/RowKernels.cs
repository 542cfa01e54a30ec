using BenchmarkDotNet.Attributes;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Benchmarks.Numerics;

/// <summary>Losses, predictions and ranks of contiguous rows, at every width of the kernel. Logits are in the processor's cache, as a page's window is.</summary>
public class RowKernels : IUnits
{
    private LogitTable _table = null!;
    private RowKernel _kernel = null!;

    [Params(2, 10, 100, 1000, 50_257, 128_256)]
    public int Classes { get; set; }

    [Params(LogitType.Float16, LogitType.BFloat16, LogitType.Float32, LogitType.Float64)]
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
        _table.Check(Evaluate());
    }

    [Benchmark]
    public double Evaluate()
    {
        _kernel.Evaluate(LogitBlock.RowMajor(Type, _table.RowMajor, _table.Rows, Classes), _table.Labels, _table.Losses);
        return _table.Loss[0];
    }
}
