namespace DistributedLoss.Cli.Tests.CommandLine;

public class UsageTests
{
    [Theory]
    [InlineData("no command given", "")]
    [InlineData("unknown command 'evalute', did you mean evaluate?", "evalute x.parquet")]
    [InlineData("unknown command 'evalute', did you mean evaluate?", "evalute --help")]
    [InlineData("'PATH' missing", "evaluate")]
    [InlineData("unknown option --labl, did you mean --label?", "evaluate x.parquet --labl y")]
    [InlineData("unknown option --run-folder", "evaluate x.parquet --run-folder y")]
    [InlineData("--temperature 0: not a number above 0 and finite", "evaluate x.parquet --temperature 0")]
    [InlineData("--temperature -1:", "evaluate x.parquet --temperature -1")]
    [InlineData("--temperature NaN:", "evaluate x.parquet --temperature NaN")]
    [InlineData("--temperature Infinity:", "evaluate x.parquet --temperature Infinity")]
    [InlineData("--label-smoothing 1.01: not a number from 0 to 1", "evaluate x.parquet --label-smoothing 1.01")]
    [InlineData("--label-smoothing -0.1:", "evaluate x.parquet --label-smoothing -0.1")]
    [InlineData("--label-smoothing NaN:", "evaluate x.parquet --label-smoothing NaN")]
    [InlineData("--label-smoothing much:", "evaluate x.parquet --label-smoothing much")]
    [InlineData("--sum-tolerance 1: not a number of at least 0 and below 1", "evaluate x.parquet --sum-tolerance 1")]
    [InlineData("--sum-tolerance is for --input log-probs and probs", "evaluate x.parquet --sum-tolerance 0.1")]
    [InlineData("--input odds: not one of logits, log-probs, probs", "evaluate x.parquet --input odds")]
    [InlineData("--temperature divides logits", "evaluate x.parquet --input probs --temperature 2")]
    [InlineData("--label-smoothing is for logits", "evaluate x.parquet --input log-probs --label-smoothing 0.1")]
    [InlineData("--input probs: a temperature divides logits", "calibrate x.parquet --input probs")]
    [InlineData("--temperature 2: the temperature is what a calibration finds", "calibrate x.parquet --temperature 2")]
    [InlineData("unknown option --run-dir", "calibrate x.parquet --run-dir y")]
    [InlineData("--class-weights missing.json: ", "evaluate x.parquet --class-weights missing.json")]
    [InlineData("--top-k 0: not a list of whole numbers of at least 1", "evaluate x.parquet --top-k 0")]
    [InlineData("--top-k 1,,5:", "evaluate x.parquet --top-k 1,,5")]
    [InlineData("--top-k is given 2 times", "evaluate x.parquet --top-k 1 --top-k 3")]
    [InlineData("--workers 0: not a whole number from 1 to 4096", "evaluate x.parquet --workers 0")]
    [InlineData("--workers two:", "evaluate x.parquet --workers two")]
    [InlineData("--num-classes -3:", "evaluate x.parquet --num-classes -3")]
    [InlineData("--hardest -1:", "evaluate x.parquet --hardest -1")]
    [InlineData("--on-invalid ignore: not one of fail, skip", "evaluate x.parquet --on-invalid ignore")]
    [InlineData("--format xml: not one of table, json", "evaluate x.parquet --format xml")]
    [InlineData("--progress yes: not one of auto, always, never", "evaluate x.parquet --progress yes")]
    [InlineData("--log-level loud: not one of verbose", "evaluate x.parquet --log-level loud")]
    [InlineData("--packed int8: not one of float32, float16, bfloat16, float64", "evaluate x.parquet --packed int8")]
    [InlineData("--engine spark: not one of local, rabbitmq", "evaluate x.parquet --engine spark")]
#if FULL_REGISTRY
    [InlineData("--node and --seed-node are for --engine akka, not local", "evaluate x.parquet --seed-node a:4053")]
    [InlineData("--node and --seed-node are for --engine akka, not rabbitmq", "worker --engine rabbitmq --node a:4053")]
    [InlineData("--broker... is for --engine rabbitmq, not akka", "worker --engine akka --broker amqp://localhost")]
    [InlineData("node a:b: b is no port", "worker --engine akka --node a:b")]
    [InlineData("seed node a: name it as HOST:PORT", "worker --engine akka --seed-node a")]
#else
    [InlineData("--engine akka: this build is without Akka.NET; build it on the public registry with -p:FullRegistry=true", "evaluate x.parquet --engine akka")]
    [InlineData("--engine akka: this build is without Akka.NET", "worker --engine akka")]
#endif
    [InlineData("--logits and --logits-prefix exclude each other", "evaluate x.parquet --logits a --logits-prefix b")]
    [InlineData("--packed is for one binary column", "evaluate x.parquet --packed float16 --logits-prefix b")]
    [InlineData("'--label' expects a single argument", "evaluate x.parquet --label a --label b")]
    [InlineData("missing for option: '--label'", "evaluate x.parquet --label")]
    public async Task A_wrong_command_line_is_one_line_and_exit_code_2(string expected, string commandLine)
    {
        var outcome = await CliRunner.RunAsync(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(expected, outcome.ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_column_name_is_refused() =>
        Assert.Contains("--label ''", (await CliRunner.RunAsync("evaluate", "x.parquet", "--label", "")).ErrorLine(ExitCode.Usage), StringComparison.Ordinal);

    [Theory]
    [InlineData("missing.parquet")]
    [InlineData("@missing.parquet")]
    [InlineData("nowhere/*.parquet")]
    public async Task A_path_that_matches_nothing_is_bad_input(string path) =>
        Assert.StartsWith($"{path}: ", (await CliRunner.RunAsync("evaluate", path)).ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);

    [Fact]
    public async Task A_negative_ignore_index_is_a_value_and_not_an_option() =>
        Assert.StartsWith("missing.parquet: ", (await CliRunner.RunAsync("evaluate", "missing.parquet", "--ignore-index", "-1")).ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);

    [Fact]
    public async Task A_line_feed_in_a_path_does_not_break_the_error_line() =>
        Assert.StartsWith("a\\nb\\u001b[1m.parquet: ", (await CliRunner.RunAsync("evaluate", "a\nb\e[1m.parquet")).ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);

    [Fact]
    public async Task A_result_that_cannot_be_written_is_known_before_the_run()
    {
        using var folder = new TemporaryFolder();
        foreach (string output in new[] { folder["no/such/folder.json"], folder.Path })
        {
            var outcome = await CliRunner.RunAsync("evaluate", "missing.parquet", "--output", output);
            Assert.StartsWith($"--output {output}: ", outcome.ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_known_before_the_run()
    {
        using var folder = new TemporaryFolder();
        string file = folder["no/such/folder.log"];
        var outcome = await CliRunner.RunAsync("evaluate", "missing.parquet", "--log-file", file);
        Assert.StartsWith($"--log-file {file}: ", outcome.ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("evaluate --help")]
    [InlineData("inspect --help")]
    [InlineData("generate -h")]
    [InlineData("demo --help")]
    public async Task Help_goes_to_stdout_within_80_columns(string commandLine)
    {
        var outcome = await CliRunner.RunAsync(commandLine.Split(' '));
        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Equal("", outcome.Error);
        Assert.Contains("Usage:", outcome.Out, StringComparison.Ordinal);
        Assert.All(outcome.Out.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));
    }

    [Fact]
    public async Task Version_is_a_number_on_stdout()
    {
        var outcome = await CliRunner.RunAsync("--version");
        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\s*$", outcome.Out);
    }
}
