using System.CommandLine;
using System.CommandLine.Completions;

namespace DistributedLoss.Cli.Completion;

/// <summary>What may stand where a value is asked for.</summary>
internal enum ValueKind
{
    /// <summary>An option that takes none.</summary>
    None,

    /// <summary>What only the user knows: a number, a column.</summary>
    Text,

    Words,
    File,
    Directory,
}

/// <summary>A command as a shell completes it.</summary>
/// <param name="Argument">What it takes besides options.</param>
/// <param name="Words">Of an argument that is one of a few.</param>
internal sealed record CompletedCommand(string Name, string Description, IReadOnlyList<CompletedOption> Options, ValueKind Argument, IReadOnlyList<string> Words)
{
    /// <summary>All of a root whose commands have their options.</summary>
    public static IReadOnlyList<CompletedCommand> Of(Command root) => [.. root.Subcommands.Select(command =>
    {
        string[] words = [.. command.Arguments.SelectMany(WordsOf)];
        return new CompletedCommand(
            command.Name,
            CompletedOption.Brief(command.Description),
            [.. command.Options.Select(CompletedOption.Of), CompletedOption.Help],
            // All others are files.
            words.Length > 0 ? ValueKind.Words : command.Arguments.Count > 0 ? ValueKind.File : ValueKind.None,
            words);
    })];

    internal static IEnumerable<string> WordsOf(Symbol symbol) => symbol.GetCompletions(CompletionContext.Empty).Select(c => c.Label);
}

/// <param name="Words">Those that it may be.</param>
/// <param name="IsRepeatable">Whether it may be given more than once.</param>
internal sealed record CompletedOption(string Name, string Description, ValueKind Value, IReadOnlyList<string> Words, bool IsRepeatable)
{
    public static CompletedOption Help { get; } = new("--help", "Show help", ValueKind.None, [], false);

    public static CompletedOption Of(Option option)
    {
        string[] words = [.. CompletedCommand.WordsOf(option)];
        var kind = option.HelpName switch
        {
            null => ValueKind.None,
            _ when words.Length > 0 => ValueKind.Words,
            "DIR" => ValueKind.Directory,
            var name when name.StartsWith("FILE", StringComparison.Ordinal) || name.Contains('.', StringComparison.Ordinal) && !name.EndsWith("...", StringComparison.Ordinal) => ValueKind.File,
            _ => ValueKind.Text,
        };
        bool isRepeatable = option.Arity.MaximumNumberOfValues > 1 || option.Name is "--slice-by";
        return new CompletedOption(option.Name, Brief(option.Description), kind, kind == ValueKind.Words ? words : [], isRepeatable);
    }

    /// <summary>The first sentence, or what stands ahead of a list, within a line of a menu.</summary>
    public static string Brief(string? description)
    {
        const int most = 70;
        string text = (description ?? "").Split(" [default")[0].Split(": ")[0];
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        // Three dots end no sentence.
        text = (end > 0 && text[end - 1] != '.' ? text[..end] : text).TrimEnd('.');
        return text.Length <= most ? text : $"{text[..text.LastIndexOf(' ', most)]} ...";
    }
}
