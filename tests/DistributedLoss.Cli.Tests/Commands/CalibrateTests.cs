using System.Text.Json;

namespace DistributedLoss.Cli.Tests.Commands;

/// <summary>dloss calibrate as its users meet it.</summary>
public sealed class CalibrateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_temperature_comes_with_what_shows_it_and_with_figures_before_and_after()
    {
        string dump = Dumps.Synthetic(_folder);
        var table = await CliRunner.RunAsync("calibrate", dump);
        Assert.Equal((ExitCode.Done, ""), (table.ExitCode, table.Error));
        using var json = await JsonAsync(dump);
        var root = json.RootElement;
        double temperature = root.GetProperty("temperature").GetDouble();
        Assert.StartsWith($"temperature {temperature:R}\nminimum     ", table.Out, StringComparison.Ordinal);
        Assert.Contains($"\napply       dloss evaluate TEST --temperature {temperature:R}\n", table.Out, StringComparison.Ordinal);
        Assert.Matches($"\\n  mean loss +{Mean(root, "before"):R} +{Mean(root, "after"):R}\\n", table.Out);
        Assert.All(table.Out.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        Assert.True(Mean(root, "after") < Mean(root, "before"));
        Assert.Equal(15, root.GetProperty("after").GetProperty("calibration").GetProperty("bins").GetArrayLength());

        using var evaluation = JsonDocument.Parse((await CliRunner.RunAsync("evaluate", dump, "--temperature", $"{temperature:R}", "--format", "json")).Out);
        Assert.Equal(evaluation.RootElement.GetProperty("digest").GetString(), root.GetProperty("after").GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Workers_and_shards_change_no_figure()
    {
        string dump = Dumps.Synthetic(_folder);
        using var one = await JsonAsync(dump, "--workers", "1");
        using var three = await JsonAsync(dump, "--workers", "3", "--shard-bytes", "1");
        Assert.All(
            one.RootElement.EnumerateObject().Where(p => p.Name != "environment"),
            p => Assert.Equal(p.Value.GetRawText(), three.RootElement.GetProperty(p.Name).GetRawText()));
    }

    [Fact]
    public async Task Output_is_the_document_of_stdout()
    {
        string file = _folder["calibration.json"];
        var outcome = await CliRunner.RunAsync("calibrate", Dumps.Synthetic(_folder), "--format", "json", "--output", file);
        Assert.Equal(outcome.Out, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task The_report_is_a_page_with_the_curve_and_both_diagrams()
    {
        string page = _folder["page.html"];
        var outcome = await CliRunner.RunAsync("calibrate", Dumps.Synthetic(_folder), "--report", page);
        Assert.Equal((ExitCode.Done, ""), (outcome.ExitCode, outcome.Error));
        string html = await MainAsync(page);
        foreach (string id in (string[])["curve", "before", "after", "beforecounts", "aftercounts"])
        {
            Assert.Contains($"<svg class=\"plot\" id=\"{id}\"", html, StringComparison.Ordinal);
        }

        string temperature = outcome.Out.Split('\n')[0]["temperature ".Length..];
        Assert.Contains($"<span class=\"note mono\">{temperature}</span>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);

        string right = Dumps.Of(_folder, "right.parquet", ([3, 2, 1], 0), ([1, 2, 3], 2));
        Assert.Equal(ExitCode.Done, (await CliRunner.RunAsync("calibrate", right, "--report", page)).ExitCode);
        html = await MainAsync(page);
        Assert.Contains("no temperature minimises the loss", html, StringComparison.Ordinal);
        Assert.Contains("The mean loss falls towards 0 nats as the temperature goes to 0.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_pass_is_a_run_that_the_log_tells_of()
    {
        var outcome = await CliRunner.RunAsync("calibrate", Dumps.Synthetic(_folder), "--format", "json", "--log-format", "json");
        using var json = JsonDocument.Parse(outcome.Out);
        int passes = json.RootElement.GetProperty("passes").GetInt32();
        var events = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(passes, events.Count(e => e.GetProperty("event").GetString() == "RunFinished"));
        int[] told = [.. events.Where(e => e.GetProperty("event").GetString() == "CalibrationPass").Select(e => e.GetProperty("pass").GetInt32())];
        Assert.Equal(Enumerable.Range(1, passes), told);
        Assert.InRange(passes, 4, 8);
    }

    [Fact]
    public async Task Where_there_is_no_temperature_a_line_says_why()
    {
        string right = Dumps.Of(_folder, "right.parquet", ([3, 2, 1], 0), ([1, 2, 3], 2));
        var table = await CliRunner.RunAsync("calibrate", right);
        Assert.Equal((ExitCode.Done, ""), (table.ExitCode, table.Error));
        Assert.StartsWith("temperature none\n            no temperature minimises the loss: it falls for ever as the temperature goes to 0,", table.Out, StringComparison.Ordinal);
        Assert.Contains("            the mean loss falls towards 0 nats\n", table.Out, StringComparison.Ordinal);
        var json = await CliRunner.RunAsync("calibrate", right, "--format", "json");
        Assert.Contains("no temperature minimises the loss", json.Error, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(json.Out);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("temperature").ValueKind);
        Assert.Equal(0, document.RootElement.GetProperty("limit").GetProperty("temperature").GetDouble());

        string ignored = Dumps.Of(_folder, "ignored.parquet", ([3, 2, 1], -100));
        var none = await CliRunner.RunAsync("calibrate", ignored);
        Assert.Equal(ExitCode.Done, none.ExitCode);
        Assert.StartsWith("temperature none\n            no rows to evaluate: all 1 rows have the ignored label -100\n", none.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", none.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_row_is_one_line_and_no_result()
    {
        string dump = Dumps.Of(_folder, "dump.parquet", ([1, 2, 3], 0), ([1, double.NaN, 3], 1));
        string line = (await CliRunner.RunAsync("calibrate", dump, "--output", _folder["r.json"])).ErrorLine(ExitCode.BadInput);
        Assert.StartsWith($"{dump}: row group 0, row 1: ", line, StringComparison.Ordinal);
        Assert.Equal([dump], Directory.GetFiles(_folder.Path));
        Assert.Equal(ExitCode.Done, (await CliRunner.RunAsync("calibrate", dump, "--on-invalid", "skip")).ExitCode);
    }

    [Fact]
    public async Task Cancelled_before_the_first_pass_nothing_was_evaluated()
    {
        var outcome = await CliRunner.RunAsync(["calibrate", Dumps.Synthetic(_folder)], [], new CancellationToken(canceled: true));
        Assert.Equal((ExitCode.Cancelled, ""), (outcome.ExitCode, outcome.Out));
        Assert.Equal("dloss: cancelled while the run was planned: nothing was evaluated", outcome.Error.TrimEnd());
    }

    /// <summary>A page without its scripts.</summary>
    private static async Task<string> MainAsync(string page)
    {
        string html = await File.ReadAllTextAsync(page);
        return html[html.IndexOf("<main>", StringComparison.Ordinal)..html.IndexOf("</main>", StringComparison.Ordinal)];
    }

    private static async Task<JsonDocument> JsonAsync(params string[] args)
    {
        var outcome = await CliRunner.RunAsync(["calibrate", .. args, "--format", "json"]);
        Assert.Equal((ExitCode.Done, ""), (outcome.ExitCode, outcome.Error));
        return JsonDocument.Parse(outcome.Out);
    }

    private static double Mean(JsonElement root, string when) => root.GetProperty(when).GetProperty("loss").GetProperty("mean").GetDouble();
}
