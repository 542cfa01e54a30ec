namespace DistributedLoss.Evaluation;

/// <summary>Why a row has no loss, in the order in which causes are looked for: a row counts under the first that applies.</summary>
public enum InvalidCause
{
    NullLabel,
    LabelOutOfRange,
    BadWeight,
    BadBytes,
    BadTarget,
    NullLogits,
    WrongLength,
    NaN,
    Infinity,
    AllMasked,
    Unnormalized,
}

public static class InvalidCauses
{
    public static InvalidCause[] All { get; } =
    [
        InvalidCause.NullLabel, InvalidCause.LabelOutOfRange, InvalidCause.BadWeight, InvalidCause.BadBytes, InvalidCause.BadTarget, InvalidCause.NullLogits,
        InvalidCause.WrongLength, InvalidCause.NaN, InvalidCause.Infinity, InvalidCause.AllMasked, InvalidCause.Unnormalized,
    ];

    /// <summary>The cause's name in results and logs.</summary>
    public static string Name(InvalidCause cause) => cause switch
    {
        InvalidCause.NullLabel => "nullLabel",
        InvalidCause.LabelOutOfRange => "labelOutOfRange",
        InvalidCause.BadWeight => "badWeight",
        InvalidCause.BadBytes => "badBytes",
        InvalidCause.BadTarget => "badTarget",
        InvalidCause.NullLogits => "nullLogits",
        InvalidCause.WrongLength => "wrongLength",
        InvalidCause.NaN => "nan",
        InvalidCause.Infinity => "infinity",
        InvalidCause.AllMasked => "allMasked",
        InvalidCause.Unnormalized => "unnormalized",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, null),
    };
}

/// <summary>Every row of the input in exactly one count: total = evaluated + ignored + invalid.</summary>
public sealed class RowCounts
{
    private readonly long[] _invalid = new long[InvalidCauses.All.Length];

    public long Evaluated { get; set; }

    public long Ignored { get; set; }

    public long Invalid
    {
        get
        {
            long rows = 0;
            foreach (long count in _invalid)
            {
                rows += count;
            }

            return rows;
        }
    }

    public long Total => Evaluated + Ignored + Invalid;

    public long this[InvalidCause cause] => _invalid[(int)cause];

    public void AddInvalid(InvalidCause cause, long rows) => _invalid[(int)cause] += rows;

    /// <summary>Counts a row that is not evaluated.</summary>
    internal void AddOther(RowFate fate)
    {
        if (fate.Cause() is { } cause)
        {
            AddInvalid(cause, 1);
        }
        else
        {
            Ignored++;
        }
    }

    public void Add(RowCounts other)
    {
        Evaluated += other.Evaluated;
        Ignored += other.Ignored;
        for (int i = 0; i < _invalid.Length; i++)
        {
            _invalid[i] += other._invalid[i];
        }
    }

    public void Clear()
    {
        Evaluated = Ignored = 0;
        Array.Clear(_invalid);
    }
}
