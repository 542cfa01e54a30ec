using DistributedLoss.Evaluation;
using DistributedLoss.Wire.Messages;

namespace DistributedLoss.Wire;

internal static class WireRowCounts
{
    public static RowCountsMessage Write(RowCounts rows) => new()
    {
        Evaluated = rows.Evaluated,
        Ignored = rows.Ignored,
        NullLabel = rows[InvalidCause.NullLabel],
        LabelOutOfRange = rows[InvalidCause.LabelOutOfRange],
        BadWeight = rows[InvalidCause.BadWeight],
        BadBytes = rows[InvalidCause.BadBytes],
        BadTarget = rows[InvalidCause.BadTarget],
        NullLogits = rows[InvalidCause.NullLogits],
        WrongLength = rows[InvalidCause.WrongLength],
        Nan = rows[InvalidCause.NaN],
        Infinity = rows[InvalidCause.Infinity],
        AllMasked = rows[InvalidCause.AllMasked],
        Unnormalized = rows[InvalidCause.Unnormalized],
    };

    /// <param name="rows">Empty.</param>
    /// <exception cref="WireException">A count is negative, or together they are too many.</exception>
    public static void Read(RowCountsMessage message, RowCounts rows)
    {
        rows.Evaluated = WireBytes.Count("evaluated", message.Evaluated);
        rows.Ignored = WireBytes.Count("ignored", message.Ignored);
        Int128 total = (Int128)rows.Evaluated + rows.Ignored;
        foreach (var (cause, count) in ((InvalidCause, long)[])
            [
                (InvalidCause.NullLabel, message.NullLabel),
                (InvalidCause.LabelOutOfRange, message.LabelOutOfRange),
                (InvalidCause.BadWeight, message.BadWeight),
                (InvalidCause.BadBytes, message.BadBytes),
                (InvalidCause.BadTarget, message.BadTarget),
                (InvalidCause.NullLogits, message.NullLogits),
                (InvalidCause.WrongLength, message.WrongLength),
                (InvalidCause.NaN, message.Nan),
                (InvalidCause.Infinity, message.Infinity),
                (InvalidCause.AllMasked, message.AllMasked),
                (InvalidCause.Unnormalized, message.Unnormalized),
            ])
        {
            rows.AddInvalid(cause, WireBytes.Count(InvalidCauses.Name(cause), count));
            total += count;
        }

        if (total > long.MaxValue)
        {
            throw new WireException($"row counts: {total} rows are more than there can be");
        }
    }
}
