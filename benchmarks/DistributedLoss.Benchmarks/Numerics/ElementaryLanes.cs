using BenchmarkDotNet.Attributes;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Benchmarks.Numerics;

/// <summary>exp and log1p as the kernels have them, a register at a time.</summary>
public class ElementaryLanes : IUnits
{
    private const int Count = 4096;

    private readonly double[] _values = new double[Count];
    private readonly double[] _results = new double[Count];
    private RowKernel _kernel = null!;

    [Params("scalar", "128", "256", "512")]
    public string Kernel { get; set; } = "";

    public string Unit => "value";

    public long Units => Count;

    [GlobalSetup]
    public void Setup()
    {
        _kernel = RowKernel.Parse(Kernel);
        var random = new Random(2);
        for (int i = 0; i < Count; i++)
        {
            _values[i] = 20 * random.NextDouble();
        }

        Compare(ExpOfMinus(), x => Elementary.Exp(-x));
        Compare(Log1p(), Elementary.Log1p);
    }

    [Benchmark]
    public double[] ExpOfMinus()
    {
        _kernel.ExpOfMinus(_values, _results);
        return _results;
    }

    [Benchmark]
    public double[] Log1p()
    {
        _kernel.Evaluator.Log1pNonNegative(_values, _results);
        return _results;
    }

    // The same bits, whatever the width.
    private void Compare(double[] results, Func<double, double> expected)
    {
        for (int i = 0; i < Count; i++)
        {
            if (results[i] != expected(_values[i]))
            {
                throw new InvalidOperationException($"kernel {Kernel} gives {results[i]} for {_values[i]}, one by one it is {expected(_values[i])}");
            }
        }
    }
}
