using DistributedLoss.Http.Server;

namespace DistributedLoss.Cli.Monitoring;

/// <summary>The token of the live page, from the environment.</summary>
internal static class HttpToken
{
    public const string Variable = "DLOSS_HTTP_TOKEN";

    public const string FileVariable = "DLOSS_HTTP_TOKEN_FILE";

    /// <returns>Null where none is set.</returns>
    /// <exception cref="CliException">It cannot be used.</exception>
    public static AccessToken? Read(CliConsole console)
    {
        string? text = Set(console, Variable);
        string? file = Set(console, FileVariable);
        if (text is not null && file is not null)
        {
            throw CliException.Usage($"{Variable} and {FileVariable} are both set; set one of them");
        }

        string name = file is null ? Variable : $"{FileVariable}={file}";
        try
        {
            return text is null && file is null ? null : new AccessToken(text ?? File.ReadAllText(file!).Trim());
        }
        catch (ArgumentException)
        {
            throw CliException.Usage($"{name}: holds no token; a token is one or more printable ASCII characters, without spaces");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{name}: cannot be read: {CliException.Reason(e)}; name a file that holds the token");
        }
    }

    private static string? Set(CliConsole console, string variable) => console.Variable(variable) is { Length: > 0 } value ? value : null;
}
