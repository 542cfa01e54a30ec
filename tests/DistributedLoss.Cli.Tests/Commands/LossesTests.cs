using System.Text;
using System.Text.Json;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Columns;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Tests.Commands;

public sealed class LossesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Out => _folder["losses.parquet"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("known/duckdb_f64.parquet", "known")]
    [InlineData("known/duckdb_f32.parquet", "knownFloat32")]
    [InlineData("extreme", "extreme")]
    [InlineData("ignored/duckdb_f32.parquet", "ignored")]
    public async Task Every_rows_loss_is_that_of_the_reference(string path, string name)
    {
        using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Fixture("expected.json")));
        var reference = expected.RootElement.GetProperty(name);
        double classes = reference.GetProperty("classes").GetDouble();
        double[] losses = [.. reference.GetProperty("rowLosses").EnumerateArray().Select(l => l.GetDouble())];
        string file = Repository.Fixture(path);
        string[] files = Directory.Exists(file) ? [.. Directory.GetFiles(file).Order(StringComparer.Ordinal).Take(1)] : [file];
        var rows = await RowsAsync(files);
        Row[] evaluated = [.. rows.Where(r => r.Status == "evaluated")];
        Assert.Equal(losses.Length, evaluated.Length);
        Assert.Equal(reference.GetProperty("ignored").GetInt32(), rows.Count(r => r.Status == "ignored"));
        foreach (var (row, loss) in evaluated.Zip(losses))
        {
            // docs/numerics.md: the row's bound.
            double bound = ((4 + Math.Log2(classes)) * Math.ScaleB(1, -53)) + (2 * (Math.BitIncrement(Math.Max(loss, Math.Log(classes))) - Math.Max(loss, Math.Log(classes))));
            Assert.InRange(row.Loss!.Value, loss - bound, loss + bound);
            // Below the least normal number an ulp is no relative error; a platform's exp may be another ulp off.
            Assert.InRange(row.Probability!.Value, (Math.Exp(-loss) * (1 - bound - 1e-15)) - double.Epsilon, (Math.Exp(-loss) * (1 + bound + 1e-15)) + double.Epsilon);
        }
    }

    [Fact]
    public async Task Rows_stand_in_path_and_row_order_with_what_became_of_them()
    {
        string bad = Repository.Fixture("bad/many_causes.parquet"), coarse = Repository.Fixture("coarse/arrow_list_v1_pages_groups.parquet");
        var rows = await RowsAsync(coarse, bad);
        Assert.Equal(340, rows.Count);
        Assert.Equal(Enumerable.Repeat(bad, 20).Concat(Enumerable.Repeat(coarse, 320)), rows.Select(r => r.File));
        Assert.Equal(Enumerable.Range(0, 20).Concat(Enumerable.Range(0, 320)).Select(r => (long)r), rows.Select(r => r.Index));
        Assert.True(rows[^1].RowGroup > 0, "the last row is in the first row group");
        Assert.Equal(rows.Skip(20).Select(r => r.RowGroup).Order(), rows.Skip(20).Select(r => r.RowGroup));
        Assert.Equal(
            ["evaluated", "labelOutOfRange", "nullLabel", "ignored", "nullLogits", "wrongLength", "nan", "infinity", "allMasked", "nullLogits", "evaluated"],
            rows.Take(11).Select(r => r.Status));
        Assert.Equal([null, -100L], rows.Skip(2).Take(2).Select(r => r.Label));
        Assert.All(rows, r => Assert.Equal(r.Status == "evaluated", r is { Loss: not null, Predicted: not null, Probability: not null, Rank: not null }));
        Assert.All(rows, r => Assert.Equal(r.Status != "evaluated", r is { Loss: null, Predicted: null, Probability: null, Rank: null }));
    }

    [Fact]
    public async Task Positions_of_sequences_are_rows_with_a_position()
    {
        // The coarse rows again, cut into sequences.
        var flat = await RowsAsync(Repository.Fixture("coarse/duckdb_list_none.parquet"));
        using var lengths = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Fixture("sequences/expected.json")));
        var places = lengths.RootElement.GetProperty("lengths").EnumerateArray().SelectMany((l, row) => Enumerable.Range(0, l.GetInt32()).Select(position => ((long)row, position))).ToList();
        foreach (string name in (string[])["duckdb_f32_none", "polars_f64_none_i64", "arrow_f32_v1_pages_groups"])
        {
            string path = Repository.Fixture($"sequences/{name}.parquet");
            var rows = await RowsAsync(path);
            using var file = ParquetFile.Open(Out);
            Assert.Equal(
                ["file", "row_group", "row", "position", "label", "loss", "predicted", "p_label", "rank", "status"], file.Schema.Leaves.Select(l => l.Path));
            var positions = Enumerable.Range(0, file.Metadata.RowGroups.Count).SelectMany(g => Column(file, "position", g)).Select(p => int.Parse(p!));
            Assert.Equal(places, rows.Select(r => r.Index).Zip(positions));
            Assert.Equal(flat.Select(r => r with { File = path, RowGroup = 0, Index = 0 }), rows.Select(r => r with { RowGroup = 0, Index = 0 }));
        }
    }

    [Fact]
    public async Task Soft_targets_have_the_class_of_the_largest_and_its_probability()
    {
        using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Fixture("expected.json")));
        using var targets = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Fixture("targets/expected.json")));
        var rows = await RowsAsync(Repository.Fixture("targets/duckdb_soft_f64_v2_zstd.parquet"));
        Assert.Equal(expected.RootElement.GetProperty("soft").GetProperty("sum").GetDouble(), rows.Sum(r => r.Loss!.Value), 1e-10);
        Assert.Equal(
            targets.RootElement.GetProperty("soft").EnumerateArray().Select(t => t.EnumerateArray().Select(p => p.GetDouble()).ToList()).Select(t => (long?)t.IndexOf(t.Max())),
            rows.Select(r => r.Label));
        Assert.All(rows, r => Assert.Equal(("evaluated", r.Label == r.Predicted), (r.Status, r.Rank == 1)));
        Assert.All(rows, r => Assert.InRange(r.Probability!.Value, r.Rank == 1 ? 0.1 : 0, r.Rank == 1 ? 1 : 0.5));
    }

    [Theory]
    [InlineData("multi", "duckdb_multi_i32_snappy", 10)]
    [InlineData("binary", "duckdb_binary_f64_zstd", 1)]
    public async Task Elements_of_binary_rows_are_rows_with_a_class_and_a_target(string name, string file, int classes)
    {
        using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Fixture("expected.json")));
        using var targets = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Fixture("targets/expected.json")));
        await WriteAsync("--input", "binary-logits", Repository.Fixture($"targets/{file}.parquet"));
        using var losses = ParquetFile.Open(Out);
        Assert.Equal(["file", "row_group", "row", "class", "target", "loss", "predicted", "p_positive", "status"], losses.Schema.Leaves.Select(l => l.Path));
        Assert.Equal(
            Enumerable.Range(0, 60 * classes).Select(e => ($"{e / classes}", $"{e % classes}")), All(losses, "row").Zip(All(losses, "class"), (row, c) => (row!, c!)));
        double[] target = Doubles("target"), loss = Doubles("loss"), probability = Doubles("p_positive"), predicted = Doubles("predicted");
        Assert.Equal(targets.RootElement.GetProperty(name).EnumerateArray().SelectMany(t => t.EnumerateArray()).Select(t => t.GetDouble()), target);
        Assert.Equal(expected.RootElement.GetProperty(name).GetProperty("sum").GetDouble(), loss.Sum(), 1e-10);
        for (int e = 0; e < loss.Length; e++)
        {
            Assert.Equal(predicted[e] == 1, probability[e] > 0.5);
            Assert.Equal(Math.Exp(-loss[e]), target[e] == 1 ? probability[e] : 1 - probability[e], 1e-15);
        }

        double[] Doubles(string column) => [.. All(losses, column).Select(v => double.Parse(v!))];
    }

    [Fact]
    public async Task An_elements_target_is_that_of_the_file_and_its_loss_has_all_weights()
    {
        string path = Repository.Fixture("slices/duckdb_plain_none.parquet");
        string two = _folder.Write("two.json", "[2]"), three = _folder.Write("three.json", "[3]");
        await WriteAsync("--input", "binary-logits", "--logits", "f64", "--label", "flag", path);
        double[] plain = Losses(), target = Doubles("target");
        await WriteAsync("--input", "binary-logits", "--logits", "f64", "--label", "flag", "--class-weights", two, "--pos-weight", three, path);
        Assert.Equal(plain.Zip(target, (loss, t) => 2 * loss * (t == 1 ? 3 : 1)), Losses(), (x, y) => Math.Abs(x - y) <= 1e-15 * x);
        Assert.All(Doubles("weight"), weight => Assert.Equal(1, weight));

        double[] Losses() => Doubles("loss");

        double[] Doubles(string column)
        {
            using var file = ParquetFile.Open(Out);
            return [.. All(file, column).OfType<string>().Select(double.Parse)];
        }
    }

    [Fact]
    public async Task A_binary_row_that_is_invalid_has_one_line_without_a_class()
    {
        await WriteAsync("--input", "binary-logits", "--logits", "f64", "--label", "flag", Repository.Fixture("slices/duckdb_plain_none.parquet"));
        using var losses = ParquetFile.Open(Out);
        string?[] status = All(losses, "status");
        Assert.Equal(40, status.Length);
        Assert.Contains("nullLabel", status);
        foreach (string column in (string[])["class", "target", "loss", "predicted", "p_positive"])
        {
            Assert.Equal(status.Select(s => s == "evaluated"), All(losses, column).Select(v => v is not null));
        }
    }

    [Fact]
    public async Task A_binary_dump_without_any_logits_has_one_line_a_row()
    {
        string dump = _folder["nulls.parquet"];
        using (var writer = new DumpWriter(dump, new DumpSchema(3) { NullableLogits = true }))
        {
            writer.AppendNullLogits(1);
            writer.AppendNullLogits(0);
            writer.Close();
        }

        await WriteAsync("--input", "binary-logits", dump);
        using var losses = ParquetFile.Open(Out);
        Assert.Equal("nullLogits nullLogits", string.Join(' ', All(losses, "status")));
        Assert.Equal("0 1", string.Join(' ', All(losses, "row")));
    }

    [Fact]
    public async Task Names_that_are_no_class_have_no_number()
    {
        string names = _folder.Write("names.txt", "Straße\na\n" + string.Concat(Enumerable.Range(2, 8).Select(i => $"unused {i}\n")));
        var rows = await RowsAsync("--label", "text", "--classes", names, Repository.Fixture("slices/duckdb_plain_none.parquet"));
        Assert.Contains(rows, r => r is { Status: "labelOutOfRange", Label: null });
        Assert.All(rows.Where(r => r.Status == "evaluated"), r => Assert.InRange(r.Label!.Value, 0, 1));
    }

    [Fact]
    public async Task A_label_beyond_int64_is_out_of_range_and_not_another_number()
    {
        var row = (await RowsAsync(Repository.Fixture("bad/label_huge.parquet")))[7];
        Assert.Equal((null, "labelOutOfRange"), (row.Label, row.Status));
    }

    [Fact]
    public async Task A_dump_of_no_rows_has_a_table_of_no_rows() =>
        Assert.Empty(await RowsAsync(Repository.Fixture("odd/zero_rows.parquet")));

    [Fact]
    public async Task The_result_is_the_same_with_and_without()
    {
        string dump = Dumps.Synthetic(_folder);
        string[] plain = await ResultAsync();
        Assert.Equal(plain, await ResultAsync("--losses", Out));

        async Task<string[]> ResultAsync(params string[] more)
        {
            using var result = JsonDocument.Parse((await CliRunner.RunAsync(["evaluate", dump, "--format", "json", .. more])).Out);
            return [.. result.RootElement.EnumerateObject().Where(p => p.Name is not ("shards" or "timing" or "environment")).Select(p => p.Value.GetRawText())];
        }
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_known_before_the_run()
    {
        string[] places = [_folder["no/such/folder.parquet"], _folder.Path, "/dev/null"];
        foreach (string place in places)
        {
            var outcome = await CliRunner.RunAsync("evaluate", "missing.parquet", "--losses", place);
            Assert.StartsWith($"--losses {place}: ", outcome.ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
        }

        var same = await CliRunner.RunAsync("evaluate", "missing.parquet", "--losses", Out, "--output", _folder["./losses.parquet"]);
        Assert.Contains("names the same file", same.ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task With_weights_the_file_has_each_rows_part_of_numerator_and_denominator()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0), ([1, 2, 3], -100), ([3, 1, 2], 1));
        string weights = _folder.Write("w.json", "[0.5, 2, 1]");
        var outcome = await CliRunner.RunAsync("evaluate", dump, "--losses", Out, "--class-weights", weights, "--label-smoothing", "0.1", "--format", "json");
        Assert.True(outcome.ExitCode == ExitCode.Done, outcome.Error);
        using var file = ParquetFile.Open(Out);
        Assert.Equal(
            ["file", "row_group", "row", "label", "loss", "weight", "predicted", "p_label", "rank", "status"], file.Schema.Leaves.Select(l => l.Path));
        string?[] losses = Column(file, "loss", 0), shares = Column(file, "weight", 0), probabilities = Column(file, "p_label", 0);
        // F.cross_entropy(torch.tensor([[1, 2, 3], [1, 2, 3], [3, 1, 2]], dtype=float64), torch.tensor([0, -100, 1]), weight=..., label_smoothing=0.1, reduction="none")
        Assert.Equal(1.230976713185149, double.Parse(losses[0]!), 1e-14);
        Assert.Equal(4.5479114318517295, double.Parse(losses[2]!), 1e-14);
        Assert.Equal("0.5,,2", string.Join(",", shares));
        // softmax at the label, before smoothing and weights.
        Assert.Equal(0.09003057317038045, double.Parse(probabilities[0]!), 1e-15);
        Assert.Equal((null, null), (losses[1], probabilities[1]));
        using var result = JsonDocument.Parse(outcome.Out);
        var loss = result.RootElement.GetProperty("loss");
        Assert.Equal(loss.GetProperty("sum").GetDouble(), double.Parse(losses[0]!) + double.Parse(losses[2]!), 1e-14);
        Assert.Equal(2.5, loss.GetProperty("denominator").GetDouble());
    }

    [Fact]
    public async Task With_weights_too_any_number_of_workers_writes_the_same_bytes()
    {
        string dump = Dumps.Synthetic(_folder);
        string weights = _folder.Write("w.json", "[1, 0.1, 3, 0, 1e-3, 7, 1]");
        List<string> files = [];
        foreach (string workers in (string[])["1", "2", "7"])
        {
            var outcome = await CliRunner.RunAsync(
                "evaluate", dump, "--losses", Out, "--class-weights", weights, "--sample-weight", "id", "--label-smoothing", "0.2", "--temperature", "0.7", "--workers", workers);
            Assert.True(outcome.ExitCode == ExitCode.Done, outcome.Error);
            files.Add(Convert.ToHexString(await File.ReadAllBytesAsync(Out)));
        }

        Assert.Single(files.Distinct());
    }

    [Theory]
    [InlineData("sequences/arrow_f32_v1_pages_groups", "logits")]
    [InlineData("targets/hyparquet_soft_rr_groups", "logits")]
    [InlineData("targets/hyparquet_multi_bool_pages", "binary-logits")]
    public async Task Positions_elements_and_soft_targets_are_the_same_bytes_for_any_workers(string dump, string input)
    {
        List<string> files = [];
        foreach (string workers in (string[])["1", "2", "7"])
        {
            var outcome = await CliRunner.RunAsync("evaluate", Repository.Fixture($"{dump}.parquet"), "--losses", Out, "--input", input, "--workers", workers);
            Assert.True(outcome.ExitCode == ExitCode.Done, outcome.Error);
            files.Add(Convert.ToHexString(await File.ReadAllBytesAsync(Out)));
        }

        Assert.Single(files.Distinct());
    }

    [Fact]
    public async Task Smoothing_alone_changes_the_loss_and_not_the_probability_and_has_no_weights()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0));
        Assert.Equal(ExitCode.Done, (await CliRunner.RunAsync("evaluate", dump, "--losses", Out, "--label-smoothing", "0.1")).ExitCode);
        using var file = ParquetFile.Open(Out);
        Assert.DoesNotContain("weight", file.Schema.Leaves.Select(l => l.Path));
        Assert.Equal(2.3076059644443805, double.Parse(Column(file, "loss", 0)[0]!), 1e-14);
        Assert.Equal(0.09003057317038045, double.Parse(Column(file, "p_label", 0)[0]!), 1e-15);
    }

    [Fact]
    public async Task An_input_is_not_replaced_by_its_losses_under_whatever_name()
    {
        string dump = Dumps.Synthetic(_folder);
        byte[] before = await File.ReadAllBytesAsync(dump);
        File.CreateSymbolicLink(_folder["link.parquet"], dump);
        Directory.CreateSymbolicLink(_folder["here"], _folder.Path);
        foreach (string name in (string[])["synthetic.parquet", "link.parquet", "here/synthetic.parquet", "here/here/link.parquet"])
        {
            var outcome = await CliRunner.RunAsync("evaluate", dump, "--losses", _folder[name]);
            Assert.Contains("is also an input", outcome.ErrorLine(ExitCode.Usage), StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(dump));
        Assert.Equal(3, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public async Task A_failed_run_leaves_the_last_runs_losses_and_nothing_else()
    {
        await File.WriteAllTextAsync(Out, "the last run's");
        var outcome = await CliRunner.RunAsync("evaluate", Repository.Fixture("bad/logit_nan.parquet"), "--losses", Out);
        Assert.Equal(ExitCode.BadInput, outcome.ExitCode);
        Assert.Equal("the last run's", await File.ReadAllTextAsync(Out));
        Assert.Equal([Out], Directory.GetFileSystemEntries(_folder.Path));
    }

    private async Task WriteAsync(params string[] arguments)
    {
        var outcome = await CliRunner.RunAsync(["evaluate", .. arguments, "--on-invalid", "skip", "--losses", Out]);
        Assert.True(outcome.ExitCode == ExitCode.Done, outcome.Error);
    }

    private async Task<List<Row>> RowsAsync(params string[] arguments)
    {
        await WriteAsync(arguments);
        using var file = ParquetFile.Open(Out);
        List<Row> rows = [];
        for (int g = 0; g < file.Metadata.RowGroups.Count; g++)
        {
            string?[][] columns = [.. ((string[])["file", "row_group", "row", "label", "loss", "predicted", "p_label", "rank", "status"]).Select(c => Column(file, c, g))];
            for (int r = 0; r < columns[0].Length; r++)
            {
                rows.Add(new Row(
                    columns[0][r]!, int.Parse(columns[1][r]!), long.Parse(columns[2][r]!), Optional(columns[3][r], long.Parse), Optional(columns[4][r], double.Parse),
                    Optional(columns[5][r], int.Parse), Optional(columns[6][r], double.Parse), Optional(columns[7][r], int.Parse), columns[8][r]!));
            }
        }

        return rows;
    }

    private static T? Optional<T>(string? text, Func<string, T> parse)
        where T : struct => text is null ? null : parse(text);

    private static string?[] All(ParquetFile file, string column) =>
        [.. Enumerable.Range(0, file.Metadata.RowGroups.Count).SelectMany(g => Column(file, column, g))];

    private static string?[] Column(ParquetFile file, string column, int rowGroup)
    {
        List<string?> values = [];
        using var reader = ScalarColumnReader.Open(file, column, rowGroup);
        while (reader.TryRead(1000, out var batch))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                values.Add(batch.IsNull[i] ? null : column switch
                {
                    "file" or "status" => Encoding.UTF8.GetString(batch.Bytes(i)),
                    "loss" or "p_label" or "weight" or "target" or "p_positive" => batch.Double(i).ToString("R"),
                    _ => batch.Int64(i).ToString(),
                });
            }
        }

        return [.. values];
    }

    private sealed record Row(string File, int RowGroup, long Index, long? Label, double? Loss, int? Predicted, double? Probability, int? Rank, string Status);
}
