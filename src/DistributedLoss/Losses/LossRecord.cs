using System.Buffers.Binary;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Losses;

/// <summary>
/// A row as it is spilled, little-endian: 25 bytes, and with weights or smoothing 16 more. Where it stands in its file is its position in the part.
/// </summary>
internal sealed class LossRecord(EvaluationOptions options)
{
    // The first byte: what became of the row, and a flag for a label that is null. Causes follow the other two.
    private const byte Evaluated = 0;
    private const byte Ignored = 1;
    private const byte FirstCause = 2;
    private const byte NullLabel = 0x80;

    private const int PlainSize = 25;

    private readonly bool _isPlain = !options.IsWeighted && options.Loss.LabelSmoothing == 0;

    public bool IsWeighted { get; } = options.IsWeighted;

    public int Size => _isPlain ? PlainSize : PlainSize + (2 * sizeof(double));

    public void Write(Span<byte> record, in RowOutcome row)
    {
        var (loss, predicted, rank) = row.Evaluated ?? default;
        byte kind = row.Evaluated is not null ? Evaluated : row.Cause is { } cause ? (byte)(FirstCause + (int)cause) : Ignored;
        record[0] = (byte)(kind | (row.Label is null ? NullLabel : 0));
        BinaryPrimitives.WriteInt64LittleEndian(record[1..], row.Label ?? 0);
        BinaryPrimitives.WriteDoubleLittleEndian(record[9..], loss);
        BinaryPrimitives.WriteInt32LittleEndian(record[17..], predicted);
        BinaryPrimitives.WriteInt32LittleEndian(record[21..], rank);
        if (!_isPlain)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(record[PlainSize..], row.LabelLoss);
            BinaryPrimitives.WriteDoubleLittleEndian(record[(PlainSize + sizeof(double))..], row.Weight ?? 0);
        }
    }

    public RowOutcome Read(ReadOnlySpan<byte> record)
    {
        long? label = (record[0] & NullLabel) == 0 ? BinaryPrimitives.ReadInt64LittleEndian(record[1..]) : null;
        return (byte)(record[0] & ~NullLabel) switch
        {
            Evaluated => ReadEvaluated(record, label ?? 0),
            Ignored => RowOutcome.Ignored(label),
            var kind => RowOutcome.Invalid(label, (InvalidCause)(kind - FirstCause)),
        };
    }

    private RowOutcome ReadEvaluated(ReadOnlySpan<byte> record, long label)
    {
        double loss = BinaryPrimitives.ReadDoubleLittleEndian(record[9..]);
        int predicted = BinaryPrimitives.ReadInt32LittleEndian(record[17..]);
        int rank = BinaryPrimitives.ReadInt32LittleEndian(record[21..]);
        return _isPlain
            ? RowOutcome.Of(label, loss, predicted, rank)
            : RowOutcome.Of(
                label,
                loss,
                predicted,
                rank,
                BinaryPrimitives.ReadDoubleLittleEndian(record[PlainSize..]),
                IsWeighted ? BinaryPrimitives.ReadDoubleLittleEndian(record[(PlainSize + sizeof(double))..]) : null);
    }
}
