namespace DistributedLoss.EndToEnd;

/// <summary>A command line that cannot be meant: exit code 2, nothing on stdout, one line that says what would do.</summary>
public class UsageTests
{
    private static readonly string Good = Fixtures.PathOf("known/duckdb_f64.parquet");

    public static TheoryData<string[], string> Mistakes() => new()
    {
        { [], "--help" },
        { ["evaluat"], "evaluate" },
        { ["evaluate"], "evaluate" },
        { ["evaluate", Good, "--lables", "y"], "--label" },
        { ["evaluate", Good, "--workers", "0"], "--workers" },
        { ["evaluate", Good, "--workers", "many"], "many" },
        { ["evaluate", Good, "--workers"], "--workers" },
        { ["evaluate", Good, "--format", "yaml"], "json" },
        { ["evaluate", Good, "--on-invalid", "guess"], "skip" },
        { ["evaluate", Good, "--top-k", "0"], "--top-k" },
        { ["evaluate", Good, "--top-k", "1,x"], "--top-k" },
        { ["evaluate", Good, "--ignore-index", "1.5"], "--ignore-index" },
        { ["evaluate", Good, "--packed", "int8"], "float16" },
        { ["evaluate", Good, "--log-format", "xml"], "json" },
        { ["evaluate", Good, "--progress", "sometimes"], "never" },
        { ["evaluate", Good, "--logits", "logits", "--logits-prefix", "logits_"], "--logits-prefix" },
        { ["evaluate", Good, "--log-file", "/no/such/folder/run.log"], "/no/such/folder/run.log" },
        { ["evaluate", Good, "--output", "/no/such/folder/result.json"], "/no/such/folder/result.json" },
        { ["inspect"], "inspect" },
        { ["generate"], "generate" },
        { ["generate", "/tmp/never-written.parquet", "--rows", "-1"], "--rows" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistaken_command_line_is_one_line_that_says_what_would_do(string[] arguments, string named)
    {
        var outcome = Dloss.Run(arguments);
        Assert.True(outcome.ExitCode == 2, $"exit code {outcome.ExitCode}, not 2, of {outcome}");
        Assert.Empty(outcome.Output);
        Assert.Contains(named, Assert.Single(outcome.ErrorLines));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("evaluate", "--help")]
    [InlineData("inspect", "--help")]
    [InlineData("generate", "--help")]
    [InlineData("demo", "--help")]
    [InlineData("--version")]
    public void Help_and_version_are_results(params string[] arguments)
    {
        var outcome = Dloss.Run(arguments);
        Assert.Equal(0, outcome.ExitCode);
        Assert.NotEmpty(outcome.Output);
        Assert.Empty(outcome.Error);
    }

    [Theory]
    [InlineData("--logits", "logits")]
    [InlineData("--label", "label")]
    [InlineData("--ignore-index", "-100")]
    [InlineData("--on-invalid", "fail")]
    [InlineData("--top-k", "1,5")]
    [InlineData("--engine", "local")]
    [InlineData("--hardest", "10")]
    public void A_default_spelt_out_changes_nothing(string option, string value)
    {
        string path = Fixtures.PathOf("coarse/duckdb_list_none.parquet");
        Assert.Equal(Dloss.Evaluate(path).Digest, Dloss.Evaluate(path, option, value).Digest);
    }
}
