using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace DistributedLoss.Cli.CommandLine;

/// <summary>Options that check their own values and say in one line what they would have taken.</summary>
internal static class CliOptions
{
    /// <summary>One of a few words; the first is the default and the type's zero.</summary>
    public static Option<T> Choice<T>(string name, string description, params (string Word, T Value)[] choices)
        where T : struct, Enum =>
        WithCompletions(
            new Option<T>(name)
            {
                Description = $"{description} [default: {choices[0].Word}]",
                HelpName = string.Join('|', choices.Select(c => c.Word)),
                CustomParser = result => Pick(name, result, choices),
            },
            choices);

    /// <summary>One of a few words, or nothing.</summary>
    public static Option<T?> OptionalChoice<T>(string name, string help, string description, params (string Word, T Value)[] choices)
        where T : struct =>
        WithCompletions(
            new Option<T?>(name)
            {
                Description = description,
                HelpName = help,
                CustomParser = result => Pick(name, result, choices),
            },
            choices);

    public static Option<long> Integer(string name, string description, long defaultValue, long min, long max, string help = "N") => new(name)
    {
        Description = description,
        HelpName = help,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result => ParseInteger(name, result, min, max),
    };

    public static Option<long?> OptionalInteger(string name, string description, long min, long max, string help = "N") => new(name)
    {
        Description = description,
        HelpName = help,
        CustomParser = result => ParseInteger(name, result, min, max),
    };

    /// <param name="range">What <paramref name="isAllowed"/> asks for, behind "not a number".</param>
    public static Option<double> Number(string name, string help, string description, double defaultValue, Func<double, bool> isAllowed, string range) => new(name)
    {
        Description = description,
        HelpName = help,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && isAllowed(value))
            {
                return value;
            }

            result.AddError($"{name} {text}: not a number {range}");
            return 0;
        },
    };

    public static Option<string> Text(string name, string help, string description, string? defaultValue = null)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = defaultValue is null ? null : _ => defaultValue,
        };
        option.Validators.Add(result =>
        {
            if (!result.Implicit && result.Tokens is [{ Value: "" }])
            {
                result.AddError($"{name} '': an empty {help} names nothing");
            }
        });
        return option;
    }

    public static long ParseInteger(string name, ArgumentResult result, long min, long max)
    {
        string text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max)
        {
            return value;
        }

        result.AddError($"{name} {text}: not a whole number {Range(min, max)}");
        return 0;
    }

    private static string Range(long min, long max) => (min, max) switch
    {
        (long.MinValue, long.MaxValue) => "of 64 bits",
        (_, long.MaxValue) => $"of at least {min}",
        _ => $"from {min} to {max}",
    };

    private static T Pick<T>(string name, ArgumentResult result, (string Word, T Value)[] choices)
    {
        string word = result.Tokens[0].Value;
        foreach (var choice in choices)
        {
            if (choice.Word == word)
            {
                return choice.Value;
            }
        }

        result.AddError($"{name} {word}: not one of {string.Join(", ", choices.Select(c => c.Word))}");
        return default!;
    }

    private static Option<T> WithCompletions<T, TChoice>(Option<T> option, (string Word, TChoice Value)[] choices)
    {
        option.CompletionSources.Add([.. choices.Select(c => c.Word)]);
        return option;
    }
}
