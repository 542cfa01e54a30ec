namespace DistributedLoss.Cli.Tests.CommandLine;

public class HelpTests
{
    private static readonly string[] Session = ["generate", "inspect", "evaluate", "report", "compare"];

    [Fact]
    public async Task The_first_page_teaches_a_session_in_its_order()
    {
        string help = (await CliRunner.RunAsync("--help")).Out;
        string[] session = [.. help.Split('\n').SkipWhile(l => l != "A first session:").Skip(1).TakeWhile(l => l.Length > 0).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])];
        Assert.Equal(Session, session);
    }

    [Fact]
    public async Task The_first_page_says_where_results_go_and_what_exit_codes_mean()
    {
        string help = (await CliRunner.RunAsync("--help")).Out;
        Assert.Contains("Results go to stdout", help, StringComparison.Ordinal);
        Assert.Contains("5 a threshold was missed", help, StringComparison.Ordinal);
    }

    /// <summary>What is typed as the page says works, or fails for want of the file alone.</summary>
    [Fact]
    public async Task The_session_can_be_typed_as_it_stands()
    {
        foreach (string line in (await CliRunner.RunAsync("--help")).Out.Split('\n').Where(l => l.StartsWith("  dloss ", StringComparison.Ordinal)))
        {
            string[] words = [.. line.Split("   ")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)];
            var outcome = await CliRunner.RunAsync([.. words, "--help"]);
            Assert.True(outcome.ExitCode == ExitCode.Done && outcome.Out.Contains($"Usage: dloss {words[0]}", StringComparison.Ordinal), line);
            string[] options = [.. words.Where(w => w.StartsWith("--", StringComparison.Ordinal))];
            Assert.All(options, o => Assert.Contains($"\n  {o} ", outcome.Out, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("evaluate")]
    [InlineData("worker")]
    [InlineData("compare")]
    [InlineData("calibrate")]
    public async Task Every_option_of_a_long_command_stands_under_a_heading(string command)
    {
        string help = (await CliRunner.RunAsync(command, "--help")).Out;
        Assert.Contains("\nWorkers and engine:\n", help, StringComparison.Ordinal);
        Assert.DoesNotContain("\nOthers:\n", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_is_told_once()
    {
        string help = (await CliRunner.RunAsync("evaluate", "--help")).Out.ReplaceLineEndings(" ").Replace("  ", "");
        Assert.All(help.Split(" --").Skip(1), option => Assert.InRange(option.Split("[default").Length, 1, 2));
    }
}
