using System.Text.Json;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Results;

/// <summary>What <see cref="FiguresJson"/> writes, read back.</summary>
internal static class FiguresReader
{
    /// <param name="topK">The k of the accuracies.</param>
    /// <exception cref="FormatException">A member is missing, or of no use.</exception>
    public static EvaluationFigures Read(JsonElement json, IReadOnlyList<int> topK)
    {
        var accuracy = json.Member("accuracy");
        return new EvaluationFigures
        {
            Rows = ReadRows(json.Member("rows")),
            Loss = ReadLoss(json.Member("loss")),
            Groups = json.Optional("groups") is { } groups ? ReadGroups(groups) : null,
            Accuracy = [.. topK.Select(k => new TopKFigure(k, accuracy.Number($"top{k}")))],
            Binary = json.Optional("binary") is { } binary ? new BinaryFigures(ReadMeasures(binary.Member("micro")), ReadMeasures(binary.Member("macro"))) : null,
            MeanReciprocalRank = accuracy.Number("meanReciprocalRank"),
            Calibration = json.Optional("calibration") is { } calibration ? ReadCalibration(calibration) : null,
            Brier = json.Number("brier"),
            Entropy = json.Number("entropy"),
            Divergence = json.Number("klDivergence"),
            Quantiles = json.Optional("quantiles") is { } quantiles ? ReadQuantiles(quantiles, json) : null,
            PerClass = json.List("perClass", ReadClass),
            Confusion = json.Optional("confusion") is { } confusion ? ReadConfusion(confusion) : null,
        };
    }

    private static RowFigures ReadRows(JsonElement rows) => new(
        rows.Count("total"),
        rows.Count("evaluated"),
        rows.Count("ignored"),
        rows.Member("invalid").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64()));

    private static LossFigures ReadLoss(JsonElement loss) => new()
    {
        Mean = loss.Number("mean"),
        Sum = loss.Number("sum"),
        Denominator = loss.RequiredNumber("denominator"),
        DenominatorUnit = loss.RequiredText("denominatorUnit"),
        StandardError = loss.Number("standardError"),
        Ci95 = ReadInterval(loss),
        Bits = loss.Number("bits"),
        Bytes = loss.Number("bytes"),
        BitsPerByte = loss.Number("bitsPerByte"),
        Perplexity = loss.Number("perplexity"),
        Min = loss.Number("min"),
        Max = loss.Number("max"),
        Infinite = loss.Count("infinite"),
        Undefined = loss.Count("undefined"),
    };

    private static (double Low, double High)? ReadInterval(JsonElement parent) => parent.OptionalList("ci95", v => v.AsNumber()) switch
    {
        null => null,
        [{ } low, { } high] => (low, high),
        _ => throw new FormatException("ci95 is no pair of numbers"),
    };

    private static GroupFigures ReadGroups(JsonElement groups) => new(
        groups.RequiredText("by"), groups.Count("count"), groups.Number("mean"), groups.Number("standardError"), ReadInterval(groups));

    private static BinaryMeasures ReadMeasures(JsonElement measures) => new(
        measures.Number("recall"), measures.Number("precision"), measures.Number("f1"), measures.Number("accuracy"));

    private static CalibrationFigures ReadCalibration(JsonElement calibration) => new(
        calibration.Number("ece"), calibration.Number("mce"), calibration.Number("meanConfidence"), [.. calibration.List("bins", ReadBin)]);

    private static ReliabilityBin ReadBin(JsonElement bin)
    {
        long count = bin.Count("count");
        double? accuracy = bin.Number("accuracy");
        // The quotient is correctly rounded: no other number of rows gives it.
        return new ReliabilityBin(
            bin.RequiredNumber("low"), bin.RequiredNumber("high"), count, (long)Math.Round((accuracy ?? 0) * count), accuracy, bin.Number("meanConfidence"));
    }

    private static DistributionFigures ReadQuantiles(JsonElement quantiles, JsonElement parent) => new(
        [.. quantiles.EnumerateObject().Select(p => new QuantileFigure(p.Name, p.Value.AsNumber()))],
        [.. parent.List("histogram", bar => new HistogramBar(bar.RequiredNumber("low"), bar.RequiredNumber("high"), bar.Count("count")))]);

    private static ClassFigures ReadClass(JsonElement line) => new(
        line.Integer("class"),
        line.Count("count"),
        line.RequiredNumber("lossSum"),
        line.Number("lossMean"),
        line.Count("correct"),
        line.Count("predicted"),
        line.Number("recall"),
        line.Number("precision"),
        line.Number("f1"))
    {
        Name = line.TextIfAny("name"),
        MeanProbability = line.NumberIfAny("meanProbability"),
        Bias = line.NumberIfAny("bias"),
    };

    private static ConfusionFigures ReadConfusion(JsonElement confusion) => new(
        confusion.OptionalList<long[]>("matrix", row => [.. row.EnumerateArray().Select(v => v.GetInt64())]),
        confusion.List("mostConfused", pair => new ConfusedPair(pair.Integer("label"), pair.Integer("predicted"), pair.Count("count"))));
}
