using System.Globalization;
using System.Text.Json;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>The data that Goldens/generated.py makes, bit for bit.</summary>
internal static class Generated
{
    /// <summary>Probabilities and targets are counts of 2^-20.</summary>
    public const int Units = 1 << 20;

    public static double Unit(ulong x) => (x >> 11) * Math.ScaleB(1, -53);

    public static double Logit(string kind, double scale, ulong x) =>
        kind == "masked" && (x & 3) == 0 ? double.NegativeInfinity : kind == "ties" ? x % 3 : ((2 * Unit(x)) - 1) * scale;

    public static double[] Logits(string kind, double scale, Draws draw, int classes)
    {
        double[] row = [.. Enumerable.Range(0, classes).Select(_ => Logit(kind, scale, draw.Next()))];

        // A row of nothing but -inf has no loss.
        row[0] = row.All(double.IsNegativeInfinity) ? 0 : row[0];
        return row;
    }

    public static double Weight(string mode, ulong x) => mode == "none" ? 1 : mode == "zero" || (mode == "some" && x % 3 == 0) ? 0 : 3 * Unit(x);

    /// <summary>One weight a class; none takes no draw.</summary>
    public static double[]? Weights(string mode, Draws draw, int classes) =>
        mode == "none" ? null : [.. Enumerable.Range(0, classes).Select(_ => Weight(mode, draw.Next()))];

    /// <summary>Numbers that sum to 1 exactly.</summary>
    public static double[] Distribution(string kind, Draws draw, int classes)
    {
        if (kind == "one-hot")
        {
            int one = Class(draw.Next(), classes);
            return [.. Enumerable.Range(0, classes).Select(c => c == one ? 1.0 : 0)];
        }

        long[] parts = [.. Enumerable.Range(0, classes).Select(_ => draw.Next()).Select(x => kind == "sparse" && (x & 1) == 1 ? 0 : (long)(x >> 44))];
        long total = parts.Sum();
        long[] counts = Array.ConvertAll(parts, part => total == 0 ? 0 : part * Units / total);
        counts[Class(draw.Next(), classes)] += Units - counts.Sum();
        return Array.ConvertAll(counts, count => (double)count / Units);
    }

    /// <summary>Rounded to a multiple of 2^-20, so that the last bit of a platform's log does not show.</summary>
    public static double LogProbability(double p) => p > 0 ? Math.Round(Math.Log(p) * Units) / Units : double.NegativeInfinity;

    public static int Class(ulong x, int classes) => (int)((x >> 8) % (ulong)classes);

    /// <summary>The lines of a file in Goldens, each an array.</summary>
    public static T[] Read<T>(string file, Func<JsonElement[], T> read)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Evaluation", "Goldens", file)));
        return [.. document.RootElement.EnumerateArray().Select(line => read([.. line.EnumerateArray()]))];
    }

    public static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => double.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        _ => value.GetDouble(),
    };

    /// <summary>Equal, or within 1e-12 of it and <paramref name="slack"/>; null is equal to null alone.</summary>
    public static void Same(object example, string what, double? expected, double? actual, double slack = 0)
    {
        bool same = expected is { } e && actual is { } a
            ? e.Equals(a) || Math.Abs(a - e) <= (1e-12 * Math.Abs(e)) + slack
            : expected is null && actual is null;
        Assert.True(same, $"{what} {actual:R} where there should be {expected:R}: {example}");
    }

    /// <summary>SplitMix64.</summary>
    public sealed class Draws(ulong seed)
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
