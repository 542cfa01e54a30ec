using System.Buffers;
using System.Buffers.Binary;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Comparison;

/// <summary>What is summed over the pairs of all rows, or of a slice. Mergeable in any order, to the same bits.</summary>
internal sealed class PairedGroup(bool isWeighted)
{
    public PairedLosses Losses { get; } = new(isWeighted);

    /// <summary>Pairs that both predict right.</summary>
    public long BothRight { get; private set; }

    public long OnlyARight { get; private set; }

    public long OnlyBRight { get; private set; }

    /// <summary>Pairs whose predictions are the same, right or wrong.</summary>
    public long Agreeing { get; private set; }

    public long Pairs => Losses.Count;

    /// <summary>Counts what a pair predicts; its losses are added apart.</summary>
    public void Count(in ComparedRow a, in ComparedRow b)
    {
        BothRight += a.IsRight && b.IsRight ? 1 : 0;
        OnlyARight += a.IsRight && !b.IsRight ? 1 : 0;
        OnlyBRight += !a.IsRight && b.IsRight ? 1 : 0;
        Agreeing += a.Predicted == b.Predicted ? 1 : 0;
    }

    public void Add(PairedGroup other)
    {
        Losses.Add(other.Losses);
        BothRight += other.BothRight;
        OnlyARight += other.OnlyARight;
        OnlyBRight += other.OnlyBRight;
        Agreeing += other.Agreeing;
    }

    /// <summary>Canonical bytes: the losses, then four counts.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        Losses.WriteTo(output);
        foreach (long count in (ReadOnlySpan<long>)[BothRight, OnlyARight, OnlyBRight, Agreeing])
        {
            BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), count);
            output.Advance(sizeof(long));
        }
    }
}
