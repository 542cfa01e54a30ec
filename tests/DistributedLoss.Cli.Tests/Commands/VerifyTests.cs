using System.Security.Cryptography;
using System.Text.Json;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Tests.Commands;

/// <summary>A result stands as long as its data does, and anything else is noticed.</summary>
public sealed class VerifyTests : IDisposable
{
    private static readonly (float[] Logits, long Label)[] Rows =
        [.. Enumerable.Range(0, 50).Select(r => ((float[])[MathF.Sin(r), MathF.Cos(3 * r), r % 7 / 3f], (long)(r % 3)))];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_result_stands_on_other_kernels_workers_and_shards()
    {
        await CliRunner.RunAsync("generate", _folder["d.parquet"], "--rows", "5000", "--classes", "70", "--row-group-rows", "1000");
        await CliRunner.RunAsync("evaluate", _folder["d.parquet"], "--statistics", "all", "--output", _folder["result.json"]);
        var outcome = await CliRunner.RunAsync("verify", _folder["result.json"], "--runs", "3", "--format", "json");
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        using var json = JsonDocument.Parse(outcome.Out);
        Assert.True(json.RootElement.GetProperty("stands").GetBoolean());
        var runs = json.RootElement.GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(3, runs.Select(r => r.GetProperty("kernel").GetString()).Distinct().Count());
        Assert.Equal(3, runs.Select(r => r.GetProperty("workers").GetInt32()).Distinct().Count());

        var table = await CliRunner.RunAsync("verify", _folder["result.json"], "--runs", "1");
        Assert.Equal(0, table.ExitCode);
        Assert.EndsWith("the result stands: every figure is the same to the last digit\n", table.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_logit_that_changed_by_one_ulp_is_noticed()
    {
        await EvaluateAsync(Rows);
        var rows = Rows.Select(r => ((float[])[.. r.Logits], r.Label)).ToArray();
        float[] logits = rows[17].Item1;
        logits[rows[17].Label] = MathF.BitIncrement(logits[rows[17].Label]);
        await DoesNotStandAsync(rows, "loss.sum");
    }

    [Fact]
    public async Task A_logit_that_moves_no_figure_is_noticed_where_the_bytes_are_recorded()
    {
        (float[], long)[] rows = [([50f, -60f, 1f], 0), ([1f, 2f, 3f], 2)];
        (float[], long)[] moved = [([50f, MathF.BitIncrement(-60f), 1f], 0), rows[1]];
        await EvaluateAsync(rows);
        Write(moved);
        var unseen = await CliRunner.RunAsync("verify", _folder["result.json"]);
        Assert.Equal(0, unseen.ExitCode);
        Assert.Contains(": lengths and footers as recorded\n", unseen.Out, StringComparison.Ordinal);

        await EvaluateAsync(rows, "--sha256");
        var stands = await CliRunner.RunAsync("verify", _folder["result.json"]);
        Assert.Equal(0, stands.ExitCode);
        Assert.Contains(": every byte as recorded (SHA-256)\n", stands.Out, StringComparison.Ordinal);
        Write(moved);
        Assert.Contains("its bytes are others (SHA-256)", await IsAnotherAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_recorded_is_the_SHA_256_of_the_files()
    {
        await EvaluateAsync(Rows, "--sha256", "--run-dir", _folder["run"]);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["result.json"]));
        byte[] expected = SHA256.HashData(await File.ReadAllBytesAsync(_folder["d.parquet"]));
        Assert.Equal(Convert.ToHexStringLower(expected), json.RootElement.GetProperty("files")[0].GetProperty("sha256").GetString());
        // A run that goes on compares its inputs with those of its manifest, which has no such digest.
        var resumed = await CliRunner.RunAsync("evaluate", _folder["d.parquet"], "--sha256", "--run-dir", _folder["run"], "--resume");
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
    }

    [Fact]
    public async Task Two_labels_that_changed_places_are_noticed()
    {
        await EvaluateAsync(Rows);
        var rows = Rows.ToArray();
        (rows[4].Label, rows[9].Label) = (rows[9].Label, rows[4].Label);
        Assert.NotEqual(rows[4].Label, rows[9].Label);
        await DoesNotStandAsync(rows, "loss.sum");
    }

    [Fact]
    public async Task A_result_that_somebody_edited_is_noticed()
    {
        await EvaluateAsync(Rows);
        string text = await File.ReadAllTextAsync(_folder["result.json"]);
        await File.WriteAllTextAsync(_folder["result.json"], text.Replace("\"evaluated\": 50", "\"evaluated\": 49", StringComparison.Ordinal));
        await DoesNotStandAsync(Rows, "rows.evaluated");
    }

    [Fact]
    public async Task A_file_that_lacks_a_row_or_has_one_twice_is_another()
    {
        await EvaluateAsync(Rows);
        Write([.. Rows[..7], .. Rows[8..]]);
        await IsAnotherAsync();
        Write([.. Rows[..8], .. Rows[7..]]);
        await IsAnotherAsync();
    }

    [Fact]
    public async Task A_longer_file_of_the_same_name_is_another()
    {
        await EvaluateAsync(Rows);
        Write([.. Rows, .. Rows]);
        string line = await IsAnotherAsync();
        Assert.Contains(" bytes where that had ", line, StringComparison.Ordinal);
        File.Delete(_folder["d.parquet"]);
        Assert.Contains("the result's file is not there", (await CliRunner.RunAsync("verify", _folder["result.json"])).ErrorLine(3), StringComparison.Ordinal);
    }

    private async Task EvaluateAsync((float[] Logits, long Label)[] rows, params string[] options)
    {
        Write(rows);
        var outcome = await CliRunner.RunAsync(["evaluate", _folder["d.parquet"], "--output", _folder["result.json"], .. options]);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
    }

    private async Task DoesNotStandAsync((float[] Logits, long Label)[] rows, string figure)
    {
        Write(rows);
        var outcome = await CliRunner.RunAsync("verify", _folder["result.json"]);
        Assert.Equal((5, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("the result does not stand\n", outcome.Out, StringComparison.Ordinal);
        Assert.Contains($"  {figure}\n", outcome.Out, StringComparison.Ordinal);
    }

    private async Task<string> IsAnotherAsync()
    {
        string line = (await CliRunner.RunAsync("verify", _folder["result.json"])).ErrorLine(3);
        Assert.StartsWith($"{_folder["d.parquet"]}: not the file of the result: ", line, StringComparison.Ordinal);
        return line;
    }

    private void Write((float[] Logits, long Label)[] rows)
    {
        using var writer = new DumpWriter(_folder["d.parquet"], new DumpSchema(3) { LogitType = LogitType.Float32 });
        foreach (var (logits, label) in rows)
        {
            writer.AppendRow(Array.ConvertAll(logits, x => (double)x), label);
        }

        writer.Close();
    }
}
