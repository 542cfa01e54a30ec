using DistributedLoss.Evaluation;
using DistributedLoss.Wire.Messages;

namespace DistributedLoss.Wire;

/// <summary>The shape of totals as a message: what both ends must agree on.</summary>
internal static class WireShape
{
    public static ShapeMessage Write(TotalsShape shape)
    {
        var message = new ShapeMessage
        {
            Classes = shape.Classes,
            Hardest = shape.Hardest,
            Weighted = shape.Weighted,
            HasRest = shape.HasRest,
            IsBinary = shape.IsBinary,
            PositiveAbove = shape.PositiveAbove,
            IsSoft = shape.IsSoft,
            IsSequence = shape.IsSequence,
            Statistics = (uint)shape.Statistics,
            CountsBytes = shape.CountsBytes,
        };
        message.TopK.AddRange(shape.TopK);
        message.SlopeTemperatures.AddRange(shape.SlopeTemperatures);
        foreach (var columns in shape.SliceSets)
        {
            var set = new SliceSetMessage();
            set.Columns.AddRange(columns);
            message.SliceSets.Add(set);
        }

        if (shape.GroupBy is { } column)
        {
            message.GroupBy = column;
        }

        return message;
    }

    /// <exception cref="WireException">The totals are of another shape.</exception>
    public static void Check(ShapeMessage? actual, TotalsShape shape)
    {
        var expected = Write(shape);
        if (!expected.Equals(actual))
        {
            throw new WireException($"totals of another shape: {actual?.ToString() ?? "none"} where the run has {expected}; they are of a run with other options or data");
        }
    }
}
