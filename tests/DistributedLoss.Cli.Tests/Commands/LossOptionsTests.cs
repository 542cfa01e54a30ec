using System.Text.Json;

namespace DistributedLoss.Cli.Tests.Commands;

public sealed class LossOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Values_that_look_like_something_else_are_evaluated_as_declared_with_one_line_that_says_so()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([0.2, 0.3, 0.5], 0), ([0.1, 0.1, 0.8], 2));
        var outcome = await CliRunner.RunAsync("evaluate", dump);
        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        string line = Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith(
            "warning 2 of 2 rows looked at do not look like logits, as which all are evaluated, but like probs: if they are, give --input probs", line, StringComparison.Ordinal);
        // torch.nn.functional.cross_entropy of these two rows, in float64.
        Assert.Contains("mean loss   0.964778850907338", outcome.Out, StringComparison.Ordinal);
        Assert.Equal("", (await CliRunner.RunAsync("evaluate", dump, "--input", "probs")).Error);
    }

    [Theory]
    [InlineData("[1, 2", "no JSON (line 1)")]
    [InlineData("", "no JSON")]
    [InlineData("{\"0\": 1}", "not a JSON array")]
    [InlineData("[1, 2, -0.5]", "the weight of class 2 is -0.5")]
    [InlineData("[1, 1e999, 2]", "the weight of class 1 is 1e999")]
    [InlineData("[1, \"NaN\", 2]", "the weight of class 1 is \"NaN\"")]
    [InlineData("[1, null, 2]", "the weight of class 1 is null")]
    [InlineData("[1, NaN, 2]", "no JSON")]
    [InlineData("[1, 2]", "2 weights for 3 classes (from ")]
    [InlineData("[]", "0 weights for 3 classes")]
    public async Task Class_weights_that_cannot_be_used_are_a_usage_error(string json, string expected)
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0));
        await File.WriteAllTextAsync(_folder["w.json"], json);
        string line = (await CliRunner.RunAsync("evaluate", dump, "--class-weights", _folder["w.json"])).ErrorLine(ExitCode.Usage);
        Assert.StartsWith("--class-weights", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_weighted_mean_says_what_was_divided_by_what()
    {
        // PyTorch: F.cross_entropy([[1,2,3],[0,0,0]], [0,2], weight=[2,1,6], reduction="sum") and "mean".
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0), ([0, 0, 0], 2));
        await File.WriteAllTextAsync(_folder["w.json"], "[2, 1, 6]");
        using var result = JsonDocument.Parse((await CliRunner.RunAsync("evaluate", dump, "--class-weights", _folder["w.json"], "--format", "json")).Out);
        var loss = result.RootElement.GetProperty("loss");
        Assert.Equal(11.40688566089742, loss.GetProperty("sum").GetDouble(), 1e-12);
        Assert.Equal(8, loss.GetProperty("denominator").GetDouble());
        Assert.Equal("weight", loss.GetProperty("denominatorUnit").GetString());
        Assert.Equal(1.4258607076121774, loss.GetProperty("mean").GetDouble(), 1e-12);
        Assert.Equal("[2,1,6]", JsonSerializer.Serialize(result.RootElement.GetProperty("options").GetProperty("classWeights")));
        var table = await CliRunner.RunAsync("evaluate", dump, "--class-weights", _folder["w.json"]);
        Assert.Contains($"= {loss.GetProperty("sum").GetDouble():R} nats / 8, the weights of 2 rows\n", table.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Class_indices_are_no_targets_of_elements()
    {
        string line = (await CliRunner.RunAsync("evaluate", Dumps.Synthetic(_folder), "--input", "binary-logits")).ErrorLine(ExitCode.BadInput);
        Assert.Contains("column label has one target a row, where rows have 7 logits", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_of_zero_alone_give_no_mean_and_say_why()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0), ([0, 0, 0], 1));
        await File.WriteAllTextAsync(_folder["w.json"], "[0, 0, 6]");
        var table = await CliRunner.RunAsync("evaluate", dump, "--class-weights", _folder["w.json"]);
        Assert.Equal(ExitCode.Done, table.ExitCode);
        Assert.Contains("mean loss   none: nothing to divide by: the weights of all 2 evaluated rows are 0", table.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_infinite_loss_of_weight_zero_is_told_as_undefined()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, double.NegativeInfinity, 3], 1), ([1, 2, 3], 0));
        await File.WriteAllTextAsync(_folder["w.json"], "[1, 0, 1]");
        using var result = JsonDocument.Parse((await CliRunner.RunAsync("evaluate", dump, "--class-weights", _folder["w.json"], "--format", "json")).Out);
        var loss = result.RootElement.GetProperty("loss");
        Assert.Equal("NaN", loss.GetProperty("mean").GetString());
        Assert.Equal(1, loss.GetProperty("undefined").GetInt64());
        Assert.Equal(1, loss.GetProperty("infinite").GetInt64());
    }

    [Fact]
    public async Task A_column_that_holds_no_numbers_or_is_not_there_is_bad_input()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0));
        Assert.Contains("there is no column w", (await CliRunner.RunAsync("evaluate", dump, "--sample-weight", "w")).ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);
        Assert.Contains("one value per row", (await CliRunner.RunAsync("evaluate", dump, "--sample-weight", "logits")).ErrorLine(ExitCode.BadInput), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Integers_are_sample_weights_too()
    {
        // The id column counts rows from 0: the first row weighs nothing, the third twice the second.
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0), ([0, 0, 0], 1), ([1, 2, 3], 2));
        using var result = JsonDocument.Parse((await CliRunner.RunAsync("evaluate", dump, "--sample-weight", "id", "--format", "json")).Out);
        var loss = result.RootElement.GetProperty("loss");
        Assert.Equal(3, loss.GetProperty("denominator").GetDouble());
        Assert.Equal((Math.Log(3) + (2 * 0.40760596444437994)) / 3, loss.GetProperty("mean").GetDouble(), 1e-12);
        Assert.Equal(3, result.RootElement.GetProperty("rows").GetProperty("evaluated").GetInt64());
    }
}
