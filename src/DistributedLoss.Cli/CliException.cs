namespace DistributedLoss.Cli;

/// <summary>Ends the command with an exit code and one line on stderr: what, where, what to do.</summary>
internal sealed class CliException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>Another exception's message as a part of a line.</summary>
    public static string Reason(Exception e) => e.Message.Split('\n')[0].TrimEnd().TrimEnd('.');

    public static CliException Usage(string message) => new(Cli.ExitCode.Usage, message);
}
