using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Writing;
using LogitType = DistributedLoss.Parquet.Writing.LogitType;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>One line of Goldens/loss_options.json or nll_loss.json: parameters of generated data and options, and what PyTorch makes of them.</summary>
internal sealed record LossOptionCase(
    LossInput Input, string Kind, double Scale, int Rows, int Classes, string Labels, long IgnoreIndex, string ClassWeights, string SampleWeights,
    double Smoothing, double Temperature, ulong Seed, double? Mean, double Sum, double Denominator, double? StandardError, int Evaluated)
{
    public static IReadOnlyList<LossOptionCase> All { get; } = Generated.Read("loss_options.json", Case);

    /// <summary>F.nll_loss alone, at other numbers of classes.</summary>
    public static IReadOnlyList<LossOptionCase> Nll { get; } = Generated.Read("nll_loss.json", Case);

    public EvaluationOptions Options => new()
    {
        Loss = new LossFunction { Input = Input, LabelSmoothing = Smoothing, Temperature = Temperature },
        ClassWeights = Data().ClassWeights,
        SampleWeightColumn = SampleWeights == "none" ? null : "weight",
        IgnoreIndex = IgnoreIndex,
        NumClasses = Classes,
    };

    /// <summary>Writes the case's rows; those before <paramref name="cut"/> in one file and the others in another.</summary>
    public void Write(DumpFolder folder, LogitLayout layout, int cut = int.MaxValue)
    {
        var (rows, _) = Data();
        var schema = new DumpSchema(Classes) { LogitType = LogitType.Float64, Layout = layout, LogitsPrefix = "logits_", IdName = null, WeightName = "weight" };
        string[] names = ["a.parquet", "b.parquet"];
        foreach (string name in names)
        {
            using var writer = new DumpWriter(folder[name], schema, new WriterOptions { PageRows = 3, RowGroupRows = 10 });
            foreach (var (values, label, weight) in name == names[0] ? rows.Take(cut) : rows.Skip(cut))
            {
                writer.Weight = weight;
                writer.AppendRow(values, label);
            }

            writer.Close();
        }
    }

    /// <summary>Writes the case's rows as positions of ragged sequences, some of which are empty.</summary>
    public void WriteSequences(string path)
    {
        var (rows, _) = Data();
        var draw = new Generated.Draws(Seed);
        List<(double[] Values, long Label, double Weight)[]> sequences = [];
        for (int at = 0; at < rows.Count;)
        {
            int length = (int)Math.Min(draw.Next() % 5, (ulong)(rows.Count - at));
            sequences.Add([.. rows.Skip(at).Take(length)]);
            at += length;
        }

        double[][][] logits = [.. sequences.Select(s => s.Select(row => row.Values).ToArray())];
        long[][] labels = [.. sequences.Select(s => s.Select(row => row.Label).ToArray())];
        new NestedTable(("logits", logits), ("label", labels)) { GroupRows = 4 }.Write(path);
    }

    private (List<(double[] Values, long Label, double Weight)> Rows, double[]? ClassWeights) Data()
    {
        var draw = new Generated.Draws(Seed);
        var rows = new List<(double[], long, double)>();
        for (int r = 0; r < Rows; r++)
        {
            rows.Add((Values(draw), Label(draw.Next()), Generated.Weight(SampleWeights, draw.Next())));
        }

        return (rows, Generated.Weights(ClassWeights, draw, Classes));
    }

    private double[] Values(Generated.Draws draw)
    {
        if (Input == LossInput.Logits)
        {
            return Generated.Logits(Kind, Scale, draw, Classes);
        }

        double[] row = new double[Classes];
        ulong left = Generated.Units;
        for (int c = 0; c < Classes; c++)
        {
            ulong x = draw.Next();
            ulong count = c == Classes - 1 ? left : x % (left + 1);
            left -= count;
            row[c] = (double)count / Generated.Units;
        }

        return Input == LossInput.Probs ? row : Array.ConvertAll(row, Math.Log);
    }

    private long Label(ulong x) => Labels == "ignored" || (Labels == "some" && x % 4 == 0) ? IgnoreIndex : Generated.Class(x, Classes);

    private static LossOptionCase Case(JsonElement[] line)
    {
        int i = 0;
        return new LossOptionCase(
            LossInputs.All.Single(input => LossInputs.Name(input) == line[i].GetString()), line[++i].GetString()!, line[++i].GetDouble(), line[++i].GetInt32(),
            line[++i].GetInt32(), line[++i].GetString()!, line[++i].GetInt64(), line[++i].GetString()!, line[++i].GetString()!, line[++i].GetDouble(),
            line[++i].GetDouble(), line[++i].GetUInt64(), Generated.Number(line[++i]), Generated.Number(line[++i])!.Value,
            Generated.Number(line[++i])!.Value, Generated.Number(line[++i]), line[++i].GetInt32());
    }
}
