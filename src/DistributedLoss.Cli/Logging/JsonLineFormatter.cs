using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DistributedLoss.Cli.Configuration;
using Serilog.Events;
using Serilog.Formatting;

namespace DistributedLoss.Cli.Logging;

/// <summary>One JSON object a line: timestamp, level, event, message, then the event's properties in camelCase. Non-finite numbers are strings.</summary>
internal sealed class JsonLineFormatter : ITextFormatter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", LogLevels.Word(logEvent.Level));
            if (logEvent.Properties.TryGetValue(RunEventLog.EventProperty, out var name))
            {
                WriteValue(json, "event", name);
            }

            json.WriteString("message", TextLineFormatter.Message(logEvent));
            foreach (var (key, value) in logEvent.Properties)
            {
                if (key != RunEventLog.EventProperty)
                {
                    WriteValue(json, JsonNamingPolicy.CamelCase.ConvertName(key), value);
                }
            }

            if (logEvent.Exception is { } exception)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteValue(Utf8JsonWriter json, string name, LogEventPropertyValue value)
    {
        json.WritePropertyName(name);
        switch ((value as ScalarValue)?.Value)
        {
            case null when value is ScalarValue:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            default:
                // Events of this program hold scalars alone; other shapes can come from enrichers named in the configuration.
                json.WriteStringValue(value.ToString());
                break;
        }
    }
}
