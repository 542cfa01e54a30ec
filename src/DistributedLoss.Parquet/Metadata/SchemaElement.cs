namespace DistributedLoss.Parquet.Metadata;

/// <summary>One entry of the footer's schema, which lists the tree depth first. Groups have children, leaves a type.</summary>
public sealed record SchemaElement(string Name)
{
    public PhysicalType? Type { get; init; }

    /// <summary>Bytes of one FIXED_LEN_BYTE_ARRAY value.</summary>
    public int? TypeLength { get; init; }

    /// <summary>Absent on the root alone.</summary>
    public Repetition? Repetition { get; init; }

    /// <summary>Zero or absent on leaves.</summary>
    public int NumChildren { get; init; }

    public ConvertedType? ConvertedType { get; init; }

    public LogicalType? LogicalType { get; init; }

    /// <summary>Digits behind the point of a decimal whose only annotation is <see cref="ConvertedType"/>.</summary>
    public int? Scale { get; init; }

    internal static SchemaElement Read(ref ThriftReader reader)
    {
        string? name = null;
        PhysicalType? type = null;
        int? typeLength = null, children = null, scale = null;
        Repetition? repetition = null;
        ConvertedType? converted = null;
        LogicalType? logical = null;
        int outer = reader.BeginStruct();
        while (reader.NextField(out ThriftField field))
        {
            switch (field.Id)
            {
                case 1:
                    type = (PhysicalType)reader.I32(field);
                    break;
                case 2:
                    typeLength = reader.I32(field);
                    break;
                case 3:
                    repetition = (Repetition)reader.I32(field);
                    break;
                case 4:
                    name = reader.String(field);
                    break;
                case 5:
                    children = reader.I32(field);
                    break;
                case 6:
                    converted = (ConvertedType)reader.I32(field);
                    break;
                case 7:
                    scale = reader.I32(field);
                    break;
                case 10 when field.Type == ThriftType.Struct:
                    logical = Metadata.LogicalType.Read(ref reader);
                    break;
                default:
                    reader.Skip(field);
                    break;
            }
        }
        reader.EndStruct(outer);
        if (name is null && !reader.Exhausted)
        {
            throw reader.Malformed("a schema element has no name");
        }
        return new SchemaElement(name ?? "")
        {
            Type = type,
            TypeLength = typeLength,
            Repetition = repetition,
            NumChildren = children ?? 0,
            ConvertedType = converted,
            LogicalType = logical,
            Scale = scale,
        };
    }

    internal void Write(ThriftWriter writer)
    {
        writer.BeginStruct();
        if (Type is PhysicalType type)
        {
            writer.I32(1, (int)type);
        }
        if (TypeLength is int length)
        {
            writer.I32(2, length);
        }
        if (Repetition is Repetition repetition)
        {
            writer.I32(3, (int)repetition);
        }
        writer.String(4, Name);
        if (Type is null)
        {
            writer.I32(5, NumChildren);
        }
        if (ConvertedType is ConvertedType converted)
        {
            writer.I32(6, (int)converted);
        }
        if (Scale is int scale)
        {
            writer.I32(7, scale);
        }
        LogicalType?.Write(writer, 10);
        writer.EndStruct();
    }
}
