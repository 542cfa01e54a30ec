using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>One bar of a reliability diagram: the rows whose confidence is in [Low, High), and for the last bar from Low up.</summary>
/// <param name="Accuracy">Correct / Count, correctly rounded; null without rows.</param>
/// <param name="MeanConfidence">Correctly rounded from the exact sum; null without rows.</param>
public readonly record struct ReliabilityBin(double Low, double High, long Count, long Correct, double? Accuracy, double? MeanConfidence);

/// <summary>
/// Rows binned by the confidence of their prediction, the source of the expected and the maximum calibration error (Guo et al., "On Calibration of
/// Modern Neural Networks", arXiv:1706.04599). Counts and fixed-point sums: mergeable in any order, to the same bits.
/// </summary>
/// <remarks>
/// Bin i of B holds the confidences p with e_i &lt;= p &lt; e_(i+1), where e_i is i / B rounded to double; the last one also holds 1 and whatever
/// is above it, as probabilities taken as they are can be. torchmetrics has the same half-open bins, but gives a confidence of exactly 1 a bin of its own. A
/// confidence enters its bin's sum as a multiple of 2^-62, to which it is rounded once (from 2^-10 up, every double is one).
/// </remarks>
public sealed partial class CalibrationBins
{
    public const int MostBins = 10_000;

    private const int HalfBits = 31;
    private const int FractionBits = 2 * HalfBits;

    // Rows are placed in their bins by vectors, a block at a time.
    private const int BlockLength = 256;

    // Neighbouring rows mostly fall into the same bin and would wait for each other's stores: even and odd rows have a tally each.
    private const int Banks = 2;

    // Rows until the pending tallies are folded into the others: halves of confidences are at most 2^32, and 16 bits count rows.
    private const int MostPending = (1 << 16) - 1;

    // A pending tally is two sums of the confidences' halves, below 2^48; above them the number of rows, and that of right ones.
    private const ulong OneCount = 1UL << 48;

    // More than rounding makes of it for any number of bins.
    private const double CloseToEdge = 1.0 / (1 << 30);

    private readonly double[] _edges;
    private readonly Tally[] _tallies;

    private readonly Vector128<long>[] _pendingTallies;
    private int _pending;

    /// <param name="bins">1 to <see cref="MostBins"/>; 15 is what the paper and torchmetrics use.</param>
    public CalibrationBins(int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, MostBins);
        _edges = new double[bins + 1];
        for (var i = 0; i <= bins; i++)
            _edges[i] = (double)i / bins;
        _tallies = new Tally[bins];
        _pendingTallies = new Vector128<long>[Banks * bins];
    }

    public int Bins => _edges.Length - 1;

    /// <summary>All rows added.</summary>
    public long Count => Total().Count;

    /// <summary>Rows whose prediction is their label.</summary>
    public long Correct => Total().Correct;

    /// <summary>The expected calibration error, the sum over the bins of |correct - sum of confidences| / Count, correctly rounded; null without rows.</summary>
    public double? ExpectedError
    {
        get
        {
            var (gaps, count) = (BigInteger.Zero, 0L);
            for (var bin = 0; bin < Bins; bin++)
            {
                var tally = At(bin);
                gaps += BigInteger.Abs(tally.Gap);
                count += tally.Count;
            }

            return count == 0 ? null : CorrectRounding.Quotient(gaps, count, -FractionBits);
        }
    }

    /// <summary>The maximum calibration error, the greatest |accuracy - mean confidence| of a bin with rows, correctly rounded; null without rows.</summary>
    public double? MaximumError
    {
        get
        {
            double? most = null;
            for (var bin = 0; bin < Bins; bin++)
            {
                // Rounding keeps order, so that the greatest rounded gap is the greatest one, rounded.
                if (At(bin) is { Count: > 0 } tally && !(CorrectRounding.Quotient(BigInteger.Abs(tally.Gap), tally.Count, -FractionBits) is var gap && gap <= most))
                    most = gap;
            }

            return most;
        }
    }

    /// <summary>The mean confidence of all rows, correctly rounded; null without rows.</summary>
    public double? MeanConfidence => Total().MeanConfidence;

    /// <summary>Adds rows. Allocates nothing.</summary>
    /// <param name="confidence">Each row's probability of its predicted class: from 0 to below 2.</param>
    /// <param name="labels">Each row's label.</param>
    /// <param name="predicted">Each row's predicted class.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A confidence is NaN, negative or not below 2; nothing was added.</exception>
    [SkipLocalsInit]
    public void Add(ReadOnlySpan<double> confidence, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted)
    {
        if (labels.Length != confidence.Length || predicted.Length != confidence.Length)
            throw new ArgumentException($"{confidence.Length} confidences cannot be counted with {labels.Length} labels and {predicted.Length} predictions.", nameof(labels));
        ThrowIfNoConfidence(confidence);
        Span<ulong> places = stackalloc ulong[BlockLength];
        Span<Vector128<long>> pairs = stackalloc Vector128<long>[BlockLength];
        ref var place = ref MemoryMarshal.GetReference(places);
        ref var pair = ref MemoryMarshal.GetReference(pairs);
        ref var tallies = ref MemoryMarshal.GetArrayDataReference(_pendingTallies);
        for (var start = 0; start < confidence.Length; start += BlockLength)
        {
            var length = Math.Min(BlockLength, confidence.Length - start);
            if (_pending > MostPending - length)
                Fold();
            _pending += length;
            Place(confidence.Slice(start, length), labels.Slice(start, length), predicted.Slice(start, length), ref place, ref pair);
            for (nint i = 0; i < length; i++)
                Unsafe.Add(ref tallies, (nint)Unsafe.Add(ref place, i)) += Unsafe.Add(ref pair, i);
        }
    }

    /// <exception cref="ArgumentException">The numbers of bins differ.</exception>
    public void Add(CalibrationBins other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Bins != Bins)
            throw new ArgumentException($"{other.Bins} bins cannot be added to {Bins}.", nameof(other));
        _ = checked(Count + other.Count);
        for (var bin = 0; bin < _tallies.Length; bin++)
            _tallies[bin] = _tallies[bin].Plus(other.At(bin));
    }

    public void Clear()
    {
        Array.Clear(_tallies);
        Array.Clear(_pendingTallies);
        _pending = 0;
    }

    /// <summary>The bins by rising confidence, those without rows among them.</summary>
    public ReliabilityBin[] ToArray()
    {
        var bins = new ReliabilityBin[Bins];
        for (var bin = 0; bin < bins.Length; bin++)
        {
            var tally = At(bin);
            double? accuracy = tally.Count == 0 ? null : CorrectRounding.Quotient(tally.Correct, tally.Count);
            bins[bin] = new(_edges[bin], _edges[bin + 1], tally.Count, tally.Correct, accuracy, tally.MeanConfidence);
        }

        return bins;
    }

    private static void ThrowIfNoConfidence(ReadOnlySpan<double> confidence)
    {
        // NaN, infinity and 2 and more have the exponent field's top bit set, negatives the sign.
        const ulong outside = 3UL << 62;
        var vectors = MemoryMarshal.Cast<double, Vector256<ulong>>(confidence);
        var seen = Vector256<ulong>.Zero;
        foreach (var vector in vectors)
            seen |= vector;
        var bits = seen[0] | seen[1] | seen[2] | seen[3];
        foreach (var p in confidence[(vectors.Length * Vector256<ulong>.Count)..])
            bits |= BitConverter.DoubleToUInt64Bits(p);
        if ((bits & outside) != 0)
            ThrowFirstOf(confidence);

        [DoesNotReturn]
        static void ThrowFirstOf(ReadOnlySpan<double> confidence)
        {
            var i = 0;
            while ((BitConverter.DoubleToUInt64Bits(confidence[i]) & outside) == 0)
                i++;
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence[i], $"The confidence at {i} is outside [0, 2).");
        }
    }

    /// <summary>
    /// For each row the place of its pending tally, and what it adds to that: the halves of its confidence's multiple of 2^-62, High 2^31 + Low, with a row and, if
    /// it is right, a right one in the upper bits.
    /// </summary>
    private void Place(ReadOnlySpan<double> confidence, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted, ref ulong place, ref Vector128<long> pair)
    {
        var whole = confidence.Length & -4;
        Place(ref MemoryMarshal.GetReference(confidence), ref MemoryMarshal.GetReference(labels), ref MemoryMarshal.GetReference(predicted), (nuint)whole, ref place, ref pair);
        if (whole == confidence.Length)
            return;
        Span<double> lastConfidence = [0, 0, 0, 0];
        Span<int> lastLabels = [0, 0, 0, 0];
        Span<int> lastPredicted = [0, 0, 0, 0];
        confidence[whole..].CopyTo(lastConfidence);
        labels[whole..].CopyTo(lastLabels);
        predicted[whole..].CopyTo(lastPredicted);
        Place(ref lastConfidence[0], ref lastLabels[0], ref lastPredicted[0], 4, ref Unsafe.Add(ref place, whole), ref Unsafe.Add(ref pair, whole));
    }

    private void Place(ref double confidence, ref int labels, ref int predicted, nuint length, ref ulong place, ref Vector128<long> pair)
    {
        // 2^52 more, and the integer that a double is, rounded to even, stands in its low bits.
        var unit = Vector256.Create((double)(1L << HalfBits));
        var integer = Vector256.Create((double)(1L << 52));
        var low52 = Vector256.Create((1UL << 52) - 1);
        var bank = Vector256.Create(0.0, 1, 0, 1);
        var oneRow = Vector256.Create(OneCount);

        // A little more than B, so that p times it is never below the bin's number, and above it by less than one.
        var binsInOne = Vector256.Create(Bins * (1 + Math.ScaleB(1, -50)));
        var beforeEnd = Vector256.Create(Bins - 0.5);
        var close = Vector256.Create(CloseToEdge);
        for (nuint i = 0; i < length; i += 4)
        {
            var p = Vector256.LoadUnsafe(ref confidence, i);
            var scaledToBins = Vector256.Min(p * binsInOne, beforeEnd);
            var number = Vector256.Floor(scaledToBins);
            if (Vector256.LessThanAny(scaledToBins - number, close))
                number = BelowEdge(p, number);
            var scaled = p * unit;
            var high = Vector256.Floor(scaled);
            var right = Vector256.WidenLower(Vector128.Equals(Vector128.LoadUnsafe(ref labels, i), Vector128.LoadUnsafe(ref predicted, i)).ToVector256Unsafe());
            ((number + number + bank + integer).AsUInt64() & low52).StoreUnsafe(ref place, i);
            var highs = ((high + integer).AsUInt64() & low52) | oneRow;
            var lows = ((((scaled - high) * unit) + integer).AsUInt64() & low52) | (right.AsUInt64() & oneRow);
            Pairs.Store(highs.AsInt64(), lows.AsInt64(), ref Unsafe.Add(ref pair, i));
        }
    }

    // A division, and rarely needed: p may be below the edge only where p B is the edge's number, or very nearly.
    private Vector256<double> BelowEdge(Vector256<double> p, Vector256<double> number) =>
        number - (Vector256.LessThan(p, number / Vector256.Create((double)Bins)) & Vector256<double>.One);

    private void Fold()
    {
        for (var bin = 0; bin < _tallies.Length; bin++)
            _tallies[bin] = At(bin);
        Array.Clear(_pendingTallies);
        _pending = 0;
    }

    private Tally At(int bin) => _tallies[bin].Plus(Pending(Banks * bin)).Plus(Pending((Banks * bin) + 1));

    private Tally Pending(int place)
    {
        var (high, low) = ((ulong)_pendingTallies[place][0], (ulong)_pendingTallies[place][1]);
        var (highs, lows) = (high & (OneCount - 1), low & (OneCount - 1));
        return new(new Wide(highs >> (64 - HalfBits), highs << HalfBits) + lows, (long)(high / OneCount), (long)(low / OneCount));
    }

    private Tally Total()
    {
        var total = default(Tally);
        for (var bin = 0; bin < _tallies.Length; bin++)
            total = total.Plus(At(bin));
        return total;
    }

    /// <param name="Sum">Of the confidences, in units of 2^-62.</param>
    private readonly record struct Tally(Wide Sum, long Count, long Correct)
    {
        /// <summary>Correct less the sum of the confidences, in units of 2^-62.</summary>
        public BigInteger Gap => ((BigInteger)Correct << FractionBits) - Sum;

        public double? MeanConfidence => Count == 0 ? null : CorrectRounding.Quotient(Sum, Count, -FractionBits);

        public Tally Plus(Tally other) => checked(new(Sum + other.Sum, Count + other.Count, Correct + other.Correct));
    }
}
