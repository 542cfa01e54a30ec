using System.Text;

namespace DistributedLoss.Cli.Completion;

/// <summary>A completer of a native command. Where it offers nothing, PowerShell completes files by itself.</summary>
internal static class PowerShellScript
{
    public static string Of(IReadOnlyList<CompletedCommand> commands)
    {
        var script = new StringBuilder();
        script.Append(
            """
            # Completions of dloss for PowerShell: dloss completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName dloss -ScriptBlock {
              param($word, $line, $position)
              $commands = @{

            """);
        foreach (var command in commands)
        {
            script.Append($"    '{command.Name}' = @({List(command.Options.Select(o => o.Name))})\n");
        }

        script.Append("  }\n  $values = @{\n");
        foreach (var command in commands)
        {
            foreach (var option in command.Options.Where(o => o.Value == ValueKind.Words))
            {
                script.Append($"    '{command.Name} {option.Name}' = @({List(option.Words)})\n");
            }

            if (command.Words.Count > 0)
            {
                script.Append($"    '{command.Name}' = @({List(command.Words)})\n");
            }
        }

        script.Append(
            """
              }
              $given = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.ToString() })
              if ($given.Count -le 1) {
                $candidates = @($commands.Keys | Sort-Object) + '--help', '--version'
              } elseif ($values.ContainsKey("$($given[1]) $($given[-1])")) {
                $candidates = $values["$($given[1]) $($given[-1])"]
              } elseif ($word -like '-*') {
                $candidates = $commands[$given[1]]
              } else {
                $candidates = $values[$given[1]]
              }
              $candidates | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }

            """);
        return script.ToString();
    }

    private static string List(IEnumerable<string> words) => string.Join(", ", words.Select(w => $"'{w}'"));
}
