using System.Buffers;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// How the loss of all rows changes with the temperature, at one temperature: exact sums of what <see cref="LossSlopes"/> has of each. Mergeable in any order,
/// to the same bits.
/// </summary>
public sealed class SlopeSums
{
    private readonly ExactSum _loss = new();
    private readonly ExactSum _slope = new();
    private readonly ExactSum _curvature = new();
    private readonly ExactSum _error = new();

    /// <summary>Rows or elements added.</summary>
    public long Count { get; private set; }

    /// <summary>The numerator of the mean loss, but for a rounding a row.</summary>
    public double Loss => _loss.ToDouble();

    /// <summary>By log(1 / T); as <see cref="ExactSum.ToDouble"/> rounds it, and so of the sum's own sign.</summary>
    public double Slope => _slope.ToDouble();

    public double Curvature => _curvature.ToDouble();

    /// <summary>What <see cref="Slope"/> is off by at most, from the derivative of the exact loss.</summary>
    public double Error => _error.ToDouble();

    public void Add(in LossSlopes rows)
    {
        Count += rows.Slope.Length;
        _loss.Add(rows.Loss);
        _slope.Add(rows.Slope);
        _curvature.Add(rows.Curvature);
        _error.Add(rows.Error);
    }

    public void Add(SlopeSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Count = checked(Count + other.Count);
        _loss.Add(other._loss);
        _slope.Add(other._slope);
        _curvature.Add(other._curvature);
        _error.Add(other._error);
    }

    public void Clear()
    {
        Count = 0;
        _loss.Clear();
        _slope.Clear();
        _curvature.Clear();
        _error.Clear();
    }

    /// <summary>Canonical bytes, little-endian: int64 Count; then the exact sums of losses, slopes, curvatures and errors, as <see cref="ExactSum.WriteTo"/> has them.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt64(Count);
        foreach (var sum in (ReadOnlySpan<ExactSum>)[_loss, _slope, _curvature, _error])
            sum.WriteTo(output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, or no sums of as many rows.</exception>
    public static SlopeSums Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "SlopeSums");
        var sums = new SlopeSums { Count = reader.ReadInt64("count", 0) };
        foreach (var sum in (ReadOnlySpan<ExactSum>)[sums._loss, sums._slope, sums._curvature, sums._error])
        {
            sum.AddFrom(ref reader);
            if (!sum.CouldSum(sums.Count))
                throw reader.Malformed($"a sum is not that of {sums.Count} rows");
        }

        bytesRead = reader.Position;
        return sums;
    }
}
