using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Unicode;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// The canonical text of a scalar, by its column's meaning: one text for one value, whatever the width, unit or encoding that a writer chose.
/// </summary>
internal sealed class KeyFormatter
{
    // 256 bits are the most that any writer's decimals have; printing takes quadratic time.
    private const int MaxDecimalBytes = 256;
    private const int MaxScale = 1000;

    // 1970-01-01, in the Julian days of INT96 timestamps.
    private const long JulianEpoch = 2_440_588;
    private const long NanosPerDay = 86_400_000_000_000;
    private readonly Meaning _meaning;
    private readonly SchemaLeaf _leaf;
    private readonly int _scale;
    private readonly int _fractionDigits;
    private readonly bool _isUtc;

    // A 64-bit integer's: ids that are groups are many, and need no string.
    private readonly byte[] _digits = new byte[20];

    private enum Meaning
    {
        Text,
        Signed,
        Unsigned,
        Boolean,
        Float16,
        Float32,
        Float64,
        Decimal,
        Date,
        Time,
        Timestamp,
        Int96,
        Uuid,
        Binary,
    }

    /// <exception cref="ParquetException">The column's annotation contradicts itself or its type.</exception>
    public KeyFormatter(ParquetFile file, SchemaLeaf leaf)
    {
        _leaf = leaf;
        _meaning = MeaningOf(leaf);
        _scale = leaf.LogicalType is { Kind: LogicalTypeKind.Decimal } type ? type.Scale : leaf.Node.Element.Scale ?? 0;
        if (_meaning == Meaning.Decimal && _scale is < 0 or > MaxScale)
            throw new ParquetException($"a decimal of scale {_scale}; 0 to {MaxScale} can be read", file.Path, column: leaf.Path);
        _fractionDigits = UnitOf(leaf) switch
        {
            TimeUnit.Millis => 3,
            TimeUnit.Micros => 6,
            TimeUnit.Nanos => 9,
            _ => 0,
        };
        if (_meaning is Meaning.Time or Meaning.Timestamp && _fractionDigits == 0)
            throw new ParquetException($"the column is {LeafDescription.Of(leaf)} of an unknown unit; milliseconds, microseconds and nanoseconds can be read", file.Path, column: leaf.Path);
        _isUtc = leaf.LogicalType is { Kind: LogicalTypeKind.Timestamp } timestamp ? timestamp.IsAdjustedToUtc : true;
    }

    /// <summary>Whether a value's own bytes are its text, if they are UTF-8.</summary>
    public bool IsText => _meaning == Meaning.Text;

    /// <summary>
    /// Distinct bits have distinct texts, NaN aside: what does not, is made equal here. For values of at most 8 bytes.
    /// </summary>
    public ulong Canonical(ulong bits) => _meaning switch
    {
        Meaning.Float16 when Half.IsNaN(BitConverter.UInt16BitsToHalf((ushort)bits)) => BitConverter.HalfToUInt16Bits(Half.NaN),
        Meaning.Float32 when float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits)) => BitConverter.SingleToUInt32Bits(float.NaN),
        Meaning.Float64 when double.IsNaN(BitConverter.UInt64BitsToDouble(bits)) => BitConverter.DoubleToUInt64Bits(double.NaN),
        _ => bits,
    };

    /// <summary>The text of a value that is not null, as UTF-8, valid until the next call; or what is wrong with it.</summary>
    public bool TryFormat(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> utf8, out string problem)
    {
        utf8 = default;
        problem = "";
        var longest = _meaning == Meaning.Binary ? (KeyTable.MaxKeyBytes - 2) / 2 : _meaning == Meaning.Decimal ? MaxDecimalBytes : KeyTable.MaxKeyBytes;
        if (value.Length > longest)
            problem = $"a value of {value.Length} bytes, where at most {longest} can be a key";
        else if (_meaning == Meaning.Text && !Utf8.IsValid(value))
            problem = $"text that is not UTF-8: 0x{Convert.ToHexStringLower(value[..Math.Min(value.Length, 32)])}{(value.Length > 32 ? "..." : "")}";
        else if (_meaning == Meaning.Text)
            utf8 = value;
        else if (_meaning == Meaning.Signed)
        {
            Integer(value).TryFormat(_digits, out var written, default, CultureInfo.InvariantCulture);
            utf8 = _digits.AsSpan(0, written);
        }
        else
            utf8 = Encoding.UTF8.GetBytes(Format(value));
        return problem.Length == 0;
    }

    private string Format(ReadOnlySpan<byte> value)
    {
        var invariant = CultureInfo.InvariantCulture;
        return _meaning switch
        {
            Meaning.Unsigned => (value.Length == 4 ? (uint)Integer(value) : (ulong)Integer(value)).ToString(invariant),
            Meaning.Boolean => value[0] != 0 ? "true" : "false",
            Meaning.Float16 => BinaryPrimitives.ReadHalfLittleEndian(value).ToString("R", invariant),
            Meaning.Float32 => BinaryPrimitives.ReadSingleLittleEndian(value).ToString("R", invariant),
            Meaning.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(value).ToString("R", invariant),
            Meaning.Decimal => Decimal(_leaf.Type is PhysicalType.Int32 or PhysicalType.Int64 ? Integer(value) : new BigInteger(value, isBigEndian: true)),
            Meaning.Date => IsoTime.Date(Integer(value)),
            Meaning.Time => IsoTime.Time(Integer(value), _fractionDigits),
            Meaning.Timestamp => IsoTime.Timestamp(Integer(value), _fractionDigits, _isUtc),
            Meaning.Int96 => Int96(value),
            Meaning.Uuid => new Guid(value, bigEndian: true).ToString("D"),
            _ => "0x" + Convert.ToHexStringLower(value),
        };
    }

    private static long Integer(ReadOnlySpan<byte> value) =>
        value.Length == 4 ? BinaryPrimitives.ReadInt32LittleEndian(value) : BinaryPrimitives.ReadInt64LittleEndian(value);

    // Nanoseconds of the day, then the Julian day. Writers disagree on whether it is UTC: no Z.
    private static string Int96(ReadOnlySpan<byte> value)
    {
        var days = BinaryPrimitives.ReadInt32LittleEndian(value[8..]) - JulianEpoch;
        return IsoTime.Timestamp((Int128)days * NanosPerDay + BinaryPrimitives.ReadInt64LittleEndian(value), 9, isUtc: false);
    }

    private string Decimal(BigInteger unscaled)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(_scale + 1, '0');
        var sign = unscaled.Sign < 0 ? "-" : "";
        return _scale == 0 ? sign + digits : $"{sign}{digits.AsSpan(0, digits.Length - _scale)}.{digits.AsSpan(digits.Length - _scale)}";
    }

    private static Meaning MeaningOf(SchemaLeaf leaf)
    {
        var isDecimal = leaf.LogicalType?.Kind == LogicalTypeKind.Decimal || (leaf.LogicalType is null && leaf.ConvertedType == ConvertedType.Decimal);
        return leaf.Type switch
        {
            PhysicalType.Boolean => Meaning.Boolean,
            PhysicalType.Float => Meaning.Float32,
            PhysicalType.Double => Meaning.Float64,
            PhysicalType.Int96 => Meaning.Int96,
            _ when isDecimal => Meaning.Decimal,
            PhysicalType.Int32 or PhysicalType.Int64 => IntegerMeaning(leaf),
            PhysicalType.ByteArray when ColumnShape.IsText(leaf) => Meaning.Text,
            PhysicalType.FixedLenByteArray when leaf is { LogicalType.Kind: LogicalTypeKind.Uuid, TypeLength: 16 } => Meaning.Uuid,
            PhysicalType.FixedLenByteArray when FloatFormats.Of(leaf) == FloatFormat.Float16 => Meaning.Float16,
            _ => Meaning.Binary,
        };
    }

    private static Meaning IntegerMeaning(SchemaLeaf leaf) => (leaf.LogicalType?.Kind, leaf.ConvertedType) switch
    {
        (LogicalTypeKind.Date, _) or (null, ConvertedType.Date) => Meaning.Date,
        (LogicalTypeKind.Time, _) or (null, ConvertedType.TimeMillis or ConvertedType.TimeMicros) => Meaning.Time,
        (LogicalTypeKind.Timestamp, _) or (null, ConvertedType.TimestampMillis or ConvertedType.TimestampMicros) => Meaning.Timestamp,
        _ => IntegerColumnReader.IsUnsigned(leaf) ? Meaning.Unsigned : Meaning.Signed,
    };

    private static TimeUnit UnitOf(SchemaLeaf leaf) =>
        leaf.LogicalType is { Kind: LogicalTypeKind.Time or LogicalTypeKind.Timestamp } type ? type.Unit
        : leaf.ConvertedType switch
        {
            ConvertedType.TimeMillis or ConvertedType.TimestampMillis => TimeUnit.Millis,
            ConvertedType.TimeMicros or ConvertedType.TimestampMicros => TimeUnit.Micros,
            _ => TimeUnit.Unrecognized,
        };
}
