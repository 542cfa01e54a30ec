namespace DistributedLoss.Numerics.Kernels;

internal sealed unsafe partial class RowEvaluator<TLanes>
{
    public override bool BinaryLosses(BinaryInput input, BinaryScratch scratch, int count)
    {
        int padded = BinaryScratch.Padded(count);
        fixed (double* values = scratch.Values, targets = scratch.Targets, positive = scratch.Positive, loss = scratch.First, topLoss = scratch.Second)
        {
            return input == BinaryInput.Logits
                ? IsAtMost(BinaryLanes<TLanes>.LossesOfLogits(values, targets, positive, padded, loss, topLoss), double.MaxValue)
                : IsAtMost(BinaryLanes<TLanes>.LossesOfProbs(values, targets, padded, loss, topLoss), 1);
        }
    }

    public override void BinarySpread(BinaryInput input, BinaryScratch scratch, int count)
    {
        int padded = BinaryScratch.Padded(count);
        fixed (double* values = scratch.Values, targets = scratch.Targets, p = scratch.First, entropy = scratch.Second, brier = scratch.Third)
        {
            if (input == BinaryInput.Logits)
            {
                BinaryLanes<TLanes>.SpreadOfLogits(values, targets, padded, p, entropy, brier);
            }
            else
            {
                BinaryLanes<TLanes>.SpreadOfProbs(values, targets, padded, p, entropy, brier);
            }
        }
    }

    public override void BinarySlopes(BinaryScratch scratch, int count)
    {
        fixed (double* values = scratch.Values, targets = scratch.Targets, positive = scratch.Positive, slope = scratch.First, curvature = scratch.Second, error = scratch.Third)
        {
            BinaryLanes<TLanes>.SlopesOfLogits(values, targets, positive, BinaryScratch.Padded(count), slope, curvature, error);
        }
    }

    /// <summary>Whether every bit pattern is at most that of the limit.</summary>
    private static bool IsAtMost(TLanes widest, double limit)
    {
        TLanes minus = TLanes.Create(BitConverter.Int64BitsToDouble(-BitConverter.DoubleToInt64Bits(limit)));
        return !TLanes.Any(TLanes.AddBits(TLanes.MaxBits(widest, TLanes.Create(limit)), minus));
    }
}
