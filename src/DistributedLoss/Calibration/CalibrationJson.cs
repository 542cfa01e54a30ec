using System.Text.Encodings.Web;
using System.Text.Json;
using DistributedLoss.Results;

namespace DistributedLoss.Calibration;

/// <summary>A calibration as one JSON document; docs/calibration.md explains every field.</summary>
public static class CalibrationJson
{
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, CalibrationResult result)
    {
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteDouble("temperature", result.Temperature);
            json.WriteString("remark", result.Remark);
            json.WriteNumber("passes", result.Passes);
            WriteCertificate(json, result);
            WriteLimit(json, result.Limit);
            WriteFigures(json, "before", result.Before);
            WriteFigures(json, "after", result.After);
            json.WriteLines("points", result.Points, (line, point) => WritePoint(line, point, result));
            ResultOptions.Write(json, result.Before);
            ResultJson.WriteFiles(json, result.Before.Files);
            ResultJson.WriteEnvironment(json, result.Before.Environment);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteCertificate(Utf8JsonWriter json, CalibrationResult result)
    {
        if (result.Certificate is not { } certificate)
        {
            json.WriteNull("certificate");
            return;
        }

        json.WriteStartObject("certificate");
        foreach (var (name, point) in ((string, TemperaturePoint?)[])
            [("low", certificate.Low), ("high", certificate.High), ("provenLow", certificate.ProvenLow), ("provenHigh", certificate.ProvenHigh)])
        {
            if (point is null)
            {
                json.WriteNull(name);
                continue;
            }

            json.WriteStartObject(name);
            WritePoint(json, point, result);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteLimit(Utf8JsonWriter json, TemperatureLimit? limit)
    {
        if (limit is null)
        {
            json.WriteNull("limit");
            return;
        }

        json.WriteStartObject("limit");
        json.WriteDouble("temperature", limit.Temperature);
        json.WriteDouble("meanLoss", limit.MeanLoss);
        json.WriteEndObject();
    }

    // Temperatures change no class's rows and hardly its figures: those are for evaluate.
    private static void WriteFigures(Utf8JsonWriter json, string name, EvaluationResult? result)
    {
        if (result is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("digest", result.Digest);
        FiguresJson.Write(json, result.Figures with { PerClass = [] });
        json.WriteEndObject();
    }

    private static void WritePoint(Utf8JsonWriter line, TemperaturePoint point, CalibrationResult result)
    {
        line.WriteDouble("temperature", point.Temperature);
        line.WriteDouble("meanLoss", result.MeanLoss(point));
        line.WriteDouble("slope", point.Slope);
        line.WriteDouble("curvature", point.Curvature);
        line.WriteDouble("slopeError", point.SlopeError);
    }
}
