namespace DistributedLoss.Parquet.Columns;

/// <summary>Which columns of a file hold the logits: one column by its dotted path, or flat columns by their common prefix.</summary>
public sealed record LogitColumnSpec
{
    /// <summary>A list, a packed binary column, or a scalar (one class). Not looked at when <see cref="Prefix"/> is set.</summary>
    public string? Column { get; init; } = "logits";

    /// <summary>Flat columns PREFIX0, PREFIX1, ... in numeric order.</summary>
    public string? Prefix { get; init; }

    /// <summary>What a binary column holds, little-endian: Parquet does not say.</summary>
    public FloatFormat? Packed { get; init; }
}
