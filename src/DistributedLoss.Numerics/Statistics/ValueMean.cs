using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// The mean of a figure that each row has, such as its entropy, Brier score or divergence: an exact sum and a count, mergeable in any order, to the same bits.
/// NaNs and infinities are counted apart. For a standard error see <see cref="LossMoments"/>, at twice the cost.
/// </summary>
public sealed class ValueMean
{
    private readonly ExactSum _sum = new();

    /// <summary>All values added, whatever they are.</summary>
    public long Count { get; private set; }

    public long NaNCount => _sum.NaNCount;

    public long InfiniteCount => checked(_sum.PositiveInfinityCount + _sum.NegativeInfinityCount);

    /// <summary>The sum as <see cref="ExactSum.ToDouble"/> rounds it.</summary>
    public double Sum => _sum.ToDouble();

    /// <summary>
    /// The correctly rounded mean: null without values, NaN with a NaN or infinities of both signs, else infinite with an infinite value.
    /// </summary>
    public double? Mean => Count == 0 ? null : _sum.Quotient(Count);

    /// <summary>A copy of the exact sum.</summary>
    public ExactSum ExactValueSum()
    {
        var copy = new ExactSum();
        copy.Add(_sum);
        return copy;
    }

    public void Add(double value)
    {
        Count++;
        _sum.Add(value);
    }

    public void Add(ReadOnlySpan<double> values)
    {
        Count += values.Length;
        _sum.Add(values);
    }

    public void Add(ValueMean other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count = checked(Count + other.Count);
        _sum.Add(other._sum);
    }

    public void Clear()
    {
        Count = 0;
        _sum.Clear();
    }

    /// <summary>Canonical bytes, little-endian: int64 Count, then the exact sum as <see cref="ExactSum.WriteTo"/> has it.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt64(Count);
        _sum.WriteTo(output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, or contradict each other.</exception>
    public static ValueMean Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "ValueMean");
        var mean = new ValueMean { Count = reader.ReadInt64("count", 0) };
        mean._sum.AddFrom(ref reader);
        if (!mean._sum.CouldSum(mean.Count))
            throw reader.Malformed($"the sum is not that of {mean.Count} values");
        bytesRead = reader.Position;
        return mean;
    }
}
