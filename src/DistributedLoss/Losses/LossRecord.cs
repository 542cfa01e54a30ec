using System.Buffers.Binary;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Losses;

/// <summary>
/// A row as it is spilled, little-endian: 25 bytes, 16 more where the loss is not that of a label alone (weights, smoothing, soft targets, elements), and 12 more
/// for positions and elements. Elsewhere the row's number is its position in the part.
/// </summary>
internal sealed class LossRecord
{
    // The first byte: what became of the row, and a flag for a label that is null. An element has its target for a label. Causes follow the other two.
    private const byte Evaluated = 0;
    private const byte Ignored = 1;
    private const byte FirstCause = 2;
    private const byte NullLabel = 0x80;

    private const int PlainSize = 25;
    private const int PartsSize = 2 * sizeof(double);
    private const int PlaceSize = sizeof(long) + sizeof(int);
    private const int NoIndex = -1;

    private readonly bool _isBinary;
    private readonly bool _hasParts;
    private readonly bool _isWeighted;

    public LossRecord(RunPlan plan)
    {
        _isBinary = plan.Target == TargetKind.Binary;
        _isWeighted = plan.IsWeighted;
        _hasParts = _isWeighted || plan.Options.Loss.LabelSmoothing != 0 || plan.Target == TargetKind.Distribution || _isBinary;
        HasPlace = plan.IsSequence || _isBinary;
        Width = plan.Shape.IsBinary ? plan.Shape.Classes : 1;
        Size = PlainSize + (_hasParts ? PartsSize : 0) + (HasPlace ? PlaceSize : 0);
    }

    public int Size { get; }

    /// <summary>Whether a shard may have another number of records than of rows: positions, or elements.</summary>
    public bool HasPlace { get; }

    /// <summary>Records of an evaluated row, or of a position; any other has one.</summary>
    public int Width { get; }

    public void Write(Span<byte> record, in RowOutcome row)
    {
        var (loss, predicted, rank) = row.Evaluated ?? default;
        byte kind = row.Evaluated is not null ? Evaluated : row.Cause is { } cause ? (byte)(FirstCause + (int)cause) : Ignored;
        long? label = row.Target is { } target ? BitConverter.DoubleToInt64Bits(target) : row.Label;
        record[0] = (byte)(kind | (label is null ? NullLabel : 0));
        BinaryPrimitives.WriteInt64LittleEndian(record[1..], label ?? 0);
        BinaryPrimitives.WriteDoubleLittleEndian(record[9..], loss);
        BinaryPrimitives.WriteInt32LittleEndian(record[17..], predicted);
        BinaryPrimitives.WriteInt32LittleEndian(record[21..], rank);
        if (_hasParts)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(record[PlainSize..], row.PositiveProbability ?? row.LabelLoss);
            BinaryPrimitives.WriteDoubleLittleEndian(record[(PlainSize + sizeof(double))..], row.Weight ?? 0);
        }

        if (HasPlace)
        {
            var (number, index) = row.Place!.Value;
            BinaryPrimitives.WriteInt64LittleEndian(record[^PlaceSize..], number);
            BinaryPrimitives.WriteInt32LittleEndian(record[^sizeof(int)..], index ?? NoIndex);
        }
    }

    public RowOutcome Read(ReadOnlySpan<byte> record)
    {
        long? label = (record[0] & NullLabel) == 0 ? BinaryPrimitives.ReadInt64LittleEndian(record[1..]) : null;
        var row = (byte)(record[0] & ~NullLabel) switch
        {
            Evaluated => ReadEvaluated(record, label ?? 0),
            Ignored => RowOutcome.Ignored(label),
            var kind => RowOutcome.Invalid(label, (InvalidCause)(kind - FirstCause)),
        };
        if (!HasPlace)
        {
            return row;
        }

        int index = BinaryPrimitives.ReadInt32LittleEndian(record[^sizeof(int)..]);
        return row with { Place = (BinaryPrimitives.ReadInt64LittleEndian(record[^PlaceSize..]), index == NoIndex ? null : index) };
    }

    private RowOutcome ReadEvaluated(ReadOnlySpan<byte> record, long label)
    {
        double loss = BinaryPrimitives.ReadDoubleLittleEndian(record[9..]);
        int predicted = BinaryPrimitives.ReadInt32LittleEndian(record[17..]);
        int rank = BinaryPrimitives.ReadInt32LittleEndian(record[21..]);
        if (!_hasParts)
        {
            return RowOutcome.Of(label, loss, predicted, rank);
        }

        double part = BinaryPrimitives.ReadDoubleLittleEndian(record[PlainSize..]);
        double? weight = _isWeighted ? BinaryPrimitives.ReadDoubleLittleEndian(record[(PlainSize + sizeof(double))..]) : null;
        return _isBinary
            ? RowOutcome.OfElement(BitConverter.Int64BitsToDouble(label), loss, predicted == 1, rank, part, weight)
            : RowOutcome.Of(label, loss, predicted, rank, part, weight);
    }
}
