namespace DistributedLoss.Cli.Tests.Commands;

public sealed class GenerateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--layout list --codec snappy --page-version 2", "")]
    [InlineData("--layout list --row-group-rows 7 --page-bytes 100 --files 3", "")]
    [InlineData("--layout flat --dtype float64", "--logits-prefix logits_")]
    [InlineData("--layout packed --dtype float32", "--packed float32")]
    public async Task What_it_says_reads_the_dump_that_it_wrote_with_the_same_result_in_any_layout(string options, string read)
    {
        string reference = await DigestAsync("reference", "");
        Assert.Equal(reference, await DigestAsync("other", options, read));
    }

    [Fact]
    public async Task What_is_there_is_replaced_only_with_force()
    {
        string output = _folder["dump.parquet"];
        Assert.Equal(ExitCode.Done, (await CliRunner.RunAsync("generate", output, "--rows", "10", "--classes", "3")).ExitCode);
        byte[] before = await File.ReadAllBytesAsync(output);
        string line = (await CliRunner.RunAsync("generate", output, "--rows", "20", "--classes", "3")).ErrorLine(ExitCode.Usage);
        Assert.Contains("--force", line, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(output));
        Assert.Equal(ExitCode.Done, (await CliRunner.RunAsync("generate", output, "--rows", "20", "--classes", "3", "--force")).ExitCode);
        Assert.NotEqual(before, await File.ReadAllBytesAsync(output));
    }

    [Fact]
    public async Task Force_does_not_delete_what_generate_did_not_write()
    {
        string foreign = _folder.Write("mine.parquet", "data");
        string line = (await CliRunner.RunAsync("generate", _folder.Path, "--rows", "10", "--force")).ErrorLine(ExitCode.Usage);
        Assert.Contains("mine.parquet", line, StringComparison.Ordinal);
        Assert.Equal("data", await File.ReadAllTextAsync(foreign));
    }

    [Theory]
    [InlineData("--dtype bfloat16", "add --layout packed")]
    [InlineData("--accuracy 1.5", "--accuracy 1.5: not a number from 0 to 1")]
    [InlineData("--accuracy NaN", "--accuracy NaN: not a number from 0 to 1")]
    [InlineData("--page-version 3", "--page-version 3: not a whole number from 1 to 2")]
    [InlineData("--layout flat --classes 5000 --row-group-rows 1000000", "choose fewer rows")]
    public async Task Options_that_cannot_be_are_refused_before_anything_is_written(string options, string expected)
    {
        string line = (await CliRunner.RunAsync(["generate", _folder["x.parquet"], .. options.Split(' ')])).ErrorLine(ExitCode.Usage);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task The_demo_needs_nothing_and_leaves_nothing()
    {
        // In a place of its own: other processes have demos, too.
        string? temporary = Environment.GetEnvironmentVariable("TMPDIR");
        Environment.SetEnvironmentVariable("TMPDIR", _folder.Path);
        try
        {
            var outcome = await CliRunner.RunAsync("demo");
            Assert.Equal(ExitCode.Done, outcome.ExitCode);
            Assert.StartsWith("mean loss   ", outcome.Out, StringComparison.Ordinal);
            Assert.Contains("20,000", outcome.Out, StringComparison.Ordinal);
            Assert.Contains(_folder.Path, outcome.Error, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", temporary);
        }
    }

    private async Task<string> DigestAsync(string name, string options, string read = "")
    {
        string output = _folder[name];
        string[] shape = ["--rows", "50", "--classes", "5", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var written = await CliRunner.RunAsync(["generate", output, .. shape]);
        Assert.True(written.ExitCode == ExitCode.Done, written.Error);
        string command = written.Out.TrimEnd().Split('\n')[^1];
        Assert.Equal($"dloss evaluate {output} {read}".TrimEnd(), command);
        var result = await CliRunner.RunAsync(command.Split(' ')[1..]);
        return Assert.Single(result.Out.Split('\n'), line => line.StartsWith("digest ", StringComparison.Ordinal));
    }
}
