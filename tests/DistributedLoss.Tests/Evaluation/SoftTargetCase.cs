using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>One line of Goldens/soft_targets.json: parameters of generated data and options, and what PyTorch makes of them.</summary>
internal sealed record SoftTargetCase(
    LossInput Input, string Kind, double Scale, int Rows, int Classes, string Targets, string ClassWeights, string SampleWeights, double Smoothing, double Temperature,
    ulong Seed, double? Mean, double Sum, double Denominator, double? StandardError, double KlSum, double? KlMean, int Correct, bool TorchIsNaN)
{
    public static IReadOnlyList<SoftTargetCase> All { get; } = Generated.Read("soft_targets.json", Case);

    public EvaluationOptions Options => new()
    {
        Loss = new LossFunction { Input = Input, LabelSmoothing = Smoothing, Temperature = Temperature },
        ClassWeights = Data().ClassWeights,
        SampleWeightColumn = SampleWeights == "none" ? null : "weight",
        NumClasses = Classes,
    };

    /// <summary>Where a target of 0 meets a probability of 0 PyTorch multiplies 0 by infinity, and so do we: then NaN, and not 0 log 0 = 0, is in the figures.</summary>
    public double? Undefined(double? figure) => TorchIsNaN && figure is not null ? double.NaN : figure;

    /// <summary>Writes the case's rows; those before <paramref name="cut"/> in one file and the others in another.</summary>
    public void Write(DumpFolder folder, int cut = int.MaxValue)
    {
        var (values, targets, weights, _) = Data();
        cut = Math.Min(cut, Rows);
        Write(folder["a.parquet"], 0, cut);
        Write(folder["b.parquet"], cut, Rows);

        void Write(string path, int from, int to) =>
            new NestedTable(("logits", values[from..to]), ("label", targets[from..to]), ("weight", weights[from..to])).Write(path);
    }

    public (double[][] Values, double[][] Targets, double[] SampleWeights, double[]? ClassWeights) Data()
    {
        var draw = new Generated.Draws(Seed);
        double[][] values = new double[Rows][], targets = new double[Rows][];
        double[] weights = new double[Rows];
        for (int r = 0; r < Rows; r++)
        {
            values[r] = Input switch
            {
                LossInput.Logits => Generated.Logits(Kind, Scale, draw, Classes),
                LossInput.Probs => Generated.Distribution(Kind, draw, Classes),
                _ => Array.ConvertAll(Generated.Distribution(Kind, draw, Classes), Generated.LogProbability),
            };
            targets[r] = Generated.Distribution(Targets, draw, Classes);
            weights[r] = Generated.Weight(SampleWeights, draw.Next());
        }

        return (values, targets, weights, Generated.Weights(ClassWeights, draw, Classes));
    }

    private static SoftTargetCase Case(JsonElement[] line)
    {
        int i = 0;
        return new SoftTargetCase(
            LossInputs.All.Single(input => LossInputs.Name(input) == line[i].GetString()), line[++i].GetString()!, line[++i].GetDouble(), line[++i].GetInt32(),
            line[++i].GetInt32(), line[++i].GetString()!, line[++i].GetString()!, line[++i].GetString()!, line[++i].GetDouble(), line[++i].GetDouble(),
            line[++i].GetUInt64(), Generated.Number(line[++i]), Generated.Number(line[++i])!.Value, Generated.Number(line[++i])!.Value,
            Generated.Number(line[++i]), Generated.Number(line[++i])!.Value, Generated.Number(line[++i]), line[++i].GetInt32(), line[++i].GetInt32() == 1);
    }
}
