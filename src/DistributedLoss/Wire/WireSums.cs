using System.Buffers;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Statistics;
using DistributedLoss.Numerics.Summation;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>The counts and accumulators of totals, without slices and the hardest rows.</summary>
internal static class WireSums
{
    private delegate T Reader<T>(ReadOnlySpan<byte> bytes, out int bytesRead);

    public static SumsMessage Write(Totals totals)
    {
        var statistics = totals.Statistics;
        var sums = new SumsMessage
        {
            Rows = WireRowCounts.Write(totals.Rows),
            Sequences = totals.Sequences,
            Losses = Bytes(totals.Losses.WriteTo),
            Classes = Bytes(totals.Classes.WriteTo),
            Ranks = Bytes(totals.Ranks.WriteTo),
            BytesLow = totals.Bytes.Low,
            BytesHigh = totals.Bytes.High,
        };
        Put(totals.Weighted is { } weighted ? weighted.WriteTo : null, b => sums.Weighted = b);
        Put(totals.Binary is { } binary ? binary.WriteTo : null, b => sums.Binary = b);
        Put(totals.Groups is { } groups ? groups.WriteTo : null, b => sums.Groups = b);
        Put(statistics.Calibration is { } calibration ? calibration.WriteTo : null, b => sums.Calibration = b);
        Put(statistics.Histogram is { } histogram ? histogram.WriteTo : null, b => sums.Histogram = b);
        Put(statistics.ReciprocalRanks is { } ranks ? ranks.WriteTo : null, b => sums.ReciprocalRanks = b);
        Put(statistics.Brier is { } brier ? brier.WriteTo : null, b => sums.Brier = b);
        Put(statistics.Entropy is { } entropy ? entropy.WriteTo : null, b => sums.Entropy = b);
        Put(statistics.Divergence is { } divergence ? divergence.WriteTo : null, b => sums.Divergence = b);
        Put(statistics.ClassProbabilities is { } probabilities ? probabilities.WriteTo : null, b => sums.ClassProbabilities = b);
        Put(statistics.Confusion is { } confusion ? confusion.WriteTo : null, b => sums.Confusion = b);
        sums.Slopes.AddRange(totals.Slopes.Select(s => Bytes(s.WriteTo)));
        return sums;
    }

    /// <param name="totals">Empty; it has its shape's accumulators.</param>
    /// <exception cref="WireException">The sums are not those of totals of this shape.</exception>
    public static void Read(SumsMessage? sums, Totals totals)
    {
        if (sums?.Rows is null)
        {
            throw new WireException("Totals: there are no sums, or no row counts");
        }

        WireRowCounts.Read(sums.Rows, totals.Rows);
        totals.Sequences = WireBytes.Count("sequences", sums.Sequences);
        totals.Bytes = new Wide(sums.BytesHigh, sums.BytesLow);
        int classes = totals.Shape.Classes;
        var statistics = totals.Statistics;
        Take("losses", sums.HasLosses ? sums.Losses : null, LossMoments.Read, totals.Losses.Add);
        Take("weighted", sums.HasWeighted ? sums.Weighted : null, WeightedLoss.Read, totals.Weighted is { } w ? w.Add : null);
        Take("classes", sums.HasClasses ? sums.Classes : null, (b, out n) => ClassTotals.Read(b, totals.Classes.Classes, out n), totals.Classes.Add);
        Take("binary", sums.HasBinary ? sums.Binary : null, (b, out n) => BinaryClassTotals.Read(b, classes, out n), totals.Binary is { } y ? y.Add : null);
        Take("ranks", sums.HasRanks ? sums.Ranks : null, (b, out n) => ReadRanks(b, totals.Ranks, out n), totals.Ranks.Add);
        Take("calibration", sums.HasCalibration ? sums.Calibration : null, CalibrationBins.Read, statistics.Calibration is { } c ? c.Add : null);
        Take("histogram", sums.HasHistogram ? sums.Histogram : null, LossHistogram.Read, statistics.Histogram is { } h ? h.Add : null);
        Take("reciprocal ranks", sums.HasReciprocalRanks ? sums.ReciprocalRanks : null, ReciprocalRanks.Read, statistics.ReciprocalRanks is { } r ? r.Add : null);
        Take("Brier", sums.HasBrier ? sums.Brier : null, ValueMean.Read, statistics.Brier is { } q ? q.Add : null);
        Take("entropy", sums.HasEntropy ? sums.Entropy : null, ValueMean.Read, statistics.Entropy is { } e ? e.Add : null);
        Take("divergence", sums.HasDivergence ? sums.Divergence : null, ValueMean.Read, statistics.Divergence is { } d ? d.Add : null);
        Take(
            "class probabilities",
            sums.HasClassProbabilities ? sums.ClassProbabilities : null,
            (b, out n) => ClassProbabilitySums.Read(b, classes, out n),
            statistics.ClassProbabilities is { } p ? p.Add : null);
        Take(
            "confusion",
            sums.HasConfusion ? sums.Confusion : null,
            (b, out n) => ConfusionCounts.Read(b, classes, ConfusionCounts.DefaultPairLimit, out n),
            statistics.Confusion is { } f ? f.Add : null);
        Take("groups", sums.HasGroups ? sums.Groups : null, (b, out n) => ReadGroups(b, totals.Shape.Weighted, out n), totals.Groups is { } g ? g.Add : null);
        if (sums.Slopes.Count != totals.Slopes.Count)
        {
            throw new WireException($"slopes: {sums.Slopes.Count} where the run has {totals.Slopes.Count} temperatures");
        }

        for (int t = 0; t < totals.Slopes.Count; t++)
        {
            Take("slopes", sums.Slopes[t], SlopeSums.Read, totals.Slopes[t].Add);
        }

        Check(totals);
    }

    private static RankCounts ReadRanks(ReadOnlySpan<byte> bytes, RankCounts expected, out int bytesRead)
    {
        var ranks = RankCounts.Read(bytes, out bytesRead);
        return ranks.Ks.SequenceEqual(expected.Ks)
            ? ranks
            : throw new FormatException($"for k = {string.Join(", ", ranks.Ks.ToArray())}, not {string.Join(", ", expected.Ks.ToArray())}");
    }

    private static GroupMeans ReadGroups(ReadOnlySpan<byte> bytes, bool weighted, out int bytesRead)
    {
        var groups = GroupMeans.Read(bytes, GroupMeans.DefaultLimit, out bytesRead);
        return groups.IsWeighted == weighted ? groups : throw new FormatException(weighted ? "without weights in a run with them" : "with weights in a run without them");
    }

    // Every element that is evaluated has one loss, and one slope at each temperature.
    private static void Check(Totals totals)
    {
        var elements = (Int128)totals.Rows.Evaluated * (totals.Shape.IsBinary ? totals.Shape.Classes : 1);
        if (totals.Losses.Count != elements)
        {
            throw new WireException($"losses: {totals.Losses.Count} losses of {totals.Rows.Evaluated} rows that are evaluated");
        }

        foreach (var slopes in totals.Slopes)
        {
            if (slopes.Count != elements)
            {
                throw new WireException($"slopes: {slopes.Count} slopes of {totals.Rows.Evaluated} rows that are evaluated");
            }
        }
    }

    private static ByteString Bytes(Action<IBufferWriter<byte>> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        write(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes.WrittenMemory);
    }

    private static void Put(Action<IBufferWriter<byte>>? write, Action<ByteString> put)
    {
        if (write is not null)
        {
            put(Bytes(write));
        }
    }

    private static void Take<T>(string what, ByteString? bytes, Reader<T> read, Action<T>? add)
    {
        if (bytes is null || add is null)
        {
            if (bytes is null != add is null)
            {
                throw new WireException($"{what}: {(bytes is null ? "missing" : "not asked for")} in totals of this shape");
            }

            return;
        }

        try
        {
            var sum = read(bytes.Span, out int bytesRead);
            if (bytesRead != bytes.Length)
            {
                throw new WireException($"{what}: {bytes.Length - bytesRead} of {bytes.Length} bytes are too many");
            }

            add(sum);
        }
        catch (FormatException e)
        {
            throw new WireException($"{what}: {e.Message}", e);
        }
    }
}
