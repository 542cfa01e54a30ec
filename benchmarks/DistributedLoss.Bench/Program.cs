using System.Text.Json;
using System.Text.Json.Serialization;
using DistributedLoss.Bench;

// One line of JSON in, one line of JSON out, until the input ends: {"op": "evaluate", ...} (Evaluation) or {"op": "convert", ...} (Conversion).
// What fails is answered with {"error": "..."}.
var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
while (Console.ReadLine() is { } line)
{
    object answer;
    try
    {
        using var request = JsonDocument.Parse(line);
        answer = request.RootElement.GetProperty("op").GetString() switch
        {
            "evaluate" => await request.RootElement.Deserialize<Evaluation>(json)!.RunAsync(),
            "convert" => request.RootElement.Deserialize<Conversion>(json)!.Run(),
            var other => throw new InvalidDataException($"op {other} is neither evaluate nor convert"),
        };
    }
    // The other side reports what went wrong, and goes on with another line of its table.
    catch (Exception e)
    {
        answer = new { error = $"{e.GetType().Name}: {e.Message}" };
    }

    Console.WriteLine(JsonSerializer.Serialize(answer, answer.GetType(), json));
}
