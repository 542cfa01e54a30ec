using System.CommandLine;

namespace DistributedLoss.Cli.CommandLine;

/// <summary>Options that stand under one heading in a command's help, so that forty of them can be found.</summary>
internal sealed record OptionGroup(string Heading, IReadOnlyList<Option> Options)
{
    public const string Others = "Others";

    private static readonly (string Heading, string[] Options)[] Headings =
    [
        ("Where logits and labels are",
            ["--logits", "--b-logits", "--logits-prefix", "--packed", "--label", "--classes", "--num-classes", "--key"]),
        ("What a row's loss is",
            ["--input", "--sum-tolerance", "--ignore-index", "--on-invalid", "--class-weights", "--pos-weight", "--sample-weight", "--label-smoothing", "--temperature"]),
        ("Statistics besides the loss",
            ["--statistics", "--top-k", "--hardest", "--moved", "--slice-by", "--max-slices", "--group-by", "--bytes"]),
        ("Results and thresholds",
            ["--format", "--output", "--report", "--losses", "--sha256", "--fail-above", "--fail-below"]),
        ("Workers and engine",
            ["--workers", "--shard-bytes", "--run-dir", "--resume", "--engine", "--broker", "--broker-ca", "--broker-cert", "--broker-key", "--broker-wait", "--liveness", "--node", "--seed-node", "--slots", "--grace", "--idle-exit"]),
        ("Progress and logs",
            ["--progress", "--http", "--http-stay", "--log-format", "--log-file", "--log-level"]),
    ];

    /// <summary>In the order of the headings, and within one as it names them; what none names comes last.</summary>
    public static IEnumerable<OptionGroup> Of(IReadOnlyList<Option> options)
    {
        var named = Headings.Select(h => new OptionGroup(h.Heading, [.. h.Options.SelectMany(name => options.Where(o => o.Name == name))])).ToArray();
        Option[] others = [.. options.Except(named.SelectMany(g => g.Options))];
        return named.Append(new OptionGroup(Others, others)).Where(g => g.Options.Count > 0);
    }
}
