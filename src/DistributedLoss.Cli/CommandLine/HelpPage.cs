using System.CommandLine;
using System.CommandLine.Invocation;

namespace DistributedLoss.Cli.CommandLine;

/// <summary>Help of a command: what it does, its arguments, its options under headings, examples. Of the program: a first session, then everything there is.</summary>
internal sealed class HelpPage(int width) : SynchronousCommandLineAction
{
    private const string Indent = "  ";

    /// <summary>Left of the descriptions of options; a longer name stands on a line of its own.</summary>
    private const int OptionColumn = 28;

    private const int CommandColumn = 14;

    /// <summary>Options that are found without headings.</summary>
    private const int FewOptions = 12;

    private readonly int _width = Math.Max(width, 40);

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        // Help of a command that there is not: the first page would leave the mistake unsaid.
        if (command is RootCommand && parseResult.UnmatchedTokens.Count > 0)
        {
            throw CliException.Usage(UsageErrors.Describe(parseResult));
        }

        foreach (string line in command is RootCommand ? Program(command) : Command(command))
        {
            output.WriteLine(line);
        }

        return ExitCode.Done;
    }

    private IEnumerable<string> Program(Command root) =>
    [
        .. Wrap(root.Description!, 0),
        "",
        "Usage: dloss COMMAND ...   dloss COMMAND --help   dloss --version",
        "",
        "A first session:",
        .. Examples.Session.Where(step => root.Subcommands.Any(c => c.Name == step.Command)).SelectMany(step => Entry(step.Line, step.Meaning, step.Column)),
        "",
        "Commands:",
        .. root.Subcommands.SelectMany(c => Entry(c.Name, c.Description!, CommandColumn)),
        "",
        .. Examples.WhereResultsGo,
        "",
        .. Examples.ExitCodes,
        "",
        .. Examples.Documentation,
    ];

    private IEnumerable<string> Command(Command command)
    {
        string arguments = string.Concat(command.Arguments.Select(a => a.Arity.MaximumNumberOfValues > 1 ? $" {a.Name}..." : $" {a.Name}"));
        return
        [
            .. Wrap(command.Description!, 0),
            "",
            $"Usage: dloss {command.Name}{arguments}{(command.Options.Count > 0 ? " [options]" : "")}",
            .. Block(command.Arguments.SelectMany(a => Entry(a.Name, a.Description!, OptionColumn))),
            .. Options(command).SelectMany(g => Block(g.Options.SelectMany(Entry).Prepend($"{g.Heading}:"))),
            .. Block(Entry("-h, --help", "Show this", OptionColumn)),
            .. Block(Examples.Of(command.Name)),
        ];
    }

    private static IEnumerable<OptionGroup> Options(Command command) => command.Options.Count switch
    {
        0 => [],
        <= FewOptions => [new OptionGroup("Options", [.. command.Options])],
        _ => OptionGroup.Of([.. command.Options]),
    };

    /// <summary>With a line's space above it; nothing where there is nothing.</summary>
    private static IEnumerable<string> Block(IEnumerable<string> lines) => lines.Take(1).SelectMany(_ => lines.Prepend(""));

    private IEnumerable<string> Entry(Option option)
    {
        string value = option.HelpName is { } name ? $" {name}" : "";
        // Choices say it themselves, as do options whose default is no single value.
        string given = option.HasDefaultValue && option.GetDefaultValue() is { } text ? $" [default: {text}]" : "";
        return Entry(option.Name + value, option.Description + given, OptionColumn);
    }

    private IEnumerable<string> Entry(string name, string description, int column)
    {
        string[] lines = [.. Wrap(description, column)];
        bool fits = Indent.Length + name.Length + 2 <= column;
        return fits
            ? lines.Skip(1).Prepend($"{Indent}{name}".PadRight(column) + lines[0].TrimStart())
            : lines.Prepend($"{Indent}{name}");
    }

    private IEnumerable<string> Wrap(string text, int column)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && column + line.Length + 1 + word.Length > _width)
            {
                yield return new string(' ', column) + line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return new string(' ', column) + line;
    }
}
