using System.Text.Json;
using DistributedLoss.Numerics.Statistics;

namespace DistributedLoss.Results;

/// <summary>The figures of all rows, or of a slice, as members of a JSON object.</summary>
internal static class FiguresJson
{
    public static void Write(Utf8JsonWriter json, EvaluationFigures figures)
    {
        WriteRows(json, figures.Rows);
        WriteLoss(json, figures.Loss);
        WriteGroups(json, figures.Groups);
        json.WriteStartObject("accuracy");
        foreach (var figure in figures.Accuracy)
        {
            json.WriteDouble($"top{figure.K}", figure.Value);
        }

        if (figures.Binary is { } binary)
        {
            json.WriteDouble("elements", binary.Micro.Accuracy);
        }

        json.WriteDouble("meanReciprocalRank", figures.MeanReciprocalRank);
        json.WriteEndObject();
        WriteBinary(json, figures.Binary);
        WriteCalibration(json, figures.Calibration);
        json.WriteDouble("brier", figures.Brier);
        json.WriteDouble("entropy", figures.Entropy);
        json.WriteDouble("klDivergence", figures.Divergence);
        WriteQuantiles(json, figures.Quantiles);
        json.WriteLines("perClass", figures.PerClass, WriteClass);
        WriteConfusion(json, figures.Confusion);
    }

    private static void WriteRows(Utf8JsonWriter json, RowFigures rows)
    {
        json.WriteStartObject("rows");
        json.WriteNumber("total", rows.Total);
        json.WriteNumber("evaluated", rows.Evaluated);
        json.WriteNumber("ignored", rows.Ignored);
        json.WriteStartObject("invalid");
        foreach (var (cause, count) in rows.Invalid)
        {
            json.WriteNumber(cause, count);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLoss(Utf8JsonWriter json, LossFigures loss)
    {
        json.WriteStartObject("loss");
        json.WriteDouble("mean", loss.Mean);
        json.WriteDouble("sum", loss.Sum);
        json.WriteDouble("denominator", loss.Denominator);
        json.WriteString("denominatorUnit", loss.DenominatorUnit);
        json.WriteDouble("standardError", loss.StandardError);
        WriteInterval(json, loss.Ci95);
        json.WriteDouble("bits", loss.Bits);
        json.WriteDouble("bytes", loss.Bytes);
        json.WriteDouble("bitsPerByte", loss.BitsPerByte);
        json.WriteDouble("perplexity", loss.Perplexity);
        json.WriteDouble("min", loss.Min);
        json.WriteDouble("max", loss.Max);
        json.WriteNumber("infinite", loss.Infinite);
        json.WriteNumber("undefined", loss.Undefined);
        json.WriteEndObject();
    }

    private static void WriteClass(Utf8JsonWriter line, ClassFigures figures)
    {
        line.WriteNumber("class", figures.Class);
        if (figures.Name is not null)
        {
            line.WriteString("name", figures.Name);
        }

        line.WriteNumber("count", figures.Count);
        line.WriteDouble("lossSum", figures.LossSum);
        line.WriteDouble("lossMean", figures.LossMean);
        line.WriteNumber("correct", figures.Correct);
        line.WriteNumber("predicted", figures.Predicted);
        line.WriteDouble("recall", figures.Recall);
        line.WriteDouble("precision", figures.Precision);
        line.WriteDouble("f1", figures.F1);
        if (figures.MeanProbability is not null)
        {
            line.WriteDouble("meanProbability", figures.MeanProbability);
            line.WriteDouble("bias", figures.Bias);
        }
    }

    private static void WriteGroups(Utf8JsonWriter json, GroupFigures? groups)
    {
        if (groups is null)
        {
            json.WriteNull("groups");
            return;
        }

        json.WriteStartObject("groups");
        json.WriteString("by", groups.By);
        json.WriteNumber("count", groups.Count);
        json.WriteDouble("mean", groups.Mean);
        json.WriteDouble("standardError", groups.StandardError);
        WriteInterval(json, groups.Ci95);
        json.WriteEndObject();
    }

    private static void WriteBinary(Utf8JsonWriter json, BinaryFigures? figures)
    {
        if (figures is null)
        {
            json.WriteNull("binary");
            return;
        }

        json.WriteStartObject("binary");
        foreach (var (name, measures) in (ReadOnlySpan<(string, BinaryMeasures)>)[("micro", figures.Micro), ("macro", figures.Macro)])
        {
            json.WriteStartObject(name);
            json.WriteDouble("recall", measures.Recall);
            json.WriteDouble("precision", measures.Precision);
            json.WriteDouble("f1", measures.F1);
            json.WriteDouble("accuracy", measures.Accuracy);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteCalibration(Utf8JsonWriter json, CalibrationFigures? calibration)
    {
        if (calibration is null)
        {
            json.WriteNull("calibration");
            return;
        }

        json.WriteStartObject("calibration");
        json.WriteDouble("ece", calibration.Ece);
        json.WriteDouble("mce", calibration.Mce);
        json.WriteDouble("meanConfidence", calibration.MeanConfidence);
        json.WriteLines("bins", calibration.Bins, static (line, bin) =>
        {
            line.WriteDouble("low", bin.Low);
            line.WriteDouble("high", bin.High);
            line.WriteNumber("count", bin.Count);
            line.WriteDouble("accuracy", bin.Accuracy);
            line.WriteDouble("meanConfidence", bin.MeanConfidence);
        });
        json.WriteEndObject();
    }

    private static void WriteQuantiles(Utf8JsonWriter json, DistributionFigures? distribution)
    {
        if (distribution is null)
        {
            json.WriteNull("quantiles");
            json.WriteNull("histogram");
            return;
        }

        WriteDistribution(json, distribution.Quantiles, distribution.Histogram);
    }

    internal static void WriteDistribution(Utf8JsonWriter json, IReadOnlyList<QuantileFigure> quantiles, IReadOnlyList<HistogramBar> histogram)
    {
        json.WriteStartObject("quantiles");
        foreach (var (name, value) in quantiles)
        {
            json.WriteDouble(name, value);
        }

        json.WriteEndObject();
        json.WriteLines("histogram", histogram, static (line, bar) =>
        {
            line.WriteDouble("low", bar.Low);
            line.WriteDouble("high", bar.High);
            line.WriteNumber("count", bar.Count);
        });
    }

    private static void WriteConfusion(Utf8JsonWriter json, ConfusionFigures? confusion)
    {
        if (confusion is null)
        {
            json.WriteNull("confusion");
            return;
        }

        json.WriteStartObject("confusion");
        json.WriteLines("mostConfused", confusion.MostConfused, static (line, pair) =>
        {
            line.WriteNumber("label", pair.Label);
            line.WriteNumber("predicted", pair.Predicted);
            line.WriteNumber("count", pair.Count);
        });
        if (confusion.Matrix is { } matrix)
        {
            json.WriteMatrix("matrix", matrix);
        }
        else
        {
            json.WriteNull("matrix");
        }

        json.WriteEndObject();
    }

    private static void WriteInterval(Utf8JsonWriter json, (double Low, double High)? interval)
    {
        if (interval is var (low, high))
        {
            json.WriteStartArray("ci95");
            json.WriteDouble(null, low);
            json.WriteDouble(null, high);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("ci95");
        }
    }
}
