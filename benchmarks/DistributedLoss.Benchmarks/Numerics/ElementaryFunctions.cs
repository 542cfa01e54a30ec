using BenchmarkDotNet.Attributes;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Benchmarks.Numerics;

/// <summary>exp, log and log1p one by one, beside .NET's, whose bits differ between platforms.</summary>
public class ElementaryFunctions : IUnits
{
    private const int Count = 4096;

    private readonly double[] _values = new double[Count];
    private readonly double[] _results = new double[Count];

    public string Unit => "value";

    public long Units => Count;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(2);
        for (int i = 0; i < Count; i++)
        {
            _values[i] = 20 * random.NextDouble();
        }

        Compare(Exp, NetExp);
        Compare(Log, NetLog);
        Compare(Log1p, () => Each(x => Math.Log(1 + x)));
    }

    [Benchmark]
    public double[] Exp() => Each(static x => Elementary.Exp(-x));

    [Benchmark]
    public double[] NetExp() => Each(static x => Math.Exp(-x));

    [Benchmark]
    public double[] Log() => Each(Elementary.Log);

    [Benchmark]
    public double[] NetLog() => Each(Math.Log);

    [Benchmark]
    public double[] Log1p() => Each(Elementary.Log1p);

    private double[] Each(Func<double, double> function)
    {
        for (int i = 0; i < Count; i++)
        {
            _results[i] = function(_values[i]);
        }

        return _results;
    }

    private static void Compare(Func<double[]> ours, Func<double[]> others)
    {
        double[] mine = [.. ours()];
        double[] theirs = others();
        for (int i = 0; i < Count; i++)
        {
            if (!(Math.Abs(mine[i] - theirs[i]) <= 1e-14 * Math.Max(1, Math.Abs(theirs[i]))))
            {
                throw new InvalidOperationException($"value {i} is {mine[i]}, and {theirs[i]} by .NET");
            }
        }
    }
}
