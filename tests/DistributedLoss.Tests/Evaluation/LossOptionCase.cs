using System.Globalization;
using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Parquet.Writing;
using LogitType = DistributedLoss.Parquet.Writing.LogitType;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>One line of Goldens/loss_options.json: parameters of generated data and options, and what PyTorch makes of them.</summary>
internal sealed record LossOptionCase(
    LossInput Input, string Kind, double Scale, int Rows, int Classes, string Labels, long IgnoreIndex, string ClassWeights, string SampleWeights,
    double Smoothing, double Temperature, ulong Seed, double? Mean, double Sum, double Denominator, double? StandardError, int Evaluated)
{
    private const int Units = 1 << 20; // probabilities are counts of 2^-20

    public static IReadOnlyList<LossOptionCase> All { get; } = Read();

    public EvaluationOptions Options => new()
    {
        Loss = new LossFunction { Input = Input, LabelSmoothing = Smoothing, Temperature = Temperature },
        ClassWeights = ClassWeights == "none" ? null : Data().ClassWeights,
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

    private (List<(double[] Values, long Label, double Weight)> Rows, double[] ClassWeights) Data()
    {
        var draw = new Draws(Seed);
        var rows = new List<(double[], long, double)>();
        for (int r = 0; r < Rows; r++)
        {
            rows.Add((Values(draw), Label(draw.Next()), Weight(SampleWeights, draw.Next())));
        }

        return (rows, ClassWeights == "none" ? [] : [.. Enumerable.Range(0, Classes).Select(_ => Weight(ClassWeights, draw.Next()))]);
    }

    private double[] Values(Draws draw)
    {
        double[] row = new double[Classes];
        if (Input == LossInput.Logits)
        {
            for (int c = 0; c < Classes; c++)
            {
                ulong x = draw.Next();
                row[c] = Kind == "masked" && (x & 3) == 0 ? double.NegativeInfinity : Kind == "ties" ? x % 3 : ((2 * Unit(x)) - 1) * Scale;
            }

            // A row of nothing but -inf has no loss.
            row[0] = row.All(double.IsNegativeInfinity) ? 0 : row[0];
            return row;
        }

        ulong left = Units;
        for (int c = 0; c < Classes; c++)
        {
            ulong x = draw.Next();
            ulong count = c == Classes - 1 ? left : x % (left + 1);
            left -= count;
            row[c] = (double)count / Units;
        }

        return Input == LossInput.Probs ? row : Array.ConvertAll(row, Math.Log);
    }

    private long Label(ulong x) => Labels == "ignored" || (Labels == "some" && x % 4 == 0) ? IgnoreIndex : (long)((x >> 8) % (ulong)Classes);

    private static double Weight(string mode, ulong x) => mode == "none" ? 1 : mode == "zero" || (mode == "some" && x % 3 == 0) ? 0 : 3 * Unit(x);

    private static double Unit(ulong x) => (x >> 11) * Math.ScaleB(1, -53);

    private static LossOptionCase[] Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Evaluation", "Goldens", "loss_options.json")));
        return [.. document.RootElement.EnumerateArray().Select(Case)];
    }

    private static LossOptionCase Case(JsonElement line)
    {
        int i = 0;
        return new LossOptionCase(
            LossInputs.All.Single(input => LossInputs.Name(input) == line[i].GetString()), line[++i].GetString()!, line[++i].GetDouble(), line[++i].GetInt32(),
            line[++i].GetInt32(), line[++i].GetString()!, line[++i].GetInt64(), line[++i].GetString()!, line[++i].GetString()!, line[++i].GetDouble(),
            line[++i].GetDouble(), line[++i].GetUInt64(), Number(line[++i]), Number(line[++i])!.Value, Number(line[++i])!.Value, Number(line[++i]), line[++i].GetInt32());
    }

    private static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => double.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        _ => value.GetDouble(),
    };

    /// <summary>SplitMix64.</summary>
    private sealed class Draws(ulong seed)
    {
        private ulong _state = seed;

        public ulong Next()
        {
            _state += 0x9E3779B97F4A7C15;
            ulong z = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
