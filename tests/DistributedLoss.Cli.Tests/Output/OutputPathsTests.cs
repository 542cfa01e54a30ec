namespace DistributedLoss.Cli.Tests.Output;

public sealed class OutputPathsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--output", false)]
    [InlineData("--log-file", false)]
    [InlineData("--output", true)]
    [InlineData("--log-file", true)]
    public async Task An_output_that_is_an_input_is_refused_and_the_input_stays_as_it_was(string option, bool throughLink)
    {
        string input = Dumps.Synthetic(_folder);
        string output = throughLink ? _folder["link.json"] : input;
        if (throughLink)
        {
            File.CreateSymbolicLink(output, input);
        }

        byte[] before = await File.ReadAllBytesAsync(input);
        var outcome = await CliRunner.RunAsync("evaluate", Path.GetDirectoryName(input)!, option, output);
        Assert.Equal(ExitCode.Usage, outcome.ExitCode);
        Assert.Contains($"{option} {output}: is also an input", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(input));
    }

    [Fact]
    public async Task Two_outputs_cannot_be_one_file()
    {
        var outcome = await CliRunner.RunAsync("evaluate", Dumps.Synthetic(_folder), "--output", _folder["x"], "--log-file", _folder["x"]);
        Assert.Equal(ExitCode.Usage, outcome.ExitCode);
        Assert.Contains("names the same file", outcome.Error, StringComparison.Ordinal);
    }
}
