using System.Globalization;
using System.Text.RegularExpressions;

namespace DistributedLoss.Http.Tests.Metrics;

/// <summary>
/// A page of metrics, read by the letter of the text format (https://prometheus.io/docs/instrumenting/exposition_formats/) and held to what
/// <c>promtool check metrics</c> asks of names. Written from those, not from our writer.
/// </summary>
public sealed partial class ScreenedMetrics
{
    private readonly Dictionary<string, double> _values = [];

    public ScreenedMetrics(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        string? help = null;
        foreach (string line in text[..^1].Split('\n'))
        {
            if (HelpLine().Match(line) is { Success: true } helpLine)
            {
                help = helpLine.Groups["name"].Value;
                Assert.True(Types.TryAdd(help, ""), $"two families {help}");
                Assert.DoesNotContain('\\', helpLine.Groups["text"].Value.Replace(@"\\", "", StringComparison.Ordinal).Replace(@"\n", "", StringComparison.Ordinal));
            }
            else if (TypeLine().Match(line) is { Success: true } typeLine)
            {
                string name = typeLine.Groups["name"].Value;
                Assert.True(name == help && Types[name].Length == 0, $"TYPE not right behind its HELP: {line}");
                Types[name] = typeLine.Groups["type"].Value;
                ScreenName(name, Types[name]);
            }
            else
            {
                ReadSample(line, help);
            }
        }

        Assert.All(Types, t => Assert.True(t.Value.Length > 0 && Labels.ContainsKey(t.Key), $"{t.Key} has no TYPE or no sample"));
    }

    /// <summary>Type by family.</summary>
    public Dictionary<string, string> Types { get; } = [];

    /// <summary>Names of labels by family, in the order of its first sample.</summary>
    public Dictionary<string, string[]> Labels { get; } = [];

    public double this[string series] => _values.TryGetValue(series, out double value) ? value : throw new KeyNotFoundException($"no series {series}");

    public bool Has(string series) => _values.ContainsKey(series);

    private void ReadSample(string line, string? family)
    {
        var sample = SampleLine().Match(line);
        Assert.True(sample.Success, $"neither HELP, TYPE nor a sample: {line}");
        string name = sample.Groups["name"].Value;
        Assert.True(family is not null && Types[family].Length > 0, $"a sample ahead of its TYPE: {line}");
        string[] suffixes = Types[family] == "summary" ? ["_sum", "_count"] : [""];
        Assert.True(suffixes.Any(s => name == family + s), $"{name} is not of the family {family} that it stands in");
        string[] labels = [.. sample.Groups["label"].Captures.Select(c => c.Value)];
        Assert.All(labels, l => Assert.False(l.StartsWith("__", StringComparison.Ordinal) || l is "le" or "quantile", $"reserved label in {line}"));
        Assert.Equal(labels.Distinct(), labels);
        Assert.Equal(Labels.GetValueOrDefault(family, labels), labels);
        Labels[family] = labels;
        double value = sample.Groups["value"].Value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            var digits => double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture),
        };
        Assert.True(Types[family] != "counter" || value >= 0, $"a counter below zero: {line}");
        Assert.True(_values.TryAdd(line[..line.LastIndexOf(' ')], value), $"the same series twice: {line}");
    }

    private static void ScreenName(string name, string type)
    {
        Assert.Equal(type == "counter", name.EndsWith("_total", StringComparison.Ordinal));
        Assert.DoesNotMatch("[A-Z:]", name);
        Assert.DoesNotMatch("(^|_)(gauge|counter|summary|histogram)(_|$)", name);
        Assert.DoesNotMatch("_(ms|us|ns|milliseconds|microseconds|minutes|hours|days|kilobytes|megabytes|kb|mb|percent)(_|$)", name);
        Assert.False(type != "summary" && (name.EndsWith("_sum", StringComparison.Ordinal) || name.EndsWith("_count", StringComparison.Ordinal)), $"{name} ends like a part of a summary");
    }

    [GeneratedRegex(@"^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>\S.*)$")]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>gauge|counter|summary)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\]|\\\\|\\"|\\n)*"(,(?=[a-z])|(?=\})))+\})? (?<value>[+-]Inf|NaN|-?[0-9]+(\.[0-9]+)?(E[+-][0-9]+)?)$""")]
    private static partial Regex SampleLine();
}
