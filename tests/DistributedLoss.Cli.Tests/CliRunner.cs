using System.Text;

namespace DistributedLoss.Cli.Tests;

/// <summary>Runs the command in this process, with streams of its own and no terminal.</summary>
internal static class CliRunner
{
    public static Task<CliOutcome> RunAsync(params string[] args) => RunAsync(args, new Dictionary<string, string>());

    public static async Task<CliOutcome> RunAsync(string[] args, Dictionary<string, string> variables, CancellationToken cancel = default)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter();
        // What is written to stderr depends on no clock, unless a test says so.
        var console = new CliConsole
        {
            Out = output,
            Error = TextWriter.Synchronized(error),
            Variables = new Dictionary<string, string>(variables.Append(KeyValuePair.Create("DLOSS_engine__progressSeconds", "86400")).DistinctBy(v => v.Key)),
        };
        int exitCode = await Task.Run(() => DlossApp.Run(args, console, cancel), CancellationToken.None);
        return new CliOutcome(exitCode, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}

internal sealed record CliOutcome(int ExitCode, string Out, string Error)
{
    /// <summary>Asserts a command that failed: nothing on stdout and this one line on stderr.</summary>
    public string ErrorLine(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, stderr: {Error}");
        Assert.Equal("", Out);
        string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        const string prefix = "dloss: error: ";
        Assert.StartsWith(prefix, line, StringComparison.Ordinal);
        return line[prefix.Length..];
    }
}
