namespace DistributedLoss.Evaluation;

/// <summary>What became of a row: evaluated, ignored, or invalid for the cause that follows <see cref="FirstCause"/>.</summary>
internal enum RowFate : byte
{
    Evaluated,
    Ignored,
    FirstCause,
}

internal static class RowFates
{
    public static RowFate Of(InvalidCause cause) => RowFate.FirstCause + (byte)cause;

    /// <summary>Null for a row that is evaluated or ignored.</summary>
    public static InvalidCause? Cause(this RowFate fate) => fate < RowFate.FirstCause ? null : (InvalidCause)(fate - RowFate.FirstCause);
}
