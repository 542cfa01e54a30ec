using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DistributedLoss.Cli.CommandLine;

/// <summary>The parser's help, followed by examples of the command that it is about.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction _help;

    public HelpWithExamples(HelpAction help, int width)
    {
        _help = help;
        _help.MaxWidth = Math.Max(width, 40);
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        foreach (string line in Examples.Of(parseResult.CommandResult.Command.Name))
        {
            output.WriteLine(line);
        }

        return ExitCode.Done;
    }
}
