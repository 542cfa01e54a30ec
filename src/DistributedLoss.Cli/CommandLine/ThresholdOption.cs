using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DistributedLoss.Results;

namespace DistributedLoss.Cli.CommandLine;

/// <summary><c>--fail-above METRIC=VALUE</c> and <c>--fail-below METRIC=VALUE</c>. Whether there is such a figure the result tells, not the parser.</summary>
internal static class ThresholdOption
{
    public static string Name(bool isCeiling) => isCeiling ? "--fail-above" : "--fail-below";

    public static Option<Threshold[]> Create(bool isCeiling, string description) => new(Name(isCeiling))
    {
        Description = description,
        HelpName = "METRIC=VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result => [.. result.Tokens.Select(t => Parse(result, isCeiling, t.Value)).OfType<Threshold>()],
    };

    private static Threshold? Parse(ArgumentResult result, bool isCeiling, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0
            && double.TryParse(text.AsSpan(equals + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double limit)
            && double.IsFinite(limit))
        {
            return new Threshold(text[..equals], limit, isCeiling);
        }

        result.AddError($"{Name(isCeiling)} {text}: not a figure and a finite number, such as loss.mean=1.2");
        return null;
    }
}
