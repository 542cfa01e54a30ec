using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DistributedLoss.Results;

/// <summary>How results write numbers and long lists.</summary>
internal static class JsonLines
{
    // The bytes that may wait in memory: a hundred thousand classes are written as they come.
    private const int FlushAt = 1 << 16;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An array of objects, each on one line: a thousand classes are then a thousand lines, not nine thousand.</summary>
    public static void WriteLines<T>(this Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write) =>
        json.WriteEach(name, items, (line, item) =>
        {
            line.WriteStartObject();
            write(line, item);
            line.WriteEndObject();
        });

    /// <summary>An array of arrays of counts, each on one line.</summary>
    public static void WriteMatrix(this Utf8JsonWriter json, string name, IReadOnlyList<long[]> rows) =>
        json.WriteEach(name, rows, static (line, row) =>
        {
            line.WriteStartArray();
            foreach (long count in row)
            {
                line.WriteNumberValue(count);
            }

            line.WriteEndArray();
        });

    public static void WriteInteger(this Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    public static void WriteDouble(this Utf8JsonWriter json, string? name, double? value)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }

        if (value is not { } number)
        {
            json.WriteNullValue();
        }
        else if (double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void WriteEach<T>(this Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var line = new Utf8JsonWriter(buffer, Compact);
        json.WriteStartArray(name);

        // A raw value brings its own white space.
        byte[] newLine = [(byte)'\n', .. Enumerable.Repeat((byte)' ', 2 * json.CurrentDepth)];
        foreach (var item in items)
        {
            buffer.Write(newLine);
            write(line, item);
            line.Flush();
            json.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
            buffer.ResetWrittenCount();
            line.Reset();
            if (json.BytesPending > FlushAt)
            {
                json.Flush();
            }
        }

        json.WriteEndArray();
    }
}
