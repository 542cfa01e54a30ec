using DistributedLoss.Numerics.Kernels.Lanes;

namespace DistributedLoss.Numerics.Kernels;

/// <summary>One width's code behind <see cref="RowKernel"/>.</summary>
internal abstract class RowEvaluator
{
    public abstract void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses, RowStrategy strategy);

    public abstract void Softmax(ReadOnlySpan<double> logits, Span<double> probabilities);

    /// <summary>exp of each, all at most 0 (NaN and +inf give anything).</summary>
    public abstract void ExpNonPositive(ReadOnlySpan<double> values, Span<double> results);

    /// <summary>log(1 + s) of each, all finite and at least 0.</summary>
    public abstract void Log1pNonNegative(ReadOnlySpan<double> values, Span<double> results);
}

/// <summary>Which loop evaluates a block; the bits are the same.</summary>
internal enum RowStrategy
{
    Fastest,
    AcrossRows,
    WithinRow,
}

internal sealed unsafe class RowEvaluator<TLanes> : RowEvaluator
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int MostClassesAcrossRows = 64;

    public override void Evaluate(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses, RowStrategy strategy)
    {
        bool across = block.IsColumnMajor
            || strategy == RowStrategy.AcrossRows
            || (strategy == RowStrategy.Fastest && block.Classes <= MostClassesAcrossRows);
        switch (block.Type)
        {
            case LogitType.Float16:
                Evaluate<Float16Logit, ushort>(block, labels, losses, across);
                break;
            case LogitType.BFloat16:
                Evaluate<BFloat16Logit, ushort>(block, labels, losses, across);
                break;
            case LogitType.Float32:
                Evaluate<Float32Logit, float>(block, labels, losses, across);
                break;
            default:
                Evaluate<Float64Logit, double>(block, labels, losses, across);
                break;
        }
    }

    public override void Softmax(ReadOnlySpan<double> logits, Span<double> probabilities)
    {
        double max = double.NegativeInfinity;
        foreach (double z in logits)
        {
            max = z > max ? z : max;
        }

        double* lanes = stackalloc double[LaneCount.Logical];
        double sum = 0;
        double lost = 0;
        for (int first = 0; first < logits.Length; first += LaneCount.Logical)
        {
            int n = Math.Min(LaneCount.Logical, logits.Length - first);
            for (int lane = 0; lane < LaneCount.Logical; lane++)
            {
                lanes[lane] = lane < n ? logits[first + lane] - max : 0;
            }

            TLanes.Store(LaneMath<TLanes>.Exp(TLanes.Load(lanes)), lanes);
            for (int lane = 0; lane < n; lane++)
            {
                probabilities[first + lane] = lanes[lane];
                double total = sum + lanes[lane];
                double added = total - sum;
                lost += (sum - (total - added)) + (lanes[lane] - added);
                sum = total;
            }
        }

        sum += lost;
        for (int c = 0; c < logits.Length; c++)
        {
            probabilities[c] /= sum;
        }
    }

    public override void ExpNonPositive(ReadOnlySpan<double> values, Span<double> results) => Map<ExpMap>(values, results);

    public override void Log1pNonNegative(ReadOnlySpan<double> values, Span<double> results) => Map<Log1pMap>(values, results);

    private static void Evaluate<TLogit, TRaw>(in LogitBlock block, ReadOnlySpan<int> labels, in RowLosses losses, bool across)
        where TLogit : struct, ILogit<TRaw>
        where TRaw : unmanaged
    {
        if (across)
        {
            AcrossRows<TLanes, TLogit, TRaw>.Evaluate(block, labels, losses);
        }
        else
        {
            WithinRow<TLanes, TLogit, TRaw>.Evaluate(block, labels, losses);
        }
    }

    private static void Map<TMap>(ReadOnlySpan<double> values, Span<double> results)
        where TMap : struct, IMap
    {
        double* lanes = stackalloc double[LaneCount.Logical];
        for (int first = 0; first < values.Length; first += LaneCount.Logical)
        {
            Span<double> part = new(lanes, Math.Min(LaneCount.Logical, values.Length - first));
            values.Slice(first, part.Length).CopyTo(part);
            TLanes.Store(TMap.Apply(TLanes.Load(lanes)), lanes);
            part.CopyTo(results[first..]);
        }
    }

    private interface IMap
    {
        static abstract TLanes Apply(TLanes value);
    }

    private readonly struct ExpMap : IMap
    {
        public static TLanes Apply(TLanes value) => LaneMath<TLanes>.Exp(value);
    }

    private readonly struct Log1pMap : IMap
    {
        public static TLanes Apply(TLanes value) => LaneMath<TLanes>.Log1p(value);
    }
}
