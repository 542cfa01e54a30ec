using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Evaluation;

/// <summary>
/// The weights of a tile's rows. A row's weight is its class weight times its sample weight, rounded once to float64; its product with the loss
/// goes unrounded into the exact sum.
/// </summary>
internal sealed class RowWeights(EvaluationOptions options)
{
    private readonly IReadOnlyList<double>? _classWeights = options.ClassWeights;
    private readonly ExactSum _contribution = new();

    /// <summary>Sets the weights of the rows with a class from <paramref name="first"/> on, and makes the kernel skip those that have none.</summary>
    /// <returns>False where a row is skipped.</returns>
    public bool Weigh(RowBatch rows, int first, SideColumns side)
    {
        bool areUsable = true;
        for (int i = first; i < rows.Count; i++)
        {
            if (rows.Label[i] == Labels.Skip)
            {
                continue;
            }

            double sample = side.Weight(i - first);
            double weight = _classWeights is null ? sample : _classWeights[rows.Label[i]] * sample;
            rows.Weight[i] = weight;
            if (IsBad(side, i - first) || !double.IsFinite(weight))
            {
                rows.Label[i] = Labels.Skip;
                areUsable = false;
            }
        }

        return areUsable;
    }

    /// <summary>What an evaluated row adds to the numerator, rounded once: PyTorch's <c>reduction="none"</c>, times the sample weight.</summary>
    public double Contribution(RowBatch rows, int i)
    {
        if (rows.Rest.Length == 0)
        {
            return rows.Weight[i] * rows.Loss[i];
        }

        if (!double.IsFinite(rows.LabelLoss[i]) || !double.IsFinite(rows.Rest[i]))
        {
            return (rows.Weight[i] * rows.LabelLoss[i]) + (rows.RestWeight[i] * rows.Rest[i]);
        }

        _contribution.Clear();
        _contribution.AddProduct(rows.Weight[i], rows.LabelLoss[i]);
        _contribution.AddProduct(rows.RestWeight[i], rows.Rest[i]);
        return _contribution.ToDouble();
    }

    /// <summary>Whether a sample weight is null, NaN, infinite or negative.</summary>
    public static bool IsBad(SideColumns side, int row) => side.WeightIsNull(row) || !(side.Weight(row) >= 0) || !double.IsFinite(side.Weight(row));

    /// <summary>With smoothing and class weights: the label's own part of each loss, and what the other part counts with.</summary>
    public static void TakeLabelShare(RowBatch rows, int first, SideColumns side, double labelShare)
    {
        for (int i = first; i < rows.Count; i++)
        {
            rows.LabelLoss[i] *= labelShare;
            rows.RestWeight[i] = side.Weight(i - first);
        }
    }

    public static string Explain(EvaluationOptions options, SideColumns side, int row) =>
        $"the sample weight in column {options.SampleWeightColumn} is {(side.WeightIsNull(row) ? "null" : $"{side.Weight(row)}")}, where a finite number of at least 0 is needed{(options.ClassWeights is null ? "" : ", also after multiplication with the class weight")}";
}
