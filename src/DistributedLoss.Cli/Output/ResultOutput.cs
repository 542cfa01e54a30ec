namespace DistributedLoss.Cli.Output;

/// <summary>How a result goes to stdout.</summary>
internal enum ResultFormat
{
    Table,
    Json,
}

/// <summary>Stdout: one result, and nothing else.</summary>
internal static class ResultOutput
{
    /// <exception cref="CliException">Stdout cannot be written.</exception>
    public static void Write(CliConsole console, Action<TextWriter> text) => Write(console, ResultFormat.Table, _ => { }, text);

    /// <exception cref="CliException">Stdout cannot be written.</exception>
    public static void Write(CliConsole console, ResultFormat format, Action<Stream> json, Action<TextWriter> table)
    {
        try
        {
            if (format == ResultFormat.Json)
            {
                json(console.Out);
            }
            else
            {
                using var writer = new StreamWriter(console.Out, leaveOpen: true);
                table(writer);
            }

            console.Out.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.RunFailed, $"stdout: the result cannot be written: {CliException.Reason(e)}; check where it goes", e);
        }
    }
}
