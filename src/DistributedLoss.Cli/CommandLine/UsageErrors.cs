using System.CommandLine;
using System.CommandLine.Parsing;

namespace DistributedLoss.Cli.CommandLine;

/// <summary>One line for whatever is wrong with a command line.</summary>
internal static class UsageErrors
{
    public static string Describe(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        string help = command is RootCommand ? "dloss --help" : $"dloss {command.Name} --help";
        // The parser adds "required command" to an unknown command; the unknown word says more.
        string? unknown = parse.UnmatchedTokens.Count > 0 ? parse.UnmatchedTokens[0] : null;
        string message = unknown switch
        {
            not null when unknown.StartsWith('-') => $"unknown option {unknown}{Suggest(unknown, command.Options.Select(o => o.Name))}",
            not null when command is RootCommand => $"unknown command '{unknown}'{Suggest(unknown, command.Subcommands.Select(c => c.Name))}",
            not null => $"unexpected argument '{unknown}'",
            null when command is RootCommand => "no command given",
            null => parse.Errors[0].Message.TrimEnd('.'),
        };
        return $"{message}; see {help}";
    }

    /// <summary>The parser takes an unknown option for one more value of a list: a misspelt option would be a path.</summary>
    public static void RefuseOptions(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.Length > 1 && token.Value.StartsWith('-') && !Path.Exists(token.Value))
            {
                var command = ((CommandResult)result.Parent!).Command;
                result.AddError($"unknown option {token.Value}{Suggest(token.Value, command.Options.Select(o => o.Name))}");
                return;
            }
        }
    }

    private static string Suggest(string word, IEnumerable<string> names)
    {
        string? nearest = names.MinBy(n => Distance(word, n));
        return nearest is not null && Distance(word, nearest) <= Math.Max(1, nearest.Length / 3) ? $", did you mean {nearest}?" : "";
    }

    /// <summary>Levenshtein's edit distance.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
