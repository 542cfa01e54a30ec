using BenchmarkDotNet.Attributes;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Benchmarks.Numerics;

/// <summary>Exact sums: value by value, in bulk, of products, by class, merged and read.</summary>
public class ExactSums : IUnits
{
    private const int Count = 4096;
    private const int Classes = 1000;

    private readonly double[] _values = new double[Count];
    private readonly double[] _weights = new double[Count];
    private readonly int[] _classes = new int[Count];
    private readonly ExactSum _sum = new();
    private readonly ExactSum _other = new();
    private readonly ExactSumArray _array = new(Classes);
    private readonly ExactSumArray _otherArray = new(Classes);

    /// <summary>Losses as models have them, or doubles of any exponent.</summary>
    [Params("losses", "any")]
    public string Values { get; set; } = "";

    public string Unit => "value";

    public long Units => Count;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(3);
        for (int i = 0; i < Count; i++)
        {
            _values[i] = Values == "any" ? Math.ScaleB(random.NextDouble() - 0.5, random.Next(-1000, 1000)) : -Math.Log(random.NextDouble());
            _weights[i] = random.NextDouble();
            _classes[i] = random.Next(Classes);
        }

        _other.Add(_values);
        _otherArray.Add(_classes, _values);
        double bulk = AddBulk();
        if (bulk != AddOneByOne() || (Values == "losses" && !(Math.Abs(bulk - _values.Sum()) < 1e-8)))
        {
            throw new InvalidOperationException($"in bulk the sum is {bulk}, one by one {AddOneByOne()}, rounded at each step {_values.Sum()}");
        }
    }

    [Benchmark]
    public double AddOneByOne()
    {
        _sum.Clear();
        foreach (double value in _values)
        {
            _sum.Add(value);
        }

        return _sum.ToDouble();
    }

    [Benchmark]
    public double AddBulk()
    {
        _sum.Clear();
        _sum.Add(_values);
        return _sum.ToDouble();
    }

    [Benchmark]
    public double AddProducts()
    {
        _sum.Clear();
        _sum.AddProducts(_values, _weights);
        return _sum.ToDouble();
    }

    [Benchmark]
    public void AddByClass()
    {
        _array.Clear();
        _array.Add(_classes, _values);
    }

    /// <summary>As many merges as values elsewhere.</summary>
    [Benchmark]
    public double Merge()
    {
        _sum.Clear();
        for (int i = 0; i < Count; i++)
        {
            _sum.Add(_other);
        }

        return _sum.ToDouble();
    }

    /// <summary>Of a thousand sums each; its unit is that of the others, a 4096th of a call.</summary>
    [Benchmark]
    public void MergeByClass()
    {
        _array.Clear();
        _array.Add(_otherArray);
    }

    [Benchmark]
    public double Read()
    {
        double last = 0;
        for (int i = 0; i < Count; i++)
        {
            last += _other.Quotient(Count + i);
        }

        return last;
    }
}
