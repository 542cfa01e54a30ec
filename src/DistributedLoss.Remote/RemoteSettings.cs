using System.Globalization;

namespace DistributedLoss.Remote;

/// <summary>How patient requests are, and what they may take: <c>docs/inputs.md</c>.</summary>
internal sealed record RemoteSettings
{
    public const string AuthorizationVariable = "DLOSS_HTTP_AUTHORIZATION";
    public const string TimeoutVariable = "DLOSS_HTTP_TIMEOUT";
    public const string RetriesVariable = "DLOSS_HTTP_RETRIES";

    /// <summary>Least bytes that must come within <see cref="Timeout"/>: an answer that only drips is as good as none.</summary>
    public const int LeastProgress = 16 << 10;

    /// <summary>Longest wait before another attempt; who asks for more with Retry-After is not asked again.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    /// <summary>Without an answer, or without <see cref="LeastProgress"/> more of it, an attempt is given up.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Attempts after the first that may bring nothing.</summary>
    public int Retries { get; init; } = 8;

    /// <summary>Before the first retry, on average; twice as long before each further one, up to <see cref="LastWait"/>.</summary>
    public TimeSpan FirstWait => Timeout / 100;

    public TimeSpan LastWait => Timeout / 2;

    /// <summary>A host, and after a space the Authorization header of requests to it; null sends none.</summary>
    public string? Authorization { get; init; }

    /// <summary>Bytes that one open file may fetch ahead.</summary>
    public int BudgetBytes { get; init; } = RemoteFiles.BytesAhead;

    /// <summary>Requests of one open file that are under way at once.</summary>
    public int Requests { get; init; } = 16;

    /// <exception cref="Parquet.ParquetException">A variable has a value that it cannot have.</exception>
    public static RemoteSettings Read(Func<string, string?> variable)
    {
        var settings = new RemoteSettings();
        return settings with
        {
            Timeout = Number(TimeoutVariable, 0.1, 3600) is { } seconds ? TimeSpan.FromSeconds(seconds) : settings.Timeout,
            Retries = (int?)Number(RetriesVariable, 0, 100) ?? settings.Retries,
            Authorization = variable(AuthorizationVariable) is { Length: > 0 } text ? text : null,
        };

        double? Number(string name, double least, double most) =>
            variable(name) is not { Length: > 0 } text ? null
            : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most ? value
            : throw new Parquet.ParquetException($"{name} is '{text}', not a number from {least} to {most}");
    }
}
