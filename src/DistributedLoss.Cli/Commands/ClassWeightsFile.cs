using System.Text.Json;

namespace DistributedLoss.Cli.Commands;

/// <summary>The file of <c>--class-weights</c> or <c>--pos-weight</c>: a JSON array of one number a class.</summary>
internal static class ClassWeightsFile
{
    private const int MaxBytes = 64 << 20; // room for millions of classes

    /// <exception cref="CliException">The file cannot be read, or is no array of finite numbers of at least 0.</exception>
    /// <param name="option">Whose file it is, for messages.</param>
    public static double[] Read(string option, string path)
    {
        using var document = Parse(option, path);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(option, path, "not a JSON array");
        }

        var weights = new double[document.RootElement.GetArrayLength()];
        int c = 0;
        foreach (var element in document.RootElement.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !double.IsFinite(weights[c] = element.GetDouble()) || weights[c] < 0)
            {
                throw Wrong(option, path, $"the weight of class {c} is {Shown(element)}");
            }

            c++;
        }

        return weights;
    }

    private static JsonDocument Parse(string option, string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return file.Length <= MaxBytes ? JsonDocument.Parse(file) : throw Wrong(option, path, $"{file.Length} bytes are too many");
        }
        catch (JsonException e)
        {
            throw Wrong(option, path, $"no JSON (line {e.LineNumber + 1})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{option} {path}: {CliException.Reason(e)}; check the path and its permissions");
        }
    }

    private static string Shown(JsonElement element)
    {
        string text = element.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= 40 ? text : text[..40] + "...";
    }

    private static CliException Wrong(string option, string path, string what) =>
        CliException.Usage($"{option} {path}: {what}; write a JSON array of one number a class, finite and at least 0");
}
