using System.Buffers.Binary;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Losses;

/// <summary>A row as it is spilled: 25 bytes, little-endian. Where it stands in its file is its position in the part.</summary>
internal static class LossRecord
{
    public const int Size = 25;

    // The first byte: what became of the row, and a flag for a label that is null. Causes follow the other two.
    private const byte Evaluated = 0;
    private const byte Ignored = 1;
    private const byte FirstCause = 2;
    private const byte NullLabel = 0x80;

    public static void Write(Span<byte> record, in RowOutcome row)
    {
        var (loss, predicted, rank) = row.Evaluated ?? default;
        byte kind = row.Evaluated is not null ? Evaluated : row.Cause is { } cause ? (byte)(FirstCause + (int)cause) : Ignored;
        record[0] = (byte)(kind | (row.Label is null ? NullLabel : 0));
        BinaryPrimitives.WriteInt64LittleEndian(record[1..], row.Label ?? 0);
        BinaryPrimitives.WriteDoubleLittleEndian(record[9..], loss);
        BinaryPrimitives.WriteInt32LittleEndian(record[17..], predicted);
        BinaryPrimitives.WriteInt32LittleEndian(record[21..], rank);
    }

    public static RowOutcome Read(ReadOnlySpan<byte> record)
    {
        long? label = (record[0] & NullLabel) == 0 ? BinaryPrimitives.ReadInt64LittleEndian(record[1..]) : null;
        return (byte)(record[0] & ~NullLabel) switch
        {
            Evaluated => RowOutcome.Of(
                label ?? 0,
                BinaryPrimitives.ReadDoubleLittleEndian(record[9..]),
                BinaryPrimitives.ReadInt32LittleEndian(record[17..]),
                BinaryPrimitives.ReadInt32LittleEndian(record[21..])),
            Ignored => RowOutcome.Ignored(label),
            var kind => RowOutcome.Invalid(label, (InvalidCause)(kind - FirstCause)),
        };
    }
}
