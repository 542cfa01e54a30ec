using System.Globalization;
using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary>
/// The most memory that a process ever had (VmHWM) grows neither with rows, nor with the size of a row group, nor with the number of files. The processes hold still
/// while that is read: their results are more than a pipe holds, and nobody reads them yet.
/// </summary>
public sealed class PeakMemoryTests : IDisposable
{
    private const int Classes = 1000;

    // Of some 55 MiB. What is compared differs by 78 MB of logits, or by 990 files.
    private const long Allowance = 14 << 20;

    // Garbage lies for as long as it fits into the processor's cache, which may be larger than what is compared here.
    private static readonly Dictionary<string, string> SmallCache = new() { ["DOTNET_GCgen0size"] = "400000", ["DOTNET_GCgen0MaxBudget"] = "400000" };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("none", 500)]
    [InlineData("none", 20_000)]
    [InlineData("zstd", 20_000)]
    public async Task Neither_rows_nor_the_size_of_a_row_group_raise_it(string codec, int rowGroupRows)
    {
        long few = await PeakAsync(Generate("few.parquet", 500, codec, rowGroupRows));
        long many = await PeakAsync(Generate("many.parquet", 20_000, codec, rowGroupRows));
        Assert.True(many <= few + Allowance, $"{few >> 10} KiB for 500 rows, {many >> 10} KiB for 20,000 in row groups of {rowGroupRows}");
    }

    [Fact]
    public async Task The_number_of_files_does_not_raise_it()
    {
        string dump = Generate("dump.parquet", 10, "none", 10);
        long few = await PeakAsync(LinkedDump.Link(_folder, "few", 10, dump));
        long many = await PeakAsync(LinkedDump.Link(_folder, "many", 1000, dump));
        Assert.True(many <= few + Allowance, $"{few >> 10} KiB for 10 files, {many >> 10} KiB for 1,000");
    }

    private string Generate(string name, int rows, string codec, int rowGroupRows)
    {
        string dump = _folder.PathOf(name);
        var outcome = Dloss.Run("generate", dump, "--rows", $"{rows}", "--classes", $"{Classes}", "--codec", codec, "--row-group-rows", $"{rowGroupRows}");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return dump;
    }

    private static async Task<long> PeakAsync(string dump)
    {
        var read = new TaskCompletionSource();
        using var run = Dloss.Start(SmallCache, read.Task, "evaluate", dump, "--workers", "2", "--format", "json", "--log-format", "json");
        await run.Until(IsFinished);
        string[] status = await File.ReadAllLinesAsync($"/proc/{run.Id}/status");
        read.SetResult();
        Assert.Equal(0, run.Wait().ExitCode);
        string peak = status.Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static bool IsFinished(string line) =>
        line.StartsWith('{') && JsonDocument.Parse(line).RootElement.GetProperty("event").GetString() == "RunFinished";
}
