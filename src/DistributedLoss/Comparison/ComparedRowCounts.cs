using System.Buffers;
using System.Buffers.Binary;

namespace DistributedLoss.Comparison;

/// <summary>Every pair in one count.</summary>
internal sealed class ComparedRowCounts
{
    public long Total => Compared + Ignored + Invalid + OnlyA + OnlyB;

    /// <summary>With a loss on both sides.</summary>
    public long Compared { get; private set; }

    /// <summary>Ignored on both sides.</summary>
    public long Ignored { get; private set; }

    /// <summary>Without a loss on either side, unless both ignore it.</summary>
    public long Invalid { get; private set; }

    /// <summary>With a loss in A alone.</summary>
    public long OnlyA { get; private set; }

    /// <summary>With a loss in B alone.</summary>
    public long OnlyB { get; private set; }

    public void Count(in ComparedRow a, in ComparedRow b)
    {
        if (a.IsEvaluated && b.IsEvaluated)
        {
            Compared++;
        }
        else if (a.IsEvaluated)
        {
            OnlyA++;
        }
        else if (b.IsEvaluated)
        {
            OnlyB++;
        }
        else if (a.Fate == Evaluation.RowFate.Ignored && b.Fate == Evaluation.RowFate.Ignored)
        {
            Ignored++;
        }
        else
        {
            Invalid++;
        }
    }

    public void Add(ComparedRowCounts other)
    {
        Compared += other.Compared;
        Ignored += other.Ignored;
        Invalid += other.Invalid;
        OnlyA += other.OnlyA;
        OnlyB += other.OnlyB;
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        foreach (long count in (ReadOnlySpan<long>)[Compared, Ignored, Invalid, OnlyA, OnlyB])
        {
            BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), count);
            output.Advance(sizeof(long));
        }
    }
}
