using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Tests.Evaluation;

namespace DistributedLoss.Tests.Calibration;

/// <summary>One line of Evaluation/Goldens/calibrations.json: parameters of generated data and options, and the temperature of least loss.</summary>
/// <param name="Target">labels, targets (distributions) or elements.</param>
/// <param name="Labels">Of elements, their targets row by row.</param>
/// <param name="Temperature">From 50 digits.</param>
/// <param name="Scipy">SciPy's, in float64.</param>
/// <param name="Loss">The mean at the temperature, from 50 digits.</param>
/// <param name="ScipyLoss">SciPy's at its own, in float64.</param>
/// <param name="LossAtOne">The mean at the temperature 1.</param>
internal sealed record CalibrationCase(
    string Target, string Kind, double Scale, int Rows, int Classes, string ClassWeights, string SampleWeights, double Smoothing, ulong Seed, long[] Labels,
    double Temperature, double Scipy, double Loss, double ScipyLoss, double LossAtOne)
{
    public static IReadOnlyList<CalibrationCase> All { get; } = Generated.Read("calibrations.json", Case);

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, All.Count)];

    public EvaluationOptions Options
    {
        get
        {
            var (_, _, _, classWeights, positiveWeights) = Data();
            return new EvaluationOptions
            {
                Loss = new LossFunction { Input = Target == "elements" ? LossInput.BinaryLogits : LossInput.Logits, LabelSmoothing = Smoothing },
                ClassWeights = classWeights,
                PositiveWeights = positiveWeights,
                SampleWeightColumn = SampleWeights == "none" ? null : "weight",
                NumClasses = Classes,
            };
        }
    }

    /// <summary>Writes the case's rows; those before <paramref name="cut"/> in one file and the others in another.</summary>
    public void Write(DumpFolder folder, int cut)
    {
        var (values, targets, weights, _, _) = Data();
        foreach (var (name, rows) in new[] { ("a.parquet", ..cut), ("b.parquet", cut..Rows) })
        {
            Array labels = Target == "labels" ? Labels[rows] : targets[rows];
            new NestedTable(("logits", values[rows]), ("label", labels), ("weight", weights[rows])).Write(folder[name]);
        }
    }

    private (double[][] Values, double[][] Targets, double[] Weights, double[]? ClassWeights, double[]? PositiveWeights) Data()
    {
        var draw = new Generated.Draws(Seed);
        double[][] values = new double[Rows][], targets = new double[Rows][];
        double[] weights = new double[Rows];
        for (int r = 0; r < Rows; r++)
        {
            values[r] = Generated.Logits(Kind, Scale, draw, Classes);
            if (Target == "targets")
            {
                targets[r] = Generated.Distribution("dense", draw, Classes);
                values[r] = [.. values[r].Zip(targets[r], (z, t) => z + (8 * t))];
            }
            else if (Target == "elements")
            {
                targets[r] = [.. Labels[(r * Classes)..((r + 1) * Classes)].Select(t => (double)t)];
            }

            weights[r] = Generated.Weight(SampleWeights, draw.Next());
        }

        return (values, targets, weights, Generated.Weights(ClassWeights, draw, Classes), Target == "elements" ? Generated.Weights(ClassWeights, draw, Classes) : null);
    }

    private static CalibrationCase Case(JsonElement[] line)
    {
        int i = 0;
        return new CalibrationCase(
            line[i].GetString()!, line[++i].GetString()!, line[++i].GetDouble(), line[++i].GetInt32(), line[++i].GetInt32(), line[++i].GetString()!,
            line[++i].GetString()!, line[++i].GetDouble(), line[++i].GetUInt64(), [.. line[++i].EnumerateArray().Select(y => y.GetInt64())],
            line[++i].GetDouble(), line[++i].GetDouble(), line[++i].GetDouble(), line[++i].GetDouble(), line[++i].GetDouble());
    }
}
