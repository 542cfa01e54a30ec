using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Kernels;

namespace DistributedLoss.Numerics.Tests.Kernels;

/// <summary>The losses of rows and how they change with the temperature, as the evaluators of slopes give them.</summary>
internal sealed record Sloped(double[] Loss, double[] Slope, double[] Curvature, double[] Error)
{
    public static Sloped Of(string kernel, GoldenSlope row)
    {
        if (row.IsBinary)
        {
            var element = New(1);
            new BinarySlopeEvaluator(RowKernel.Parse(kernel), 1, row.Temperature, [row.Positive]).Evaluate(Block([row.Value]), row.Target!, default, element.Slopes);
            return element;
        }

        double labelWeight = row.Weight * (row.ClassWeights?[row.Label] ?? 1);
        return row.Target is null
            ? Of(kernel, row.Function, LogitType.Float64, Bytes(row.Logits()), row.Classes, [row.Label], [labelWeight], [row.Weight], row.ClassWeights)
            : OfTargets(kernel, row.Function, LogitType.Float64, Bytes(row.Logits()), row.Classes, row.Target, [row.Label], [row.Weight], row.ClassWeights);
    }

    /// <param name="cut">Rows evaluated at once.</param>
    public static Sloped Of(
        string kernel, LossFunction function, LogitType type, byte[] values, int classes, int[] labels, double[] weights, double[] restWeights, double[]? classWeights, int cut = int.MaxValue)
    {
        var evaluator = new SlopeEvaluator(RowKernel.Parse(kernel), function, classes, classWeights);
        var all = New(labels.Length);
        foreach (var (first, n) in Cuts(labels.Length, cut))
        {
            evaluator.Evaluate(
                Block(type, values, classes, first, n), labels.AsSpan(first, n), weights.AsSpan(first, n), restWeights.AsSpan(first, n), all.Slice(first, n));
        }

        return all;
    }

    /// <inheritdoc cref="Of(string, LossFunction, LogitType, byte[], int, int[], double[], double[], double[], int)"/>
    public static Sloped OfTargets(
        string kernel, LossFunction function, LogitType type, byte[] values, int classes, double[] targets, int[] labels, double[] weights, double[]? classWeights, int cut = int.MaxValue)
    {
        var evaluator = new SlopeEvaluator(RowKernel.Parse(kernel), function, classes, classWeights);
        var all = New(labels.Length);
        foreach (var (first, n) in Cuts(labels.Length, cut))
        {
            evaluator.Evaluate(
                Block(type, values, classes, first, n), targets.AsSpan(first * classes), labels.AsSpan(first, n), weights.AsSpan(first, n), all.Slice(first, n));
        }

        return all;
    }

    /// <inheritdoc cref="Of(string, LossFunction, LogitType, byte[], int, int[], double[], double[], double[], int)"/>
    public static Sloped OfElements(
        string kernel, double temperature, LogitType type, byte[] values, int classes, double[] targets, double[] weights, double[] positive, int cut = int.MaxValue)
    {
        var evaluator = new BinarySlopeEvaluator(RowKernel.Parse(kernel), classes, temperature, positive);
        var all = New(targets.Length);
        foreach (var (first, n) in Cuts(targets.Length / classes, cut))
        {
            evaluator.Evaluate(
                Block(type, values, classes, first, n),
                targets.AsSpan(first * classes),
                weights.AsSpan(first * classes, n * classes),
                all.Slice(first * classes, n * classes));
        }

        return all;
    }

    public LossSlopes Slopes => Slice(0, Loss.Length);

    public string Bits() => string.Join(' ', Loss.Concat(Slope).Concat(Curvature).Concat(Error).Select(x => $"{BitConverter.DoubleToInt64Bits(x):x}"));

    public static Sloped New(int rows) => new(new double[rows], new double[rows], new double[rows], new double[rows]);

    public LossSlopes Slice(int first, int n) => new(Loss.AsSpan(first, n), Slope.AsSpan(first, n), Curvature.AsSpan(first, n), Error.AsSpan(first, n));

    public static byte[] Bytes(double[] values) => MemoryMarshal.AsBytes<double>(values).ToArray();

    private static LogitBlock Block(double[] row) => LogitBlock.RowMajor(LogitType.Float64, MemoryMarshal.AsBytes<double>(row), 1, row.Length);

    private static LogitBlock Block(LogitType type, byte[] values, int classes, int first, int n) =>
        LogitBlock.RowMajor(type, values.AsSpan(first * classes * type.Size(), n * classes * type.Size()), n, classes);

    private static IEnumerable<(int First, int Rows)> Cuts(int rows, int cut)
    {
        for (int first = 0; first < rows; first += Math.Min(cut, rows - first))
        {
            yield return (first, Math.Min(cut, rows - first));
        }
    }
}
