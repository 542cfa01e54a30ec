using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Runs;

/// <summary>
/// What the rows looked at have in common: advice on <c>--input</c> for people. It never decides anything, and no result depends on it.
/// </summary>
/// <param name="areElements">Whether each value has a target of its own: then nothing need sum to 1.</param>
public sealed class InputLook(bool areElements = false)
{
    /// <summary>How far a row may sum from 1: what bfloat16 makes of fifty thousand probabilities is within it.</summary>
    public const double SumTolerance = 1e-2;

    private readonly int[] _fitting = new int[LossInputs.All.Length];
    private bool _hasFraction;
    private bool _areElements = areElements;

    /// <summary>Rows that were looked at and told something.</summary>
    public int Rows { get; private set; }

    /// <summary>The narrowest kind that fits all rows; null where no row tells, or all values are 0 and 1, which may be anything.</summary>
    public LossInput? Kind
    {
        get
        {
            if (Rows == 0)
            {
                return null;
            }

            LossInput[] narrowestFirst = _areElements
                ? [LossInput.BinaryProbs, LossInput.BinaryLogits]
                : [LossInput.Probs, LossInput.LogProbs, LossInput.BinaryProbs, LossInput.Logits];
            int narrowest = 0;
            while (_fitting[(int)narrowestFirst[narrowest]] != Rows)
            {
                narrowest++;
            }

            var kind = narrowestFirst[narrowest];
            return kind is LossInput.Probs or LossInput.BinaryProbs && !_hasFraction ? null : kind;
        }
    }

    /// <summary>Adds a row. One with NaN or +inf is invalid in any case, and one of zeros may be padding: they tell nothing.</summary>
    public void Add(ReadOnlySpan<double> row)
    {
        double least = double.PositiveInfinity, greatest = double.NegativeInfinity, sum = 0;
        bool hasFraction = false;
        foreach (double value in row)
        {
            if (!(value < double.PositiveInfinity))
            {
                return;
            }

            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
            sum += value;
            hasFraction |= value is > 0 and < 1;
        }

        if (row.IsEmpty || (least == 0 && greatest == 0))
        {
            return;
        }

        Rows++;
        _areElements |= row.Length == 1;
        _hasFraction |= hasFraction;
        _fitting[(int)LossInput.Logits]++;
        _fitting[(int)LossInput.BinaryLogits]++;
        bool isInUnit = least >= 0 && greatest <= 1;
        _fitting[(int)LossInput.BinaryProbs] += isInUnit ? 1 : 0;
        _fitting[(int)LossInput.Probs] += isInUnit && Math.Abs(sum - 1) <= SumTolerance ? 1 : 0;
        _fitting[(int)LossInput.LogProbs] += greatest <= 0 && Math.Abs(SumOfExps(row) - 1) <= SumTolerance ? 1 : 0;
    }

    /// <summary>Whether no further row can raise a doubt: any numbers may be logits, once one row is nothing else.</summary>
    public bool IsSettled(LossInput declared) =>
        Kind is LossInput.Logits or LossInput.BinaryLogits && declared is LossInput.Logits or LossInput.BinaryLogits && Doubt(declared) is null;

    /// <summary>The doubt about what <c>--input</c> declares; null where there is none.</summary>
    /// <remarks>
    /// Log-probabilities may be declared as logits: log-softmax takes them for what they are, so that no figure differs by more than rounding.
    /// </remarks>
    public InputDoubt? Doubt(LossInput declared)
    {
        if (Kind is not { } kind || kind == declared || (declared == LossInput.Logits && kind == LossInput.LogProbs))
        {
            return null;
        }

        // Any number may be a logit: where logits are declared, all rows together raise the doubt.
        int misfits = declared is LossInput.Logits or LossInput.BinaryLogits ? Rows : Rows - _fitting[(int)declared];
        return new InputDoubt(LossInputs.Name(declared), LossInputs.Name(kind), misfits, Rows);
    }

    private static double SumOfExps(ReadOnlySpan<double> row)
    {
        double sum = 0;
        foreach (double value in row)
        {
            sum += Elementary.Exp(value);
        }

        return sum;
    }
}

/// <summary>Rows that do not look like what is declared.</summary>
/// <param name="Declared">The value of <c>--input</c>.</param>
/// <param name="LooksLike">The value that would fit.</param>
/// <param name="Misfits">Rows that do not look like what is declared.</param>
/// <param name="Rows">Rows looked at.</param>
public sealed record InputDoubt(string Declared, string LooksLike, int Misfits, int Rows);
