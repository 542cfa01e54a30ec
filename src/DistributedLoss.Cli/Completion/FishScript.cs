using System.Text;

namespace DistributedLoss.Cli.Completion;

/// <summary>A line a command, and a line an option of each.</summary>
internal static class FishScript
{
    public static string Of(IReadOnlyList<CompletedCommand> commands)
    {
        var script = new StringBuilder();
        script.Append("# Completions of dloss for fish: dloss completion fish | source\ncomplete -c dloss -f\n");
        script.Append("complete -c dloss -n __fish_use_subcommand -l help -d 'Show help'\ncomplete -c dloss -n __fish_use_subcommand -l version -d 'Show the version'\n");
        foreach (var command in commands)
        {
            string within = $"complete -c dloss -n '__fish_seen_subcommand_from {command.Name}'";
            script.Append($"complete -c dloss -n __fish_use_subcommand -a {command.Name} -d {Quote(command.Description)}\n");
            script.Append(command.Argument switch
            {
                ValueKind.File => $"{within} -F\n",
                ValueKind.Words => $"{within} -a {Quote(string.Join(' ', command.Words))}\n",
                _ => "",
            });
            foreach (var option in command.Options)
            {
                string value = option.Value switch
                {
                    ValueKind.None => "",
                    ValueKind.Words => $" -x -a {Quote(string.Join(' ', option.Words))}",
                    ValueKind.File => " -r -F",
                    ValueKind.Directory => " -x -a '(__fish_complete_directories)'",
                    _ => " -x",
                };
                script.Append($"{within} -l {option.Name[2..]}{value} -d {Quote(option.Description)}\n");
            }
        }

        return script.ToString();
    }

    private static string Quote(string text) => $"'{text.Replace("\\", "\\\\").Replace("'", "\\'")}'";
}
