namespace DistributedLoss.Cli.Tests.Completion;

/// <summary>Shells as people sit before them: keys go in by a terminal, and a <c>dloss</c> of ours shows the words that it was called with.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CompletionTests()
    {
        _folder.Write("data one.parquet", "");
        _folder.Write("result.json", "");
        Directory.CreateDirectory(_folder["runs"]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Keys, with > for the tabulator, and the words that the command gets.</summary>
    public static TheoryData<string, string> Keys() => new()
    {
        { "insp>dat>", "<inspect><data one.parquet>" },
        { "evaluate --input=log-> x", "<evaluate><--input=log-probs><x>" },
        { "evaluate --input log-> x", "<evaluate><--input><log-probs><x>" },
        { "evaluate --output res>", "<evaluate><--output><result.json>" },
        { "evaluate --logits res>", "<evaluate><--logits><res>" },
        { "evaluate x --resu>", "<evaluate><x><--resume>" },
        { "completion fi>", "<completion><fish>" },
        { "generate --codec zs>", "<generate><--codec><zstd>" },
    };

    [ShellTheory("bash", "script")]
    [MemberData(nameof(Keys))]
    public async Task Bash_completes(string keys, string words) =>
        Assert.Contains(words, await TypeAsync("bash", "PS1=\n", "bash --norc -i", keys), StringComparison.Ordinal);

    [ShellTheory("zsh", "script")]
    [MemberData(nameof(Keys))]
    public async Task Zsh_completes(string keys, string words) =>
        Assert.Contains(words, await TypeAsync("zsh", "PROMPT=\nautoload -U compinit\ncompinit -u -D\n", "zsh -f -i", keys), StringComparison.Ordinal);

    [ShellTheory("bash", "script")]
    [InlineData("evaluate --run-dir r>", "<evaluate><--run-dir><runs/>")]
    [InlineData("evaluate --run-dir res>", "<evaluate><--run-dir><res>")]
    public async Task A_folder_is_completed_where_a_folder_is_asked_for(string keys, string words) =>
        Assert.Contains(words, await TypeAsync("bash", "PS1=\n", "bash --norc -i", keys), StringComparison.Ordinal);

    [ShellTheory("fish")]
    [InlineData("insp", "inspect")]
    [InlineData("inspect da", "data one.parquet")]
    [InlineData("evaluate --inp", "--input")]
    [InlineData("evaluate --input b", "binary-logits binary-probs")]
    [InlineData("evaluate --output r", "result.json runs/")]
    [InlineData("evaluate --run-dir r", "runs/")]
    [InlineData("evaluate --logits r", "")]
    [InlineData("completion p", "pwsh")]
    public async Task Fish_completes(string line, string offered)
    {
        string script = _folder.Write("completions", await ScriptAsync("fish"));
        string output = await Shell.RunAsync(_folder.Path, "", "fish", "--no-config", "-c", $"source {script}; complete -C 'dloss {line}'");
        Assert.Equal(offered, string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[0])));
    }

    [ShellTheory("pwsh")]
    [InlineData("insp", "inspect")]
    [InlineData("evaluate --inp", "--input")]
    [InlineData("evaluate --input b", "binary-logits binary-probs")]
    public async Task PowerShell_completes(string line, string offered)
    {
        string script = _folder.Write("completions.ps1", await ScriptAsync("pwsh"));
        string command = $". '{script}'; (TabExpansion2 'dloss {line}' {line.Length + 6}).CompletionMatches.CompletionText -join ' '";
        Assert.Equal(offered, (await Shell.RunAsync(_folder.Path, "", "pwsh", "-NoProfile", "-Command", command)).Trim());
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Every_option_of_every_command_is_in_the_script(string shell)
    {
        string script = await ScriptAsync(shell);
        foreach (string option in await OptionsAsync("evaluate"))
        {
            Assert.Contains(shell == "fish" ? $"-l {option[2..]}" : option, script, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_shell_that_is_unknown_is_refused() =>
        Assert.StartsWith("completion tcsh: not one of bash, zsh, fish, pwsh", (await CliRunner.RunAsync("completion", "tcsh")).ErrorLine(ExitCode.Usage), StringComparison.Ordinal);

    private static async Task<string> ScriptAsync(string shell)
    {
        var outcome = await CliRunner.RunAsync("completion", shell);
        Assert.True(outcome.ExitCode == ExitCode.Done, outcome.Error);
        return outcome.Out;
    }

    private static async Task<string[]> OptionsAsync(string command) =>
        [.. (await CliRunner.RunAsync(command, "--help")).Out.Split('\n').Where(l => l.StartsWith("  --", StringComparison.Ordinal)).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0])];

    private async Task<string> TypeAsync(string shell, string begin, string command, string keys)
    {
        string script = _folder.Write($"completions.{shell}", await ScriptAsync(shell));
        string input = $"{begin}dloss() {{ printf '<%s>' \"$@\"; echo; }}\nsource {script}\ndloss {keys.Replace('>', '\t')}\nexit\n";
        return await Shell.RunAsync(_folder.Path, input, "script", "-qec", command, "/dev/null");
    }
}
