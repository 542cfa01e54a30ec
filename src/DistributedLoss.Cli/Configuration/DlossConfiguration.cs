using System.Globalization;
using System.Text;
using System.Text.Json;
using DistributedLoss.Cli.Engines;
using DistributedLoss.Numerics.Kernels;
using Serilog.Events;

namespace DistributedLoss.Cli.Configuration;

/// <summary>
/// dloss.json and the environment variables over it, as flat keys (<c>logging:level:text</c>) the way Microsoft.Extensions.Configuration names them.
/// Read by hand: a configuration stack costs more start-up time than a small evaluation takes.
/// </summary>
internal sealed class DlossConfiguration
{
    public const string FileVariable = "DLOSS_CONFIG";

    public const string LevelVariable = "DLOSS_LOG_LEVEL";

    private const string Prefix = "DLOSS_";

    private const string SerilogSection = "Serilog:";

    private static readonly string[] Known =
    [
        "logging:level:text", "logging:level:textFile", "logging:level:service", "logging:level:json",
        "engine:name", "engine:workers", "engine:progressSeconds",
        "broker:uri", "broker:ca", "broker:cert", "broker:key", "broker:waitSeconds", "broker:livenessSeconds",
        "worker:slots", "worker:graceSeconds", "worker:idleExitSeconds",
        "http:listen", "http:stallSeconds", "http:awaySeconds",
    ];

    private const double WeekSeconds = 604_800;

    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly CliConsole _console;

    private DlossConfiguration(CliConsole console) => _console = console;

    /// <summary>Keys of the <c>Serilog</c> section, which Serilog.Settings.Configuration reads; mostly none.</summary>
    public IReadOnlyDictionary<string, string?> Serilog
    {
        get
        {
            var section = new Dictionary<string, string?>();
            foreach (var (key, value) in _values)
            {
                if (key.StartsWith(SerilogSection, StringComparison.OrdinalIgnoreCase))
                {
                    section.Add(key, value);
                }
            }

            return section;
        }
    }

    /// <summary>Workers when the command line names no number; null for one a processor.</summary>
    public int? Workers => Number("engine:workers", 0, WorkerLimit) is > 0 and var workers ? (int)workers : null;

    /// <summary>How long a broker that is away is tried for; null for what the command does by itself.</summary>
    public TimeSpan? BrokerWait => Seconds("broker:waitSeconds", 0);

    public TimeSpan? Liveness => Seconds("broker:livenessSeconds", 2);

    /// <summary>Slots of a worker process; null for one a processor.</summary>
    public int? WorkerSlots => Number("worker:slots", 0, WorkerLimit) is > 0 and var slots ? (int)slots : null;

    public TimeSpan? WorkerGrace => Seconds("worker:graceSeconds", 0);

    /// <summary>Null for a worker that waits for ever.</summary>
    public TimeSpan? WorkerIdleLimit => Seconds("worker:idleExitSeconds", 0) is { Ticks: > 0 } limit ? limit : null;

    public TimeSpan ProgressInterval => TimeSpan.FromSeconds(Number("engine:progressSeconds", 0.1, 86_400) ?? 5);

    /// <summary>As <c>--http</c> has it; null where nothing listens.</summary>
    public string? HttpListen => Value("http:listen");

    /// <summary>How long a run may stand still before <c>/healthz</c> says so.</summary>
    public TimeSpan StallLimit => TimeSpan.FromSeconds(Number("http:stallSeconds", 1, WeekSeconds) ?? 300);

    /// <summary>How long a worker may be without its broker before <c>/healthz</c> says so.</summary>
    public TimeSpan AwayLimit => TimeSpan.FromSeconds(Number("http:awaySeconds", 1, WeekSeconds) ?? 60);

    /// <summary>More threads than any machine has cores.</summary>
    public const int WorkerLimit = 4096;

    /// <summary>The level that DLOSS_LOG_LEVEL asks for.</summary>
    public LogEventLevel? LevelOverride =>
        _console.Variable(LevelVariable) is { Length: > 0 } text
            ? LogLevels.Parse(text) ?? throw CliException.Usage($"{LevelVariable}={text}: not one of {LogLevels.Words}")
            : null;

    /// <summary>The engine where the command line names none; null where nobody does.</summary>
    /// <param name="engines">Those that the command takes.</param>
    public string? Engine(string[] engines) => Value("engine:name") is not { } name || EngineNames.Refusal(name, engines) is not { } refusal
        ? Value("engine:name")
        : throw CliException.Usage($"configuration: engine.name is '{name}': {refusal}");

    /// <summary>A text; null where it is missing or empty.</summary>
    public string? Text(string key) => Value(key);

    public LogEventLevel Level(string sink, LogEventLevel fallback) =>
        Value($"logging:level:{sink}") is { } text
            ? LogLevels.Parse(text) ?? throw CliException.Usage($"configuration: logging.level.{sink} is '{text}', not one of {LogLevels.Words}")
            : fallback;

    /// <exception cref="CliException">The file cannot be read, is no JSON, or holds a key that nothing reads.</exception>
    public static DlossConfiguration Load(CliConsole console)
    {
        var configuration = new DlossConfiguration(console);
        string? named = console.Variable(FileVariable) is { Length: > 0 } variable ? variable : null;
        string path = named ?? Path.Combine(AppContext.BaseDirectory, "dloss.json");
        if (named is not null || File.Exists(path))
        {
            configuration.ReadFile(path);
        }

        foreach (var (name, value) in console.Variables)
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && name.Contains("__", StringComparison.Ordinal))
            {
                configuration.Set(name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), value, name);
            }
        }

        configuration.CheckKernel();
        return configuration;
    }

    /// <summary>Ahead of the run: a kernel that does not exist is a mistake of the caller, not of the program.</summary>
    private void CheckKernel()
    {
        if (_console.Variable(RowKernel.Variable) is { Length: > 0 } kernel && RowKernel.All.All(k => k.Name != kernel))
        {
            throw CliException.Usage($"{RowKernel.Variable}={kernel}: not one of {string.Join(", ", RowKernel.All.Select(k => k.Name))}");
        }
    }

    private void ReadFile(string path)
    {
        try
        {
            var reader = new Utf8JsonReader(File.ReadAllBytes(path), new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw CliException.Usage($"{path}: a configuration is one JSON object, not {reader.TokenType}; see docs/logging.md");
            }

            Flatten(ref reader, "", path);
            reader.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{path}: {CliException.Reason(e)}; check {FileVariable}");
        }
        catch (JsonException e)
        {
            throw CliException.Usage($"{path}: not valid JSON at line {e.LineNumber + 1}; correct it, or name another file in {FileVariable}");
        }
        catch (InvalidOperationException)
        {
            throw CliException.Usage($"{path}: a text in it is not valid UTF-8; correct it, or name another file in {FileVariable}");
        }
    }

    /// <summary>Reads on to the end of the value that the reader is at.</summary>
    private void Flatten(ref Utf8JsonReader reader, string key, string source)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    string name = reader.GetString()!;
                    reader.Read();
                    Flatten(ref reader, key.Length == 0 ? name : $"{key}:{name}", source);
                }

                break;
            case JsonTokenType.StartArray:
                for (int index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
                {
                    Flatten(ref reader, $"{key}:{index}", source);
                }

                break;
            case JsonTokenType.Null:
                Set(key, null, source);
                break;
            case JsonTokenType.String:
                Set(key, reader.GetString(), source);
                break;
            default:
                // Numbers as they are written; true and false.
                Set(key, Encoding.UTF8.GetString(reader.ValueSpan), source);
                break;
        }
    }

    private void Set(string key, string? value, string source)
    {
        if (!key.StartsWith(SerilogSection, StringComparison.OrdinalIgnoreCase) && !Known.Contains(key, StringComparer.OrdinalIgnoreCase))
        {
            throw CliException.Usage(
                $"{source}: unknown setting '{key.Replace(':', '.')}'; known are {string.Join(", ", Known.Select(k => k.Replace(':', '.')))} and Serilog");
        }

        _values[key] = value;
    }

    private string? Value(string key) => _values.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

    private TimeSpan? Seconds(string key, double min) => Number(key, min, WeekSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private double? Number(string key, double min, double max)
    {
        if (Value(key) is not { } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max
            ? value
            : throw CliException.Usage($"configuration: {key.Replace(':', '.')} is '{text}', not a number from {min} to {max}");
    }
}
