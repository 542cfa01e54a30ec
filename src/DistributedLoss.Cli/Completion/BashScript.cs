using System.Text;

namespace DistributedLoss.Cli.Completion;

/// <summary>A function that reads <c>COMP_WORDS</c>. Where it offers nothing, readline completes files, as it does everywhere.</summary>
internal static class BashScript
{
    public static string Of(IReadOnlyList<CompletedCommand> commands)
    {
        var script = new StringBuilder();
        script.Append(
            """
            # Completions of dloss for bash: source <(dloss completion bash)
            _dloss() {
              local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=
              COMPREPLY=()
              # An equals sign is a word of its own.
              if [[ $current == = ]]; then
                current=
              elif [[ $previous == = ]]; then
                previous=${COMP_WORDS[COMP_CWORD-2]}
              fi
              if ((COMP_CWORD == 1)); then

            """);
        script.Append($"    words='{string.Join(' ', commands.Select(c => c.Name))} --help --version'\n");
        script.Append("  else\n    case \"${COMP_WORDS[1]} $previous\" in\n");
        foreach (var command in commands)
        {
            foreach (var option in command.Options.Where(o => o.Value == ValueKind.Words))
            {
                script.Append($"      '{command.Name} {option.Name}') words='{string.Join(' ', option.Words)}' ;;\n");
            }

            Case(script, command, ValueKind.File, "return");
            Case(script, command, ValueKind.Directory, "compopt -o dirnames +o default 2>/dev/null; return");
            Case(script, command, ValueKind.Text, "compopt +o default 2>/dev/null; return");
            string options = string.Join(' ', command.Options.Select(o => o.Name));
            script.Append($"      '{command.Name} '*) {(command.Words.Count > 0 ? $"words='{string.Join(' ', command.Words)}'; " : "")}[[ $current == -* ]] && words='{options}' ;;\n");
        }

        script.Append(
            """
                esac
              fi
              if [[ -n $words ]]; then
                compopt +o default 2>/dev/null
                COMPREPLY=($(compgen -W "$words" -- "$current"))
              fi
            }
            complete -o default -F _dloss dloss

            """);
        return script.ToString();
    }

    private static void Case(StringBuilder script, CompletedCommand command, ValueKind kind, string action)
    {
        string[] options = [.. command.Options.Where(o => o.Value == kind).Select(o => $"'{command.Name} {o.Name}'")];
        if (options.Length > 0)
        {
            script.Append($"      {string.Join(" | ", options)}) {action} ;;\n");
        }
    }
}
