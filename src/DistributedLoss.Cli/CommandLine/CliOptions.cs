using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace DistributedLoss.Cli.CommandLine;

/// <summary>
/// Options that check their own values and say in one line what they would have taken. To the parser all of them are texts: it is generic, and each other
/// type of value would have its code compiled as the process runs, a few milliseconds a type (docs/performance.md, Start-up).
/// </summary>
internal static class CliOptions
{
    /// <summary>One of a few words; the first is the default.</summary>
    public static ChoiceOption Choice(string name, string description, params string[] words) =>
        new(name, string.Join('|', words), $"{description} [default: {words[0]}]", words);

    /// <summary>One of a few words, or nothing.</summary>
    public static ChoiceOption OptionalChoice(string name, string help, string description, params string[] words) => new(name, help, description, words);

    public static IntegerOption Integer(string name, string description, long defaultValue, long min, long max, string help = "N") =>
        new(name, help, description, min, max) { DefaultValueFactory = _ => defaultValue.ToString(CultureInfo.InvariantCulture) };

    public static IntegerOption OptionalInteger(string name, string description, long min, long max, string help = "N") => new(name, help, description, min, max);

    /// <param name="range">What <paramref name="isAllowed"/> asks for, behind "not a number".</param>
    public static NumberOption Number(string name, string help, string description, double defaultValue, Func<double, bool> isAllowed, string range) =>
        new(name, help, description, isAllowed, range) { DefaultValueFactory = _ => defaultValue.ToString(CultureInfo.InvariantCulture) };

    public static Option<string> Text(string name, string help, string description, string? defaultValue = null)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = defaultValue is null ? null : _ => defaultValue,
        };
        option.Check(text => text.Length == 0 ? $"{name} '': an empty {help} names nothing" : null);
        return option;
    }

    /// <summary>Refuses a text that the command line gives, where there is an error about it.</summary>
    internal static void Check(this Option<string> option, Func<string, string?> error) => option.Validators.Add(result =>
    {
        if (!result.Implicit && result.Tokens is [{ Value: var text }] && error(text) is { } message)
        {
            result.AddError(message);
        }
    });
}

/// <summary>One of a few words.</summary>
internal sealed class ChoiceOption : Option<string>
{
    private readonly string[] _words;

    public ChoiceOption(string name, string help, string description, string[] words)
        : base(name)
    {
        _words = words;
        HelpName = help;
        Description = description;
        CompletionSources.Add(words);
        this.Check(text => Array.IndexOf(words, text) < 0 ? $"{name} {text}: not one of {string.Join(", ", words)}" : null);
    }

    /// <summary>The place of the word that was given; 0 where none was.</summary>
    public int Index(ParseResult parse) => OptionalIndex(parse) ?? 0;

    /// <summary>The place of the word that was given; null where none was.</summary>
    public int? OptionalIndex(ParseResult parse) => parse.GetValue(this) is { } text ? Array.IndexOf(_words, text) : null;
}

/// <summary>A whole number.</summary>
internal sealed class IntegerOption : Option<string>
{
    public IntegerOption(string name, string help, string description, long min, long max)
        : base(name)
    {
        HelpName = help;
        Description = description;
        this.Check(text => Read(text) is { } value && value >= min && value <= max ? null : $"{name} {text}: not a whole number {Range(min, max)}");
    }

    /// <summary>What was given, else the default.</summary>
    public long Value(ParseResult parse) => OptionalValue(parse)!.Value;

    /// <summary>What was given, else the default; null where there is neither.</summary>
    public long? OptionalValue(ParseResult parse) => Read(parse.GetValue(this));

    private static long? Read(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;

    private static string Range(long min, long max) => (min, max) switch
    {
        (long.MinValue, long.MaxValue) => "of 64 bits",
        (_, long.MaxValue) => $"of at least {min}",
        _ => $"from {min} to {max}",
    };
}

/// <summary>A number with a default.</summary>
internal sealed class NumberOption : Option<string>
{
    public NumberOption(string name, string help, string description, Func<double, bool> isAllowed, string range)
        : base(name)
    {
        HelpName = help;
        Description = description;
        this.Check(text => TryRead(text, out double value) && isAllowed(value) ? null : $"{name} {text}: not a number {range}");
    }

    public double Value(ParseResult parse) => TryRead(parse.GetValue(this), out double value) ? value : throw new InvalidOperationException($"{Name} has neither a value nor a default");

    private static bool TryRead(string? text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
