using System.Text;

namespace DistributedLoss.Cli.Completion;

/// <summary>A function of <c>_arguments</c>, with descriptions; it may be sourced, or lie in a folder of <c>fpath</c> as <c>_dloss</c>.</summary>
internal static class ZshScript
{
    public static string Of(IReadOnlyList<CompletedCommand> commands)
    {
        var script = new StringBuilder();
        script.Append(
            """
            #compdef dloss
            # Completions of dloss for zsh: source <(dloss completion zsh), after compinit
            _dloss() {
              local -a commands
              commands=(

            """);
        foreach (var command in commands)
        {
            script.Append($"    {Quote($"{command.Name}:{command.Description}")}\n");
        }

        script.Append(
            """
              )
              if ((CURRENT == 2)); then
                _describe -t commands command commands
                _arguments '--help[Show help]' '--version[Show the version]'
                return
              fi
              local command=$words[2]
              shift words
              ((CURRENT--))
              case $command in

            """);
        foreach (var command in commands)
        {
            script.Append($"    {command.Name})\n      _arguments");
            foreach (var option in command.Options)
            {
                string repeat = option.IsRepeatable ? "*" : "", equals = option.Value == ValueKind.None ? "" : "=";
                script.Append($" \\\n        {Quote($"{repeat}{option.Name}{equals}[{Escape(option.Description)}]{Value(option)}")}");
            }

            string argument = command.Argument switch
            {
                ValueKind.File => " \\\n        '*:file:_files'",
                ValueKind.Words => $" \\\n        {Quote($"1:value:({string.Join(' ', command.Words)})")}",
                _ => "",
            };
            script.Append($"{argument}\n      ;;\n");
        }

        script.Append(
            """
              esac
            }
            if [[ $funcstack[1] == _dloss ]]; then
              _dloss "$@"
            else
              compdef _dloss dloss
            fi

            """);
        return script.ToString();
    }

    private static string Value(CompletedOption option) => option.Value switch
    {
        ValueKind.None => "",
        ValueKind.Words => $":value:({string.Join(' ', option.Words)})",
        ValueKind.File => ":file:_files",
        ValueKind.Directory => ":folder:_files -/",
        _ => ":value: ",
    };

    private static string Escape(string text) => text.Replace("[", "\\[").Replace("]", "\\]").Replace(":", "\\:");

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''")}'";
}
