using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>f(X) = Rounded + Rest ulp(Rounded), from Goldens/elementary.py.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct GoldenPoint(double X, double Rounded, double Rest)
{
    /// <summary>Distance of a result to the exact value, in units in the last place of the exact value.</summary>
    public double Ulps(double actual)
    {
        double ulp = Goldens.Ulp(Rounded);
        return Math.Abs(((actual - Rounded) / ulp) - Rest);
    }
}

/// <summary>A generated row with its exact loss Loss + Rest, from Goldens/rows.py.</summary>
internal sealed record GoldenRow(
    string Kind, double Scale, int Classes, int Label, ulong Seed, double Loss, double Rest, double Torch, int Predicted, int Rank)
{
    public double[] Logits()
    {
        double[] row = new double[Classes];
        ulong state = Seed;
        for (int c = 0; c < Classes; c++)
        {
            state += 0x9E3779B97F4A7C15;
            ulong x = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            x ^= x >> 31;
            double z = (((x >> 11) * Math.ScaleB(1, -52)) - 1) * Scale;
            row[c] = Kind switch
            {
                "ties" => x % 3,
                "masked" => (x & 1) == 1 && c != Label ? double.NegativeInfinity : z,
                "confident" => z + (c == Label ? Scale * 3 : 0),
                "certain" when c == Label => 692,
                "float32" => (float)z,
                _ => z,
            };
        }

        return row;
    }
}

/// <summary>From Goldens/probabilities.py: each figure is the nearest double and the rest.</summary>
internal sealed record GoldenProbabilities(
    IReadOnlyList<GoldenSpread> Rows, IReadOnlyDictionary<int, double[]> Means, IReadOnlyList<GoldenGiven> Given);

/// <summary>What a row of Goldens/rows.json has besides its loss.</summary>
internal sealed record GoldenSpread(double[] Entropy, double[] Brier);

/// <summary>A row of log-probabilities or probabilities.</summary>
internal sealed record GoldenGiven(string Kind, double[] Values, int Label, double[] Entropy, double[] Brier);

/// <summary>A row with a soft target, from Goldens/soft_targets.py.</summary>
/// <param name="Shares">The sum of what multiplies the classes' losses.</param>
internal sealed record GoldenSoftTarget(
    string Kind,
    double[] Values,
    double[] Target,
    double[]? Weights,
    double Smoothing,
    double Temperature,
    int Label,
    double[] Loss,
    double[] Divergence,
    double TorchLoss,
    double TorchDivergence,
    double Shares)
{
    public LossFunction Function => new()
    {
        Input = Kind switch { "probs" => LossInput.Probs, "logProbs" => LossInput.LogProbs, _ => LossInput.Logits },
        LabelSmoothing = Smoothing,
        Temperature = Temperature,
    };
}

/// <summary>An independent binary element, from Goldens/binary.py.</summary>
/// <param name="Torch">Null where PyTorch clamps.</param>
internal sealed record GoldenBinary(
    string Kind, double Value, double Target, double Positive, double[] Loss, double[] TopLoss, double[] Entropy, double[] Brier, double? Torch)
{
    public BinaryInput Input => Kind == "probs" ? BinaryInput.Probs : BinaryInput.Logits;
}

/// <summary>A row, or a binary element, at a temperature, from Goldens/slopes.py.</summary>
/// <param name="Weight">Of the row.</param>
/// <param name="Weighted">Whether class c has the weight 0.7 (c % 4).</param>
/// <param name="Target">Null for a label.</param>
/// <param name="Value">Of an element.</param>
/// <param name="Positive">Of an element: the weight of positive targets.</param>
internal sealed record GoldenSlope(
    string Kind,
    double Scale,
    int Classes,
    int Label,
    ulong Seed,
    double Temperature,
    double Smoothing,
    double Weight,
    bool Weighted,
    double[]? Target,
    double[] Loss,
    double[] Slope,
    double[] Curvature,
    double Value,
    double Positive)
{
    public bool IsBinary => Kind == "binary";

    public LossFunction Function => new() { LabelSmoothing = Smoothing, Temperature = Temperature };

    public double[]? ClassWeights => Weighted ? [.. Enumerable.Range(0, Classes).Select(c => c % 4 * 0.7)] : null;

    public double[] Logits() => new GoldenRow(Kind, Scale, Classes, Label, Seed, 0, 0, 0, 0, 0).Logits();
}

internal static class Goldens
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals | JsonNumberHandling.AllowReadingFromString,
    };

    public static GoldenPoint[] Points(string function) =>
        MemoryMarshal.Cast<byte, GoldenPoint>(File.ReadAllBytes(PathOf(function + ".bin"))).ToArray();

    public static GoldenRow[] Rows() =>
        JsonSerializer.Deserialize<GoldenRow[]>(File.ReadAllText(PathOf("rows.json")), Options)!;

    public static GoldenProbabilities Probabilities() =>
        JsonSerializer.Deserialize<GoldenProbabilities>(File.ReadAllText(PathOf("probabilities.json")), Options)!;

    public static GoldenSoftTarget[] SoftTargets() =>
        JsonSerializer.Deserialize<GoldenSoftTarget[]>(File.ReadAllText(PathOf("soft_targets.json")), Options)!;

    public static GoldenBinary[] Binary() => JsonSerializer.Deserialize<GoldenBinary[]>(File.ReadAllText(PathOf("binary.json")), Options)!;

    public static GoldenSlope[] Slopes() => JsonSerializer.Deserialize<GoldenSlope[]>(File.ReadAllText(PathOf("slopes.json")), Options)!;

    /// <summary>Distance to an exact figure, given as the nearest double and the rest.</summary>
    public static double Distance(double actual, double[] exact) => Math.Abs(actual - exact[0] - exact[1]);

    /// <summary>Unit in the last place: the distance to the next larger magnitude.</summary>
    public static double Ulp(double value) => Math.BitIncrement(Math.Abs(value)) - Math.Abs(value);

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Kernels", "Goldens", file);
}
