namespace DistributedLoss.Parquet.Metadata;

/// <summary>The members of parquet.thrift's LogicalType union; <see cref="Unrecognized"/> is one that is newer than this reader.</summary>
public enum LogicalTypeKind
{
    Unrecognized = 0,
    String = 1,
    Map = 2,
    List = 3,
    Enum = 4,
    Decimal = 5,
    Date = 6,
    Time = 7,
    Timestamp = 8,
    Integer = 10,
    Unknown = 11,
    Json = 12,
    Bson = 13,
    Uuid = 14,
    Float16 = 15,
}

/// <summary>parquet.thrift's TimeUnit union; <see cref="Unrecognized"/> is one that is newer than this reader.</summary>
public enum TimeUnit
{
    Unrecognized = 0,
    Millis = 1,
    Micros = 2,
    Nanos = 3,
}

/// <summary>A leaf's or group's meaning. Bit width and sign belong to Integer, scale and precision to Decimal, unit and adjustment to Time and Timestamp.</summary>
public sealed record LogicalType(
    LogicalTypeKind Kind, int BitWidth = 0, bool IsSigned = false, int Scale = 0, int Precision = 0, TimeUnit Unit = TimeUnit.Unrecognized, bool IsAdjustedToUtc = false)
{
    internal static LogicalType Read(ref ThriftReader reader)
    {
        var type = new LogicalType(LogicalTypeKind.Unrecognized);
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            var kind = (LogicalTypeKind)field.Id;
            if (field.Type == ThriftType.Struct && kind is LogicalTypeKind.Integer or LogicalTypeKind.Decimal)
            {
                type = ReadParameters(ref reader, kind);
                continue;
            }
            if (field.Type == ThriftType.Struct && kind is LogicalTypeKind.Time or LogicalTypeKind.Timestamp)
            {
                type = ReadTime(ref reader, kind);
                continue;
            }
            reader.Skip(field);
            type = new LogicalType(IsKnown(kind) ? kind : LogicalTypeKind.Unrecognized);
        }
        reader.EndStruct(outer);
        return type;
    }

    private static bool IsKnown(LogicalTypeKind kind) =>
        kind is (>= LogicalTypeKind.String and <= LogicalTypeKind.Timestamp) or (>= LogicalTypeKind.Integer and <= LogicalTypeKind.Float16);

    internal void Write(ThriftWriter writer, int id)
    {
        writer.BeginStruct(id);
        writer.BeginStruct((int)Kind);
        switch (Kind)
        {
            case LogicalTypeKind.Integer:
                writer.I8(1, (sbyte)BitWidth);
                writer.Bool(2, IsSigned);
                break;
            case LogicalTypeKind.Decimal:
                writer.I32(1, Scale);
                writer.I32(2, Precision);
                break;
            case LogicalTypeKind.Time or LogicalTypeKind.Timestamp:
                writer.Bool(1, IsAdjustedToUtc);
                writer.BeginStruct(2);
                writer.BeginStruct((int)Unit);
                writer.EndStruct();
                writer.EndStruct();
                break;
        }
        writer.EndStruct();
        writer.EndStruct();
    }

    private static LogicalType ReadTime(ref ThriftReader reader, LogicalTypeKind kind)
    {
        var type = new LogicalType(kind);
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            if (field.Id == 1)
            {
                type = type with { IsAdjustedToUtc = reader.Bool(field) };
            }
            else if (field.Id == 2 && field.Type == ThriftType.Struct)
            {
                type = type with { Unit = ReadUnit(ref reader) };
            }
            else
            {
                reader.Skip(field);
            }
        }
        reader.EndStruct(outer);
        return type;
    }

    private static TimeUnit ReadUnit(ref ThriftReader reader)
    {
        var unit = TimeUnit.Unrecognized;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            reader.Skip(field);
            unit = (TimeUnit)field.Id is TimeUnit.Millis or TimeUnit.Micros or TimeUnit.Nanos ? (TimeUnit)field.Id : TimeUnit.Unrecognized;
        }
        reader.EndStruct(outer);
        return unit;
    }

    private static LogicalType ReadParameters(ref ThriftReader reader, LogicalTypeKind kind)
    {
        int first = 0, second = 0;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    first = reader.I32(field);
                    break;
                case 2:
                    second = kind == LogicalTypeKind.Integer ? reader.Bool(field) ? 1 : 0 : reader.I32(field);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        return kind == LogicalTypeKind.Integer
            ? new LogicalType(kind, BitWidth: first, IsSigned: second != 0)
            : new LogicalType(kind, Scale: first, Precision: second);
    }
}
