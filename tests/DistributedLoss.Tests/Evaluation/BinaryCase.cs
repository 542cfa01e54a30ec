using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>One line of Goldens/binary.json: parameters of generated data and options, and what PyTorch makes of them.</summary>
internal sealed record BinaryCase(
    bool AreLogits, string Kind, double Scale, int Rows, int Classes, string Targets, string Weights, string PositiveWeights, string SampleWeights, double Temperature,
    ulong Seed, double? Mean, double Sum, double Denominator, double? StandardError, int? Correct, bool TorchClamps)
{
    public static IReadOnlyList<BinaryCase> All { get; } = Generated.Read("binary.json", Case);

    public EvaluationOptions Options => new()
    {
        Loss = new LossFunction { Input = AreLogits ? LossInput.BinaryLogits : LossInput.BinaryProbs, Temperature = Temperature },
        ClassWeights = Data().Weights,
        PositiveWeights = Data().PositiveWeights,
        SampleWeightColumn = SampleWeights == "none" ? null : "weight",
        NumClasses = Classes,
    };

    /// <summary>Writes the case's rows; those before <paramref name="cut"/> in one file and the others in another.</summary>
    /// <param name="scalars">Columns of numbers rather than of lists, which takes K = 1.</param>
    public void Write(DumpFolder folder, bool scalars, int cut = int.MaxValue)
    {
        var (values, targets, weights, _, _) = Data();
        cut = Math.Min(cut, Rows);
        Write(folder["a.parquet"], 0, cut);
        Write(folder["b.parquet"], cut, Rows);

        void Write(string path, int from, int to) =>
            new NestedTable(("logits", Column(values[from..to])), ("label", Column(targets[from..to])), ("weight", weights[from..to])).Write(path);

        Array Column(double[][] rows) => scalars ? Array.ConvertAll(rows, row => row.Single()) : rows;
    }

    public (double[][] Values, double[][] Targets, double[] SampleWeights, double[]? Weights, double[]? PositiveWeights) Data()
    {
        var draw = new Generated.Draws(Seed);
        double[][] values = new double[Rows][], targets = new double[Rows][];
        double[] weights = new double[Rows];
        for (int r = 0; r < Rows; r++)
        {
            values[r] = [.. Enumerable.Range(0, Classes).Select(_ => Value(draw.Next()))];
            targets[r] = [.. Enumerable.Range(0, Classes).Select(_ => Target(draw.Next()))];
            weights[r] = Generated.Weight(SampleWeights, draw.Next());
        }

        return (values, targets, weights, Generated.Weights(Weights, draw, Classes), Generated.Weights(PositiveWeights, draw, Classes));
    }

    private double Value(ulong x) =>
        AreLogits ? Generated.Logit(Kind, Scale, x) - (Kind == "ties" ? 1 : 0)
        : Kind == "edge" && (x & 3) == 0 ? (x >> 2) & 1
        : (1 + ((x >> 8) % (Generated.Units - 1))) / (double)Generated.Units;

    private double Target(ulong x) =>
        Targets == "hard" || (Targets == "mixed" && (x & 1) == 1) ? (x >> 1) & 1 : ((x >> 8) % (Generated.Units + 1)) / (double)Generated.Units;

    private static BinaryCase Case(JsonElement[] line)
    {
        int i = 0;
        return new BinaryCase(
            line[i].GetString() == "binary-logits", line[++i].GetString()!, line[++i].GetDouble(), line[++i].GetInt32(),
            line[++i].GetInt32(), line[++i].GetString()!, line[++i].GetString()!, line[++i].GetString()!, line[++i].GetString()!, line[++i].GetDouble(),
            line[++i].GetUInt64(), Generated.Number(line[++i]), Generated.Number(line[++i])!.Value, Generated.Number(line[++i])!.Value,
            Generated.Number(line[++i]), (int?)Generated.Number(line[++i]), line[++i].GetInt32() == 1);
    }
}
