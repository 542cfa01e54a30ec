using System.Text.Json;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Results;

/// <summary>What <see cref="ResultJson"/> writes, read back: written again, it is the same bytes.</summary>
public static class ResultReader
{
    // Far more than a result of millions of classes has; a dump given by mistake is refused before it is read.
    private const long MaxBytes = 2L << 30;

    /// <exception cref="BadInputException">The file is not there, or no result of this program.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static EvaluationResult Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
            {
                throw new FormatException($"it has {stream.Length:N0} bytes");
            }

            using var document = JsonDocument.Parse(stream);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: {(e is UnauthorizedAccessException ? "cannot be read" : "there is no such file")}; name a result that evaluate --output wrote");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new BadInputException($"{path}: this is no result of dloss ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); name a file that evaluate --output wrote");
        }
    }

    private static EvaluationResult Read(JsonElement json)
    {
        var options = json.Member("options");
        var topK = options.List("topK", k => k.GetInt32());
        var figures = FiguresReader.Read(json, topK);
        int? classes = json.Optional("classes")?.GetInt32();
        if (figures.PerClass.Count != (classes ?? 0))
        {
            throw new FormatException($"perClass has {figures.PerClass.Count} entries for {classes ?? 0} classes");
        }

        return new EvaluationResult
        {
            Digest = json.RequiredText("digest"),
            Classes = classes,
            Sequences = json.Optional("sequences")?.GetInt64(),
            Figures = figures,
            Slices = json.List("slices", slice => ReadSlice(slice, topK)),
            Hardest = json.List("hardest", ReadHardRow),
            Options = ResultOptions.Read(options, figures, json.Member("slices").GetArrayLength()),
            Files = (InputFile[])[.. json.Member("files").EnumerateArray().Select(ReadFile)] is { Length: > 0 } files ? files : throw new FormatException("files is empty"),
            Shards = ReadShards(json.Member("shards")),
            Timing = ReadTiming(json.Member("timing")),
            Environment = ReadEnvironment(json.Member("environment")),
        };
    }

    private static SliceFigures ReadSlice(JsonElement slice, IReadOnlyList<int> topK) => new(
        [.. slice.Member("slice").EnumerateObject().Select(p => (p.Name, p.Value.GetString()))], FiguresReader.Read(slice, topK));

    private static HardRow ReadHardRow(JsonElement row) => new(
        row.RequiredText("file"),
        row.Integer("rowGroup"),
        row.Count("row"),
        row.Integer("label"),
        row.Integer("predicted"),
        row.Integer("rank"),
        row.RequiredNumber("loss"))
    {
        Position = row.TryGetProperty("position", out var position) ? position.GetInt32() : null,
    };

    private static InputFile ReadFile(JsonElement file, int index) => new(
        index,
        file.RequiredText("path"),
        file.Count("bytes"),
        default,
        file.RequiredText("footerDigest"),
        file.Count("rows"),
        file.Integer("rowGroups"))
    {
        Sha256 = file.TryGetProperty("sha256", out var sha256) ? sha256.GetString() : null,
    };

    private static ShardFigures ReadShards(JsonElement shards) => new(
        shards.Integer("total"), shards.Integer("retried"), shards.Integer("speculated"), shards.Integer("duplicates"))
    {
        // Results of versions before it have none.
        History = shards.TryGetProperty("history", out var history) ? HistoryJson.Read(history) : null,
    };

    private static TimingFigures ReadTiming(JsonElement timing) => new(
        timing.Time("started"),
        timing.RequiredNumber("planSeconds"),
        timing.RequiredNumber("evaluateSeconds"),
        timing.RequiredNumber("rowsPerSecond"),
        timing.RequiredNumber("logitsPerSecond"),
        timing.Count("bytesRead"));

    private static EnvironmentFigures ReadEnvironment(JsonElement environment) => new(
        environment.RequiredText("version"),
        environment.RequiredText("engine"),
        environment.Integer("workers"),
        environment.RequiredText("kernel"),
        environment.RequiredText("runtime"),
        environment.RequiredText("operatingSystem"),
        environment.RequiredText("architecture"),
        environment.Integer("processors"));
}
