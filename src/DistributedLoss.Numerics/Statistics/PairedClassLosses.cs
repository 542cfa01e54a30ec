using System.Buffers;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// What <see cref="PairedLosses"/> has, one for each class in some 250 bytes, as many as come; without standard errors in weighted runs. Mergeable in any order, to the same
/// bits.
/// </summary>
public sealed class PairedClassLosses(bool isWeighted = false)
{
    private readonly ExactSumArray _a = new(0);
    private readonly ExactSumArray _b = new(0);
    private readonly ExactSumArray _differences = new(0);
    private readonly ExactSumArray _squares = new(0);
    private readonly ExactSumArray _weights = new(0);
    private PairedCounts[] _counts = [];

    /// <summary>One more than the largest class that has a row.</summary>
    public int Classes { get; private set; }

    public PairedClass this[int index]
    {
        get
        {
            if (index >= Classes)
                return default;
            var (counts, differences) = (_counts[index], _differences.Get(index));
            var (result, count) = (new PairedClass(counts), counts.Rows);
            var denominator = isWeighted ? _weights.Get(index) : null;
            if (count == 0 || denominator?.Sign == 0)
                return result;
            var (a, b) = (_a.Get(index), _b.Get(index));
            return result with
            {
                MeanA = denominator is null ? a.Quotient(count) : a.Quotient(denominator),
                MeanB = denominator is null ? b.Quotient(count) : b.Quotient(denominator),
                MeanDifference = differences.HasSpecials ? differences.Quotient(count) : PairedLosses.DifferenceOver(a, b, denominator?.ToRational() ?? (count, 0)),
                StandardError = count < 2 || isWeighted ? null
                    : differences.HasSpecials ? double.NaN
                    : Math.Sqrt(LossMoments.VarianceOver(count, differences, _squares.Get(index), count)),
            };
        }
    }

    /// <param name="index">The class; at least 0.</param>
    /// <param name="weight">Of no matter without weights.</param>
    /// <param name="isRightA">Whether a predicts it.</param>
    /// <param name="isRightB">Whether b does.</param>
    public void Add(int index, double a, double b, double weight, bool isRightA, bool isRightB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        MakeRoom(index + 1);
        var difference = b - a;
        _a.Add(index, a);
        _b.Add(index, b);
        _differences.Add(index, difference);
        _squares.AddProduct(index, difference, difference);
        if (isWeighted)
            _weights.Add(index, weight);
        _counts[index] += new PairedCounts(1, difference < 0 ? 1 : 0, difference > 0 ? 1 : 0, isRightA ? 1 : 0, isRightB ? 1 : 0);
    }

    public void Add(PairedClassLosses other)
    {
        ArgumentNullException.ThrowIfNull(other);
        MakeRoom(other.Classes);
        var room = Math.Max(_counts.Length, other._counts.Length);
        Lengthen(room);
        other.Lengthen(room);
        _a.Add(other._a);
        _b.Add(other._b);
        _differences.Add(other._differences);
        _squares.Add(other._squares);
        _weights.Add(other._weights);
        for (var c = 0; c < other.Classes; c++)
            _counts[c] += other._counts[c];
    }

    /// <summary>
    /// Canonical bytes, little-endian: for each class that has a row, ascending, int32 class; int64 rows, better, worse, right in a, right in b; the exact sums of a, b,
    /// b - a and its square, and with weights of those.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        for (var c = 0; c < Classes; c++)
        {
            if (_counts[c].Rows == 0)
                continue;
            output.WriteInt32(c);
            _counts[c].WriteTo(output);
            foreach (var sums in (ReadOnlySpan<ExactSumArray>)[_a, _b, _differences, _squares])
                sums.Get(c).WriteTo(output);
            if (isWeighted)
                _weights.Get(c).WriteTo(output);
        }
    }

    private void MakeRoom(int classes)
    {
        Classes = Math.Max(Classes, classes);
        if (classes > _counts.Length)
            Lengthen(Math.Max(classes, (int)Math.Min(2L * _counts.Length, Array.MaxLength)));
    }

    private void Lengthen(int room)
    {
        Array.Resize(ref _counts, room);
        foreach (var sums in (ReadOnlySpan<ExactSumArray>)[_a, _b, _differences, _squares, _weights])
            sums.Lengthen(room);
    }
}

/// <summary>Rows of two runs by what became of them in the second, and how many each predicts right.</summary>
public readonly record struct PairedCounts(long Rows, long Better, long Worse, long CorrectA, long CorrectB)
{
    public static PairedCounts operator +(PairedCounts x, PairedCounts y) =>
        new(x.Rows + y.Rows, x.Better + y.Better, x.Worse + y.Worse, x.CorrectA + y.CorrectA, x.CorrectB + y.CorrectB);

    internal void WriteTo(IBufferWriter<byte> output)
    {
        foreach (var count in (ReadOnlySpan<long>)[Rows, Better, Worse, CorrectA, CorrectB])
            output.WriteInt64(count);
    }
}

/// <summary>One class's rows in two runs. Quotients of no row are null.</summary>
public readonly record struct PairedClass(PairedCounts Counts)
{
    public double? MeanA { get; init; }

    public double? MeanB { get; init; }

    public double? MeanDifference { get; init; }

    /// <summary>Of the mean difference; null below two rows and with weights, NaN if a difference is infinite or undefined.</summary>
    public double? StandardError { get; init; }
}
