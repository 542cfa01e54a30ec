using System.Globalization;
using System.Text.Json;
using DistributedLoss.Results;

namespace DistributedLoss.Comparison;

/// <summary>A comparison as one JSON document, in the manner of <see cref="ResultJson"/>; docs/compare.md explains every field.</summary>
public static class ComparisonJson
{
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, ComparisonResult result)
    {
        using (var json = new Utf8JsonWriter(stream, ResultJson.Pretty))
        {
            json.WriteStartObject();
            json.WriteString("digest", result.Digest);
            json.WriteInteger("classes", result.Classes);
            json.WriteString("remark", result.Remark);
            WriteRows(json, result.Rows);
            WriteFigures(json, result.Figures, result.DenominatorUnit);
            WriteTests(json, result.Tests);
            WriteDivergence(json, result.Divergence);
            FiguresJson.WriteDistribution(json, result.Quantiles, result.Histogram);
            json.WriteLines("perClass", result.PerClass, WriteClass);
            WriteSlices(json, result);
            WriteMoved(json, result);
            WriteOptions(json, result.Options);
            WriteSide(json, "a", result.A);
            WriteSide(json, "b", result.B);
            WriteRun(json, result);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteRows(Utf8JsonWriter json, PairCounts rows)
    {
        json.WriteStartObject("rows");
        json.WriteNumber("total", rows.Total);
        json.WriteNumber("compared", rows.Compared);
        json.WriteNumber("ignored", rows.Ignored);
        json.WriteNumber("invalid", rows.Invalid);
        json.WriteNumber("onlyA", rows.OnlyA);
        json.WriteNumber("onlyB", rows.OnlyB);
        json.WriteEndObject();
    }

    private static void WriteFigures(Utf8JsonWriter json, PairedFigures figures, string unit)
    {
        json.WriteStartObject("loss");
        json.WriteDouble("a", figures.LossA);
        json.WriteDouble("b", figures.LossB);
        json.WriteDouble("denominator", figures.Denominator);
        json.WriteString("denominatorUnit", unit);
        json.WriteEndObject();
        var difference = figures.Difference;
        json.WriteStartObject("difference");
        json.WriteDouble("mean", difference.Mean);
        json.WriteDouble("standardError", difference.StandardError);
        WriteInterval(json, difference.Ci95);
        json.WriteDouble("min", difference.Min);
        json.WriteDouble("max", difference.Max);
        json.WriteNumber("better", difference.Better);
        json.WriteNumber("worse", difference.Worse);
        json.WriteNumber("ties", difference.Ties);
        json.WriteNumber("undefined", difference.Undefined);
        json.WriteEndObject();
        json.WriteStartObject("accuracy");
        json.WriteDouble("a", figures.AccuracyA);
        json.WriteDouble("b", figures.AccuracyB);
        json.WriteNumber("bothRight", figures.BothRight);
        json.WriteNumber("onlyARight", figures.OnlyARight);
        json.WriteNumber("onlyBRight", figures.OnlyBRight);
        json.WriteDouble("agreement", figures.Agreement);
        json.WriteEndObject();
    }

    // An object, so that a threshold can name one end.
    private static void WriteInterval(Utf8JsonWriter json, (double Low, double High)? interval)
    {
        json.WriteStartObject("ci95");
        json.WriteDouble("low", interval?.Low);
        json.WriteDouble("high", interval?.High);
        json.WriteEndObject();
    }

    private static void WriteTests(Utf8JsonWriter json, TestFigures tests)
    {
        json.WriteStartObject("tests");
        json.WriteDouble("t", tests.T);
        json.WriteInteger("degreesOfFreedom", tests.Degrees);
        json.WriteDouble("pairedT", tests.PairedT);
        json.WriteString("pairedTReason", tests.PairedTReason);
        json.WriteDouble("sign", tests.Sign);
        json.WriteDouble("permutation", tests.Permutation);
        json.WriteString("permutationReason", tests.PermutationReason);
        json.WriteDouble("mcNemar", tests.McNemar);
        json.WriteEndObject();
    }

    private static void WriteDivergence(Utf8JsonWriter json, DivergenceFigures divergence)
    {
        json.WriteStartObject("klDivergence");
        json.WriteDouble("mean", divergence.Mean);
        json.WriteNumber("infinite", divergence.Infinite);
        json.WriteString("reason", divergence.Reason);
        json.WriteEndObject();
    }

    private static void WriteClass(Utf8JsonWriter line, PairedClassFigures of)
    {
        var (counts, figures) = (of.Figures.Counts, of.Figures);
        line.WriteNumber("class", of.Class);
        if (of.Name is not null)
        {
            line.WriteString("name", of.Name);
        }

        line.WriteNumber("count", counts.Rows);
        line.WriteDouble("lossA", figures.MeanA);
        line.WriteDouble("lossB", figures.MeanB);
        line.WriteDouble("difference", figures.MeanDifference);
        line.WriteDouble("standardError", figures.StandardError);
        WriteInterval(line, of.Ci95);
        line.WriteNumber("better", counts.Better);
        line.WriteNumber("worse", counts.Worse);
        line.WriteNumber("correctA", counts.CorrectA);
        line.WriteNumber("correctB", counts.CorrectB);
    }

    private static void WriteSlices(Utf8JsonWriter json, ComparisonResult result)
    {
        json.WriteStartArray("slices");
        foreach (var slice in result.Slices)
        {
            json.WriteStartObject();
            ResultJson.WriteSliceKey(json, slice.Key);
            json.WriteNumber("compared", slice.Figures.Pairs);
            WriteFigures(json, slice.Figures, result.DenominatorUnit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMoved(Utf8JsonWriter json, ComparisonResult result)
    {
        json.WriteStartObject("moved");
        json.WriteLines("worse", result.Worse, Write);
        json.WriteLines("better", result.Better, Write);
        json.WriteEndObject();

        void Write(Utf8JsonWriter line, MovedRow row)
        {
            line.WriteDouble("difference", row.Difference);
            line.WriteDouble("lossA", row.LossA);
            line.WriteDouble("lossB", row.LossB);
            line.WriteString("fileA", row.FileA);
            line.WriteNumber("rowA", row.RowA);
            line.WriteString("fileB", row.FileB);
            line.WriteNumber("rowB", row.RowB);
            if (row.Index is { } index)
            {
                line.WriteNumber(result.IsBinary ? "class" : "position", index);
            }

            line.WriteDouble("label", row.Label);
            line.WriteNumber("predictedA", row.PredictedA);
            line.WriteNumber("predictedB", row.PredictedB);
        }
    }

    private static void WriteOptions(Utf8JsonWriter json, ComparisonOptions options)
    {
        json.WriteStartObject("options");
        json.WriteString("key", options.Key);
        json.WriteStartArray("sliceBy");
        foreach (var columns in options.SliceBy)
        {
            json.WriteStringValue(string.Join(',', columns));
        }

        json.WriteEndArray();
        json.WriteString("onInvalid", ResultOptions.Name(options.OnInvalid));
        json.WriteNumber("moved", options.Moved);
        json.WriteEndObject();
    }

    private static void WriteSide(Utf8JsonWriter json, string name, ComparedFiles side)
    {
        json.WriteStartObject(name);
        json.WriteString("kind", side.Kind);
        if (side.Options is { } options)
        {
            json.WriteStartObject("options");
            ResultOptions.WriteRows(json, options);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("options");
        }

        ResultJson.WriteFiles(json, side.Files);
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, ComparisonResult result)
    {
        json.WriteStartObject("timing");
        json.WriteString("started", result.Timing.Started.UtcDateTime.ToString(ResultJson.TimeFormat, CultureInfo.InvariantCulture));
        json.WriteDouble("seconds", result.Timing.Seconds);
        json.WriteEndObject();
        json.WriteStartObject("environment");
        json.WriteString("version", result.Environment.Version);
        json.WriteNumber("workers", result.Environment.Workers);
        json.WriteString("kernel", result.Environment.Kernel);
        json.WriteEndObject();
    }
}
