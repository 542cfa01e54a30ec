using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Commands;
using DistributedLoss.Cli.Completion;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Cli.Monitoring;
using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Sources;

namespace DistributedLoss.Cli;

/// <summary>From arguments to exit code. No exception leaves it: each becomes one line on stderr.</summary>
internal static class DlossApp
{
    private const string Description =
        "The exact cross-entropy loss of a model over a dump of its predictions: Parquet files with one row a prediction, holding logits and a label.";

    // Nothing on the way to a command is an async method: each costs a short run a millisecond or two, and the main thread has nothing else to do than to wait.
    public static int Run(IReadOnlyList<string> args, CliConsole console, CancellationToken cancel)
    {
        // A writer of its own for help and version: what a command prints goes to the stream in its own way.
        using var output = new StreamWriter(console.Out, leaveOpen: true);
        try
        {
            var root = CreateRoot(args, console, cancel);
            // '@' begins many a file name, '-1' is an ignore index: neither response files nor bundled one-letter options.
            var parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
            if (parse.Action is ParseErrorAction)
            {
                throw CliException.Usage(UsageErrors.Describe(parse));
            }

            return parse.Invoke(
                new InvocationConfiguration { Output = output, Error = console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e)
        {
            var (code, message, unexpected) = Explain(e);
            ErrorLine.Write(console.Error, LogFormats.Wanted(args), message, unexpected ? e : null);
            return code;
        }
    }

    /// <summary>The exit code and the line for an exception that ended a command; an unexpected one is a mistake of the program.</summary>
    public static (int ExitCode, string Message, bool Unexpected) Explain(Exception e) => e switch
    {
        CliException cli => (cli.ExitCode, cli.Message, false),
        OperationCanceledException => (ExitCode.Cancelled, "cancelled", false),
        BadOptionException => (ExitCode.Usage, e.Message, false),
        ParquetException { InnerException: SourceUnavailableException } => (ExitCode.RunFailed, e.Message, false),
        BadInputException or ParquetException => (ExitCode.BadInput, e.Message, false),
        RunDirectoryException or EngineException => (ExitCode.RunFailed, e.Message, false),
        UnauthorizedAccessException or IOException => (ExitCode.RunFailed, $"{CliException.Reason(e)}; check the path, its permissions and the space left", false),
        OutOfMemoryException => (ExitCode.RunFailed, "out of memory; give fewer --workers or more memory", false),
        _ => (ExitCode.RunFailed, $"unexpected {e.GetType().Name}: {CliException.Reason(e)}; with --log-format json the log tells where; please report it", true),
    };

    private static RootCommand CreateRoot(IReadOnlyList<string> args, CliConsole console, CancellationToken cancel)
    {
        var root = new RootCommand(Description);
        Add(EvaluateCommand.Name, EvaluateCommand.Description, EvaluateCommand.Fill);
        Add(InspectCommand.Name, InspectCommand.Description, InspectCommand.Fill);
        Add(ReportCommand.Name, ReportCommand.Description, ReportCommand.Fill);
        Add(CompareCommand.Name, CompareCommand.Description, CompareCommand.Fill);
        Add(CalibrateCommand.Name, CalibrateCommand.Description, CalibrateCommand.Fill);
        Add(VerifyCommand.Name, VerifyCommand.Description, VerifyCommand.Fill);
        Add(GenerateCommand.Name, GenerateCommand.Description, GenerateCommand.Fill);
        Add(DemoCommand.Name, DemoCommand.Description, DemoCommand.Fill);
        Add(WorkerCommand.Name, WorkerCommand.Description, WorkerCommand.Fill);
        Add(HealthCommand.Name, HealthCommand.Description, HealthCommand.Fill);
        Add(CompletionCommand.Name, CompletionCommand.Description, CompletionCommand.Fill);
        foreach (var option in root.Options)
        {
            if (option is HelpOption help)
            {
                help.Aliases.Remove("/?");
                help.Aliases.Remove("/h");
                help.Aliases.Remove("-?");
                help.Action = new HelpPage(console.OutIsTerminal ? console.Width : CliConsole.DefaultWidth);
            }
        }

        return root;

        void Add(string name, string description, Action<Command, CliConsole, CancellationToken> fill)
        {
            var command = new Command(name, description);
            // Options take their time, and only the command that is called needs its own; one tells of all.
            if (Mentions(args, name) || Mentions(args, CompletionCommand.Name))
            {
                fill(command, console, cancel);
            }

            root.Add(command);
        }
    }

    /// <summary>Whether a command may be the one that is called; a shell that asks for completions gives the whole line as one argument.</summary>
    private static bool Mentions(IReadOnlyList<string> args, string command)
    {
        foreach (string arg in args)
        {
            if (arg.Contains(command, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
