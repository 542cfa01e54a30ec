using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Writing;

/// <summary>How a logit is stored. BFloat16 has no Parquet type and is only for packed layouts.</summary>
public enum LogitType
{
    Float32,
    Float64,
    Float16,
    BFloat16,
}

/// <summary>How a row's logits are laid out in columns.</summary>
public enum LogitLayout
{
    /// <summary>One column of 3-level lists.</summary>
    List,

    /// <summary>One scalar column a class: PREFIX0 to PREFIX{C-1}.</summary>
    Flat,

    /// <summary>One FIXED_LEN_BYTE_ARRAY column that holds a row's logits in little-endian order.</summary>
    PackedFixed,

    /// <summary>The same as BYTE_ARRAY.</summary>
    PackedBinary,
}

/// <summary>The columns of a dump: logits, then the label, then (those that have a name) an int64 row id and a sample weight.</summary>
/// <param name="Classes">C: columns of the flat layout, bytes of the packed ones, and the usual length of a list.</param>
public sealed record DumpSchema(int Classes)
{
    public LogitType LogitType { get; init; } = LogitType.Float32;

    public LogitLayout Layout { get; init; } = LogitLayout.List;

    /// <summary>The list or packed column.</summary>
    public string LogitsName { get; init; } = "logits";

    /// <summary>The flat columns' common beginning.</summary>
    public string LogitsPrefix { get; init; } = "logits_";

    /// <summary>Whether a row's logits may be null as a whole.</summary>
    public bool NullableLogits { get; init; }

    /// <summary>Whether a single logit of a list may be null.</summary>
    public bool NullableElements { get; init; }

    public string LabelName { get; init; } = "label";

    /// <summary>int64 labels rather than int32.</summary>
    public bool Int64Labels { get; init; } = true;

    public bool NullableLabel { get; init; }

    /// <summary>The name of a nullable double column of sample weights behind the others; null leaves it out.</summary>
    public string? WeightName { get; init; }

    /// <summary>Null leaves the id column out.</summary>
    public string? IdName { get; init; } = "id";

    /// <summary>Bytes of one logit.</summary>
    public int LogitWidth => LogitType switch
    {
        LogitType.Float64 => 8,
        LogitType.Float32 => 4,
        _ => 2,
    };

    /// <exception cref="ArgumentException">The schema cannot be written.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Classes, 1);
        // A page holds whole rows, and its size is 31 bits.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Classes, (1 << 29) / LogitWidth);
        if (LogitType == LogitType.BFloat16 && Layout is LogitLayout.List or LogitLayout.Flat)
        {
            throw new ArgumentException("Parquet has no bfloat16 type; choose a packed layout");
        }
    }

    internal IReadOnlyList<SchemaElement> ToElements()
    {
        List<SchemaElement> elements = [];
        Repetition logits = NullableLogits ? Repetition.Optional : Repetition.Required;
        int logitColumns = 1;
        switch (Layout)
        {
            case LogitLayout.List:
                elements.Add(new(LogitsName)
                {
                    Repetition = logits,
                    NumChildren = 1,
                    ConvertedType = ConvertedType.List,
                    LogicalType = new(LogicalTypeKind.List),
                });
                elements.Add(new("list") { Repetition = Repetition.Repeated, NumChildren = 1 });
                elements.Add(Scalar("element", NullableElements ? Repetition.Optional : Repetition.Required));
                break;
            case LogitLayout.Flat:
                logitColumns = Classes;
                elements.AddRange(Enumerable.Range(0, Classes).Select(c => Scalar($"{LogitsPrefix}{c}", logits)));
                break;
            case LogitLayout.PackedFixed:
                elements.Add(new(LogitsName)
                {
                    Repetition = logits,
                    Type = PhysicalType.FixedLenByteArray,
                    TypeLength = Classes * LogitWidth,
                });
                break;
            case LogitLayout.PackedBinary:
                elements.Add(new(LogitsName) { Repetition = logits, Type = PhysicalType.ByteArray });
                break;
        }
        elements.Add(new(LabelName)
        {
            Repetition = NullableLabel ? Repetition.Optional : Repetition.Required,
            Type = Int64Labels ? PhysicalType.Int64 : PhysicalType.Int32,
        });
        if (IdName is not null)
        {
            elements.Add(new(IdName) { Repetition = Repetition.Required, Type = PhysicalType.Int64 });
        }
        if (WeightName is not null)
        {
            elements.Add(new(WeightName) { Repetition = Repetition.Optional, Type = PhysicalType.Double });
        }
        elements.Insert(0, new("schema") { NumChildren = logitColumns + 1 + (IdName is null ? 0 : 1) + (WeightName is null ? 0 : 1) });
        return elements;
    }

    private SchemaElement Scalar(string name, Repetition repetition) => LogitType switch
    {
        LogitType.Float64 => new(name) { Repetition = repetition, Type = PhysicalType.Double },
        LogitType.Float32 => new(name) { Repetition = repetition, Type = PhysicalType.Float },
        _ => new(name)
        {
            Repetition = repetition,
            Type = PhysicalType.FixedLenByteArray,
            TypeLength = 2,
            LogicalType = new(LogicalTypeKind.Float16),
        },
    };
}
