namespace DistributedLoss.Cli.Tests.Commands;

public sealed class ClassNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "no names")]
    [InlineData("[]", "no names")]
    [InlineData("[\"a\", 1]", "Give a JSON array of texts")]
    [InlineData("[\"a\", null]", "a name is null")]
    [InlineData("[\"a\"", "Give a JSON array of texts")]
    [InlineData("a\nb\na\n", "classes 0 and 2 have the same name \"a\"")]
    [InlineData("a\nb\n", "2 names for 3 classes (from ")]
    public async Task Names_that_cannot_be_used_are_a_usage_error_in_one_line(string text, string expected)
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0));
        string line = (await CliRunner.RunAsync("evaluate", dump, "--classes", _folder.Write("names", text))).ErrorLine(ExitCode.Usage);
        Assert.StartsWith("--classes", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_names_that_is_not_there_is_a_usage_error()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0));
        string line = (await CliRunner.RunAsync("evaluate", dump, "--classes", _folder["gone"])).ErrorLine(ExitCode.Usage);
        Assert.Contains("gone", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_no_class_has_is_bad_input_in_one_line()
    {
        string names = _folder.Write("names", string.Concat(Enumerable.Range(0, 10).Select(i => $"class {i}\n")));
        string dump = Repository.Fixture("slices/polars_zstd.parquet");
        string line = (await CliRunner.RunAsync("evaluate", dump, "--label", "text", "--classes", names)).ErrorLine(ExitCode.BadInput);
        Assert.Contains("polars_zstd.parquet: row group 0, row ", line, StringComparison.Ordinal);
    }
}
