using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Cli.Output;

namespace DistributedLoss.Cli.Completion;

/// <summary><c>dloss completion SHELL</c></summary>
internal static class CompletionCommand
{
    public const string Name = "completion";

    public const string Description = "Prints what a shell needs to complete commands, options, their values and files.";

    private static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    public static void Fill(Command command, CliConsole console, CancellationToken cancel)
    {
        var shell = new Argument<string>("SHELL") { Description = string.Join(", ", Shells) };
        shell.CompletionSources.Add(Shells);
        shell.Validators.Add(UsageErrors.RefuseOptions);
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && !Shells.Contains(name) && !name.StartsWith('-'))
            {
                result.AddError($"completion {name}: not one of {string.Join(", ", Shells)}");
            }
        });
        command.Add(shell);
        command.SetAction(parse =>
        {
            var commands = CompletedCommand.Of(parse.RootCommandResult.Command);
            ResultOutput.Write(console, writer => writer.Write(Script(parse.GetValue(shell)!, commands)));
            return ExitCode.Done;
        });
    }

    private static string Script(string shell, IReadOnlyList<CompletedCommand> commands) => shell switch
    {
        "bash" => BashScript.Of(commands),
        "zsh" => ZshScript.Of(commands),
        "fish" => FishScript.Of(commands),
        _ => PowerShellScript.Of(commands),
    };
}
