using System.Buffers;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Evaluation;

/// <summary>The statistics that were asked for, over evaluated rows, each counted once: without weights. Null where not asked for.</summary>
public sealed class StatisticTotals(TotalsShape shape)
{
    public CalibrationBins? Calibration { get; } = shape.Statistics.HasFlag(StatisticKinds.Calibration) ? new CalibrationBins() : null;

    public LossHistogram? Histogram { get; } = shape.Statistics.HasFlag(StatisticKinds.Quantiles) ? new LossHistogram() : null;

    public ReciprocalRanks? ReciprocalRanks { get; } = shape.Statistics.HasFlag(StatisticKinds.ReciprocalRank) ? new ReciprocalRanks() : null;

    public ValueMean? Brier { get; } = shape.Statistics.HasFlag(StatisticKinds.Brier) ? new ValueMean() : null;

    public ValueMean? Entropy { get; } = shape.Statistics.HasFlag(StatisticKinds.Entropy) ? new ValueMean() : null;

    /// <summary>From soft targets; null for others.</summary>
    public ValueMean? Divergence { get; } = shape.IsSoft ? new ValueMean() : null;

    /// <summary>Null also where no row tells C: then there is no row to add.</summary>
    public ClassProbabilitySums? ClassProbabilities { get; } =
        shape.Statistics.HasFlag(StatisticKinds.ClassProbabilities) && shape.Classes > 0 ? new ClassProbabilitySums(shape.Classes) : null;

    public ConfusionCounts? Confusion { get; } = shape.Statistics.HasFlag(StatisticKinds.Confusion) ? new ConfusionCounts(shape.Classes, shape.PairLimit) : null;

    /// <summary>Adds rows that are all evaluated; their <see cref="ClassProbabilities"/> are added with the tile (<see cref="TileEvaluator.AddProbabilities"/>).</summary>
    /// <exception cref="BadInputException">There are too many pairs of confused classes.</exception>
    /// <param name="range">That of the rows' losses.</param>
    internal void Add(RowBatch rows, in LossRange range)
    {
        int n = rows.ElementCount;
        var labels = rows.Label.AsSpan(0, n);
        var predicted = rows.Predicted.AsSpan(0, n);
        Calibration?.Add(rows.Confidence.AsSpan(0, n), labels, predicted);
        Histogram?.Add(rows.Loss.AsSpan(0, n), range);
        ReciprocalRanks?.Add(rows.Rank.AsSpan(0, n));
        Brier?.Add(rows.Brier.AsSpan(0, n));
        Entropy?.Add(rows.Entropy.AsSpan(0, n));
        Divergence?.Add(rows.Divergence.AsSpan(0, n));
        try
        {
            Confusion?.Add(labels, predicted);
        }
        catch (LimitExceededException e)
        {
            throw TooManyPairs(e);
        }
    }

    /// <exception cref="BadInputException">There are too many pairs of confused classes.</exception>
    public void Add(StatisticTotals other)
    {
        Calibration?.Add(other.Calibration!);
        Histogram?.Add(other.Histogram!);
        ReciprocalRanks?.Add(other.ReciprocalRanks!);
        Brier?.Add(other.Brier!);
        Entropy?.Add(other.Entropy!);
        Divergence?.Add(other.Divergence!);
        ClassProbabilities?.Add(other.ClassProbabilities!);
        try
        {
            Confusion?.Add(other.Confusion!);
        }
        catch (LimitExceededException e)
        {
            throw TooManyPairs(e);
        }
    }

    public void Clear()
    {
        Calibration?.Clear();
        Histogram?.Clear();
        ReciprocalRanks?.Clear();
        Brier?.Clear();
        Entropy?.Clear();
        Divergence?.Clear();
        ClassProbabilities?.Clear();
        Confusion?.Clear();
    }

    internal void WriteTo(IBufferWriter<byte> output)
    {
        Calibration?.WriteTo(output);
        Histogram?.WriteTo(output);
        ReciprocalRanks?.WriteTo(output);
        Brier?.WriteTo(output);
        Entropy?.WriteTo(output);
        Divergence?.WriteTo(output);
        ClassProbabilities?.WriteTo(output);
        Confusion?.WriteTo(output);
    }

    private static BadInputException TooManyPairs(LimitExceededException e) =>
        new($"--statistics confusion: there are more than {e.Limit} {e.What}; leave confusion out");
}
