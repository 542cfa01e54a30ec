namespace DistributedLoss.Cli;

/// <summary>The streams and surroundings of one command; tests give their own.</summary>
internal sealed record CliConsole
{
    /// <summary>Columns when there is no terminal to ask.</summary>
    public const int DefaultWidth = 80;

    public required Stream Out { get; init; }

    public required TextWriter Error { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public int Width { get; init; } = DefaultWidth;

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether escape sequences for colour may go to stdout (https://no-color.org).</summary>
    public bool OutHasColour => OutIsTerminal && HasColour;

    public bool ErrorHasColour => ErrorIsTerminal && HasColour;

    /// <summary>A dumb terminal cannot move its cursor: no bar there.</summary>
    public bool ErrorHasCursor => ErrorIsTerminal && Variable("TERM") != "dumb";

    private bool HasColour => string.IsNullOrEmpty(Variable("NO_COLOR")) && Variable("TERM") != "dumb";

    public string? Variable(string name) => Variables.GetValueOrDefault(name);

    public static CliConsole OfProcess() => new()
    {
        Out = Console.OpenStandardOutput(),
        Error = Console.Error,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Width = TerminalWidth(),
        Variables = EnvironmentVariables(),
    };

    private static Dictionary<string, string> EnvironmentVariables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var each = Environment.GetEnvironmentVariables().GetEnumerator();
        while (each.MoveNext())
        {
            variables.Add((string)each.Key, (string?)each.Value ?? "");
        }

        return variables;
    }

    private static int TerminalWidth()
    {
        if (Console.IsErrorRedirected && Console.IsOutputRedirected)
        {
            return DefaultWidth;
        }

        try
        {
            return Console.WindowWidth is > 0 and var width ? width : DefaultWidth;
        }
        catch (IOException)
        {
            return DefaultWidth;
        }
    }
}
