using System.Diagnostics.CodeAnalysis;
using System.Numerics;
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

    private const int FractionBits = 62;
    private const double UnitsInOne = 1L << FractionBits;

    // Neighbouring rows mostly fall into the same bin and would wait for each other's stores: even and odd rows have a tally each.
    private const int Banks = 2;

    private readonly double[] _edges;
    private readonly Tally[] _tallies;

    // A little more than B, so that p times it is never below the bin's number, and above it by less than one.
    private readonly double _binsInOne;

    /// <param name="bins">1 to <see cref="MostBins"/>; 15 is what the paper and torchmetrics use.</param>
    public CalibrationBins(int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, MostBins);
        _edges = [.. Enumerable.Range(0, bins + 1).Select(i => (double)i / bins)];
        _tallies = new Tally[Banks * bins];
        _binsInOne = bins * (1 + Math.ScaleB(1, -50));
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
    public void Add(ReadOnlySpan<double> confidence, ReadOnlySpan<int> labels, ReadOnlySpan<int> predicted)
    {
        if (labels.Length != confidence.Length || predicted.Length != confidence.Length)
            throw new ArgumentException($"{confidence.Length} confidences cannot be counted with {labels.Length} labels and {predicted.Length} predictions.", nameof(labels));
        ThrowIfNoConfidence(confidence);
        var (edges, tallies, binsInOne, last) = (_edges, _tallies, _binsInOne, Bins - 1);
        for (var i = 0; i < confidence.Length; i++)
        {
            var p = confidence[i];
            var bin = Math.Min((int)(p * binsInOne), last);
            bin -= p < edges[bin] ? 1 : 0;
            ref var tally = ref tallies[(Banks * bin) + (i & (Banks - 1))];
            var units = Units(p);
            tally.Low += units;
            tally.High += tally.Low < units ? 1UL : 0UL;
            tally.Count++;
            tally.Correct += labels[i] == predicted[i] ? 1 : 0;
        }
    }

    /// <exception cref="ArgumentException">The numbers of bins differ.</exception>
    public void Add(CalibrationBins other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Bins != Bins)
            throw new ArgumentException($"{other.Bins} bins cannot be added to {Bins}.", nameof(other));
        _ = checked(Count + other.Count);
        for (var i = 0; i < _tallies.Length; i++)
            _tallies[i] = _tallies[i].Plus(other._tallies[i]);
    }

    public void Clear() => Array.Clear(_tallies);

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

    // Scaling by a power of two is exact; one rounding, to nearest, ties to even.
    private static ulong Units(double confidence) => (ulong)(long)Math.Round(confidence * UnitsInOne);

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

    private Tally At(int bin) => _tallies[Banks * bin].Plus(_tallies[(Banks * bin) + 1]);

    private Tally Total()
    {
        var total = default(Tally);
        foreach (var tally in _tallies)
            total = total.Plus(tally);
        return total;
    }

    /// <summary>Low and High are the sum of the confidences in units of 2^-62.</summary>
    private record struct Tally(ulong Low, ulong High, long Count, long Correct)
    {
        public readonly UInt128 Sum => new(High, Low);

        /// <summary>Correct less the sum of the confidences, in units of 2^-62.</summary>
        public readonly BigInteger Gap => ((BigInteger)Correct << FractionBits) - Sum;

        public readonly double? MeanConfidence => Count == 0 ? null : CorrectRounding.Quotient(Sum, Count, -FractionBits);

        public readonly Tally Plus(Tally other)
        {
            var sum = Sum + other.Sum;
            return checked(new((ulong)(sum & ulong.MaxValue), (ulong)(sum >> 64), Count + other.Count, Correct + other.Correct));
        }
    }
}
