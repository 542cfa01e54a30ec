using DistributedLoss.Evaluation;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Tests;

/// <summary>
/// A dump that has a bit of everything: rows, or sequences of positions, with ties, masks and ignored labels, targets of each kind, columns to weigh, slice and group by, and,
/// where it is wanted, rows that are wrong in every way that there is. The same each time.
/// </summary>
internal sealed class MixedDump
{
    public const int Classes = 7;

    private readonly Random _random = new(7);
    private readonly List<Row> _rows = [];

    /// <param name="options">Of the run that it is for: they say what values and weights are, and whether invalid rows may be there.</param>
    /// <param name="isSequence">Whether a row is a list of positions.</param>
    /// <param name="count">Rows of the file.</param>
    public MixedDump(EvaluationOptions options, bool isSequence, int count = 150)
    {
        bool withInvalid = options.OnInvalid == InvalidRowPolicy.Skip;
        for (int r = 0; r < count; r++)
        {
            // Each seventh row is wrong, each time in another way.
            int defect = withInvalid && r % 7 == 3 ? r / 7 % 16 : -1;
            int length = r switch { 11 => 60, 12 => 0, _ => _random.Next(9) };
            var positions = Enumerable.Range(0, isSequence ? length : 1).Select(_ => (double?[]?)Values(options.Loss.Input)).ToList();
            var labels = positions.Select(_ => (long?)(_random.Next(6) == 0 ? options.IgnoreIndex : _random.Next(Classes))).ToList();
            var row = new Row(positions, labels)
            {
                Kind = r % 5 == 4 ? null : $"kind {r * r % 4}",
                Flag = r % 9 == 0 ? null : r % 3 == 0,
                Ratio = (r % 6) switch { 0 => double.NaN, 1 => null, 2 => double.NegativeInfinity, 3 => 0.1, _ => -2.5 },
                Size = r % 3 - 1,
                Weight = (r % 4) switch { 0 => 0, 1 => 1, _ => 3 * _random.NextDouble() },
                Bytes = r * 37 % 100,
                Target = Target(r),
                Multi = [.. Enumerable.Range(0, Classes).Select(c => (double?)((r + c) % 3 == 0 ? 1 : (r * c) % 5 == 1 ? 0.25 : 0))],
            };
            _rows.Add(Spoil(row, isSequence, defect));
        }

        IsSequence = isSequence;
    }

    public bool IsSequence { get; }

    public IReadOnlyList<Row> Rows => _rows;

    /// <param name="keep">Which rows; null for all.</param>
    /// <param name="times">How often they stand in the file.</param>
    public void Write(string path, Func<Row, bool>? keep = null, int groupRows = 40, int pageRows = 7, int times = 1)
    {
        var rows = Enumerable.Repeat(_rows.Where(keep ?? (_ => true)), times).SelectMany(r => r).ToArray();
        Array logits = IsSequence ? rows.Select(r => r.Positions?.ToArray()).ToArray() : rows.Select(r => r.Positions![0]).ToArray();
        Array labels = IsSequence ? rows.Select(r => r.Labels?.ToArray()).ToArray() : rows.Select(r => r.Labels![0]).ToArray();
        (string, Array)[] flat = IsSequence ? [] :
        [
            ("name", rows.Select(r => r.Labels![0] is { } label ? $"class {label}" : null).ToArray()),
            ("target", rows.Select(r => r.Target).ToArray()),
            ("multi", rows.Select(r => r.Multi).ToArray()),
        ];
        new NestedTable(
        [
            ("logits", logits),
            ("label", labels),
            .. flat,
            ("kind", rows.Select(r => r.Kind).ToArray()),
            ("flag", rows.Select(r => r.Flag).ToArray()),
            ("ratio", rows.Select(r => r.Ratio).ToArray()),
            ("size", rows.Select(r => r.Size).ToArray()),
            ("weight", rows.Select(r => r.Weight).ToArray()),
            ("bytes", rows.Select(r => r.Bytes).ToArray()),
        ])
        { GroupRows = groupRows, PageRows = pageRows }.Write(path);
    }

    private double?[] Values(LossInput input)
    {
        // Multiples of a quarter tie now and then; a class is masked now and then, where it can be.
        double[] logits = [.. Enumerable.Range(0, Classes).Select(_ => _random.Next(12) == 0 && !input.IsBinary() ? double.NegativeInfinity : _random.Next(2) == 0 ? _random.Next(-8, 9) / 4.0 : 6 * _random.NextDouble())];
        logits[_random.Next(Classes)] = _random.NextDouble();
        if (input is LossInput.Logits or LossInput.BinaryLogits)
        {
            return [.. logits];
        }

        if (input == LossInput.BinaryProbs)
        {
            return [.. logits.Select(z => (double?)(1 / (1 + Math.Exp(-z))))];
        }

        double sum = logits.Sum(Math.Exp);
        return [.. logits.Select(z => (double?)(input == LossInput.Probs ? Math.Exp(z) / sum : z - Math.Log(sum)))];
    }

    private static double?[] Target(int r)
    {
        double?[] target = [.. Enumerable.Repeat((double?)0, Classes)];
        target[r % Classes] = 0.75;
        target[r * r % Classes] += 0.25;
        return target;
    }

    private static Row Spoil(Row row, bool isSequence, int defect)
    {
        double?[]? first = row.Positions!.Count == 0 ? null : row.Positions[^1];
        switch (defect)
        {
            case < 0:
                return row;
            case 0 when first is not null:
                row.Labels![^1] = null;
                return row with { Target = null, Multi = null };
            case 1 when first is not null:
                row.Labels![^1] = Classes;
                return row with { Target = [.. row.Target!.Select(t => 2 * t)], Multi = [2, .. row.Multi![1..]] };
            case 2:
                return row with { Weight = -1 };
            case 3:
                return row with { Weight = null };
            case 4:
                return row with { Bytes = -5 };
            case 5 when first is not null:
                row.Positions[^1] = null;
                return row;
            case 6 when first is not null:
                row.Positions[^1] = first[1..];
                return row;
            case 7 when first is not null:
                first[3] = double.NaN;
                return row;
            case 8 when first is not null:
                first[2] = double.PositiveInfinity;
                return row;
            case 9 when first is not null:
                Array.Fill(first, double.NegativeInfinity);
                return row;
            case 10 when first is not null:
                // No distribution, where values are to be one.
                first[5] = 0.9;
                return row;
            case 11 when isSequence:
                row.Labels!.Add(1);
                return row;
            case 12 when isSequence && first is not null:
                row.Labels!.RemoveAt(0);
                return row;
            case 13 when isSequence:
                return row with { Labels = null };
            case 14 when isSequence:
                return row with { Positions = null };
            case 15 when first is not null:
                first[4] = null;
                return row;
            default:
                return row with { Target = row.Target![1..], Multi = row.Multi![1..], Weight = double.PositiveInfinity };
        }
    }

    /// <summary>Positions and labels are one where a row is no sequence.</summary>
    public sealed record Row(List<double?[]?>? Positions, List<long?>? Labels)
    {
        public string? Kind { get; init; }
        public bool? Flag { get; init; }
        public double? Ratio { get; init; }
        public long? Size { get; init; }
        public double? Weight { get; init; }
        public long? Bytes { get; init; }
        public double?[]? Target { get; init; }
        public double?[]? Multi { get; init; }
    }
}
