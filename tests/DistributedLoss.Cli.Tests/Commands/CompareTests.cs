using System.Text.Json;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Tests.Commands;

/// <summary>Two runs are compared whatever they are given as, and refused by name where they do not go together.</summary>
public sealed class CompareTests : IDisposable
{
    private static readonly (double[] Logits, long Label)[] Base =
        [.. Enumerable.Range(0, 40).Select(r => ((double[])[Math.Sin(r), Math.Cos(3 * r), r % 7 / 3.0], (long)(r % 3)))];

    private static readonly (double[] Logits, long Label)[] Other = [.. Base.Select((r, i) => ((double[])[.. r.Logits.Select(z => z * (i % 5 == 0 ? 1 : 1.1 + (i % 3)))], r.Label))];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Dumps_losses_and_results_of_the_same_rows_say_the_same()
    {
        string[] dumps = [Dumps.Of(_folder, "a.parquet", Base), Dumps.Of(_folder, "b.parquet", Other)];
        foreach (string name in new[] { "a", "b" })
        {
            var made = await CliRunner.RunAsync("evaluate", _folder[$"{name}.parquet"], "--losses", _folder[$"{name}-losses.parquet"], "--output", _folder[$"{name}.json"]);
            Assert.Equal((0, ""), (made.ExitCode, made.Error));
        }

        var expected = await CompareAsync(dumps[0], dumps[1]);
        Assert.Equal(40, expected.GetProperty("rows").GetProperty("compared").GetInt64());
        foreach (var (a, b) in new[] { ("a.json", "b.json"), ("a.json", "b.parquet"), ("a-losses.parquet", "b-losses.parquet"), ("a.parquet", "b-losses.parquet"), ("a-losses.parquet", "b.json") })
        {
            var actual = await CompareAsync(_folder[a], _folder[b], "--workers", "3");
            foreach (string figure in new[] { "classes", "rows", "loss", "difference", "accuracy", "tests", "quantiles", "histogram", "perClass" })
            {
                Assert.Equal(expected.GetProperty(figure).GetRawText(), actual.GetProperty(figure).GetRawText());
            }

            bool hasLogits = !a.Contains("losses", StringComparison.Ordinal) && !b.Contains("losses", StringComparison.Ordinal);
            Assert.Equal(hasLogits, actual.GetProperty("klDivergence").GetProperty("mean").ValueKind == JsonValueKind.Number);
            Assert.Equal(hasLogits, actual.GetProperty("digest").GetString() == expected.GetProperty("digest").GetString());
            Assert.Equal(
                Moved(expected).Select(r => (r.GetProperty("difference").GetRawText(), r.GetProperty("rowA").GetInt64())),
                Moved(actual).Select(r => (r.GetProperty("difference").GetRawText(), r.GetProperty("rowA").GetInt64())));
        }

        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["a.json"]));
        Assert.Equal(result.RootElement.GetProperty("loss").GetProperty("mean").GetRawText(), expected.GetProperty("loss").GetProperty("a").GetRawText());
    }

    [Fact]
    public async Task A_results_own_options_are_used()
    {
        string dump = Dumps.Of(_folder, "a.parquet", Base);
        await CliRunner.RunAsync("evaluate", dump, "--output", _folder["cold.json"]);
        await CliRunner.RunAsync("evaluate", dump, "--temperature", "2", "--output", _folder["warm.json"]);
        var json = await CompareAsync(_folder["cold.json"], _folder["warm.json"]);
        Assert.Equal((1, 2), (Temperature("a"), Temperature("b")));
        double Temperature(string side) => json.GetProperty(side).GetProperty("options").GetProperty("temperature").GetDouble();

        Assert.Equal(1, json.GetProperty("accuracy").GetProperty("agreement").GetDouble());
        Assert.NotEqual(0, json.GetProperty("difference").GetProperty("mean").GetDouble());

        Dumps.Of(_folder, "a.parquet", [.. Base, .. Base]);
        Assert.Contains("not the file of the result", await RefusedAsync(_folder["cold.json"], _folder["warm.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missed_threshold_is_exit_code_5_with_figure_and_limit()
    {
        string a = Dumps.Of(_folder, "a.parquet", Base), b = Dumps.Of(_folder, "b.parquet", Other);
        var difference = (await CompareAsync(a, b)).GetProperty("difference");
        double mean = difference.GetProperty("mean").GetDouble();
        Assert.True(mean > 0);
        var kept = await CliRunner.RunAsync("compare", a, b, "--fail-above", $"difference.mean={mean:R}", "--fail-below", "rows.compared=40");
        Assert.Equal((0, ""), (kept.ExitCode, kept.Error));
        var missed = await CliRunner.RunAsync("compare", a, b, "--fail-above", "difference.mean=1e-6", "--fail-below", "rows.compared=41", "--output", _folder["c.json"]);
        Assert.Equal(5, missed.ExitCode);
        Assert.Equal($"dloss: difference.mean {mean:R} is above 1E-06\ndloss: rows.compared 40 is below 41\n", missed.Error);
        Assert.Contains("difference  ", missed.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["c.json"]));
        Assert.Contains("a comparison has no number loss.mean", await RefusedAsync(2, a, b, "--fail-above", "loss.mean=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_are_not_the_same_are_refused_by_name()
    {
        string a = Dumps.Of(_folder, "a.parquet", Base);
        var swapped = Other.ToArray();
        swapped[17].Label = (swapped[17].Label + 1) % 3;
        string b = Dumps.Of(_folder, "b.parquet", swapped);
        Assert.StartsWith(
            $"{a}: row group 0, row 17 has label 2, but {b}: row group 0, row 17 has label 0: the rows are not the same", await RefusedAsync(a, b), StringComparison.Ordinal);

        Dumps.Of(_folder, "b.parquet", Other[..39]);
        Assert.StartsWith($"A has 40 rows, B has 39: {a}: row group 0, row 39 and what follows have no pair", await RefusedAsync(a, b), StringComparison.Ordinal);
        Dumps.Of(_folder, "b.parquet");
        Assert.StartsWith($"A has 40 rows, B has 0: {a}: row group 0, row 0 and what follows", await RefusedAsync(a, b, "--num-classes", "3"), StringComparison.Ordinal);
        Assert.Contains("there is no column nope", await RefusedAsync(a, a, "--key", "nope"), StringComparison.Ordinal);
        Assert.Contains("there is no column nope", await RefusedAsync(a, a, "--slice-by", "nope"), StringComparison.Ordinal);
        Assert.Contains("no such file", await RefusedAsync(a, _folder["nope.parquet"]), StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["x.json"], "{}");
        Assert.Contains("this is no result of dloss", await RefusedAsync(a, _folder["x.json"]), StringComparison.Ordinal);

        await CliRunner.RunAsync("generate", _folder["four.parquet"], "--rows", "40", "--classes", "4");
        Assert.StartsWith($"{a} has 3 classes, but {_folder["four.parquet"]} has 4", await RefusedAsync(a, _folder["four.parquet"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_are_twice_or_in_one_side_only_are_refused_by_name()
    {
        // The ids of rows are 0, 1, 2, ...
        string a = Dumps.Of(_folder, "a.parquet", Base);
        string b = Dumps.Of(_folder, "b.parquet", Other[..36]);
        Assert.Equal(
            $"4 rows are in A only: {a}: row group 0, row 36 (key \"36\"), {a}: row group 0, row 37 (key \"37\"), {a}: row group 0, row 38 (key \"38\"), ...; compare runs over the same rows",
            await RefusedAsync(a, b, "--key", "id"));
        Assert.StartsWith("4 rows are in B only: ", await RefusedAsync(b, a, "--key", "id"), StringComparison.Ordinal);
        Assert.Equal($"A has the key \"0\" more than once ({a}); give each row a key of its own", await RefusedAsync(a, a, "--key", "label"));
        var swapped = Other.ToArray();
        swapped[9].Label = (swapped[9].Label + 1) % 3;
        swapped[30].Label = (swapped[30].Label + 1) % 3;
        Dumps.Of(_folder, "b.parquet", swapped);
        Assert.Contains("row 9 has label 0, but ", await RefusedAsync(a, b, "--key", "id", "--workers", "3"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_without_a_loss_on_one_side_fail_or_are_counted()
    {
        var (first, second) = (Base.ToArray(), Other.ToArray());
        first[3].Label = second[3].Label = -100;
        first[4].Logits = second[4].Logits = [double.NaN, 1, 2];
        second[5].Logits = [1, double.NaN, 2];
        first[6].Logits = [double.PositiveInfinity, 0, 0];
        string a = Dumps.Of(_folder, "a.parquet", first), b = Dumps.Of(_folder, "b.parquet", second);
        Assert.Contains("row 4: a logit is NaN", await RefusedAsync(a, b), StringComparison.Ordinal);
        var rows = (await CompareAsync(a, b, "--on-invalid", "skip")).GetProperty("rows");
        Assert.Equal([("total", 40), ("compared", 36), ("ignored", 1), ("invalid", 1), ("onlyA", 1), ("onlyB", 1)], rows.EnumerateObject().Select(p => (p.Name, p.Value.GetInt64())));

        foreach (string name in new[] { "a", "b" })
        {
            await CliRunner.RunAsync("evaluate", _folder[$"{name}.parquet"], "--on-invalid", "skip", "--losses", _folder[$"{name}-losses.parquet"]);
        }

        Assert.Contains(
            "row 5 is evaluated, but ", await RefusedAsync(_folder["a-losses.parquet"], _folder["b-losses.parquet"]), StringComparison.Ordinal);
        var counted = (await CompareAsync(_folder["a-losses.parquet"], _folder["b-losses.parquet"], "--on-invalid", "skip")).GetProperty("rows");
        Assert.Equal(rows.GetRawText(), counted.GetRawText());
    }

    [Fact]
    public async Task Losses_that_are_infinite_leave_no_number_made_up()
    {
        var (first, second) = (Base.ToArray(), Other.ToArray());
        second[1].Logits = [0, double.NegativeInfinity, 1];
        string a = Dumps.Of(_folder, "a.parquet", first), b = Dumps.Of(_folder, "b.parquet", second);
        var one = await CompareAsync(a, b);
        Assert.Equal("Infinity", one.GetProperty("difference").GetProperty("mean").GetString());
        Assert.Equal("Infinity", one.GetProperty("klDivergence").GetProperty("mean").GetString());
        Assert.Equal("NaN", one.GetProperty("difference").GetProperty("standardError").GetString());
        Assert.Equal("a difference is not finite", one.GetProperty("tests").GetProperty("pairedTReason").GetString());
        Assert.Equal("Infinity", Moved(one).First().GetProperty("difference").GetString());

        first[1].Logits = [1, double.NegativeInfinity, 0];
        Dumps.Of(_folder, "a.parquet", first);
        var both = await CompareSayingAsync("dloss: the mean difference is not defined: losses are infinite on both sides, or differences of both signs are infinite\n", a, b);
        Assert.Equal("NaN", both.GetProperty("difference").GetProperty("mean").GetString());
        Assert.Equal(1, both.GetProperty("difference").GetProperty("undefined").GetInt64());
        Assert.Equal(JsonValueKind.Number, both.GetProperty("klDivergence").GetProperty("mean").ValueKind);
        Assert.Equal(5, (await CliRunner.RunAsync("compare", a, b, "--fail-above", "difference.mean=1000")).ExitCode);
    }

    [Fact]
    public async Task Options_that_nothing_would_listen_to_are_refused()
    {
        string a = Dumps.Of(_folder, "a.parquet", Base);
        await CliRunner.RunAsync("evaluate", a, "--output", _folder["a.json"], "--losses", _folder["a-losses.parquet"]);
        Assert.Contains("--temperature is for dumps", await RefusedAsync(2, _folder["a.json"], _folder["a-losses.parquet"], "--temperature", "2"), StringComparison.Ordinal);
        Assert.Contains("--b-logits x is for a dump", await RefusedAsync(2, a, _folder["a.json"], "--b-logits", "x"), StringComparison.Ordinal);
        Assert.Contains("is also an input", await RefusedAsync(2, a, _folder["a.json"], "--output", a), StringComparison.Ordinal);
        Assert.Contains("is also an input", await RefusedAsync(2, a, _folder["a.json"], "--output", _folder["a.json"]), StringComparison.Ordinal);
        Assert.Contains("Required argument 'B'", await RefusedAsync(2, a), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Losses_that_are_no_losses_are_refused_by_row()
    {
        string path = _folder["bad.parquet"];
        foreach (var (label, index, status, what) in new[]
        {
            (-1L, 0L, "evaluated", "it is evaluated with label -1"), (1L << 40, 0, "evaluated", "it is evaluated with label 1099511627776"), (0, 0, "perhaps", "its status is \"perhaps\""), (0, -3, "evaluated", "its position is -3"),
        })
        {
            WriteLosses(path, label, index, status);
            Assert.Contains($"{path}: row group 0, row 0: {what}", await RefusedAsync(path, path), StringComparison.Ordinal);
        }
    }

    private static void WriteLosses(string path, long label, long position, string status)
    {
        var columns = (File: new TextColumn("file"), Group: new NumberColumn<int>("row_group"), Row: new NumberColumn<long>("row"), Position: new NumberColumn<long>("position"), Label: new NumberColumn<long>("label"),
            Loss: new NumberColumn<double>("loss"), Predicted: new NumberColumn<int>("predicted"), Rank: new NumberColumn<int>("rank"), Status: new TextColumn("status"));
        using var writer = new TableWriter(path, [columns.File, columns.Group, columns.Row, columns.Position, columns.Label, columns.Loss, columns.Predicted, columns.Rank, columns.Status], new WriterOptions());
        columns.File.Append("dump");
        columns.Group.Append(0);
        columns.Row.Append(0);
        columns.Position.Append(position);
        columns.Label.Append(label);
        columns.Loss.Append(1);
        columns.Predicted.Append(0);
        columns.Rank.Append(1);
        columns.Status.Append(status);
        writer.EndRow();
        writer.Close();
    }

    private static IEnumerable<JsonElement> Moved(JsonElement json) =>
        json.GetProperty("moved").GetProperty("worse").EnumerateArray().Concat(json.GetProperty("moved").GetProperty("better").EnumerateArray());

    private static Task<JsonElement> CompareAsync(string a, string b, params string[] options) => CompareSayingAsync("", [a, b, .. options]);

    private static async Task<JsonElement> CompareSayingAsync(string expectedError, params string[] args)
    {
        var outcome = await CliRunner.RunAsync(["compare", .. args, "--format", "json"]);
        Assert.Equal((0, expectedError), (outcome.ExitCode, outcome.Error));
        using var json = JsonDocument.Parse(outcome.Out);
        return json.RootElement.Clone();
    }

    private static Task<string> RefusedAsync(params string[] args) => RefusedAsync(3, args);

    private static async Task<string> RefusedAsync(int exitCode, params string[] args) => (await CliRunner.RunAsync(["compare", .. args])).ErrorLine(exitCode);
}
