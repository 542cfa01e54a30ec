using System.Runtime.InteropServices;

namespace DistributedLoss.EndToEnd;

/// <summary>--losses: one file, the same bytes however the run went about it.</summary>
public sealed class LossesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Workers_and_kernels_change_no_byte()
    {
        string dump = _folder.PathOf("dump.parquet");
        Assert.Equal(0, Dloss.Run("generate", dump, "--rows", "30000", "--classes", "20").ExitCode);
        byte[] one = Written([], dump, "--workers", "1");
        Assert.Equal("PAR1"u8.ToArray(), one[..4]);
        Assert.Equal(one, Written([], dump, "--workers", "2"));
        Assert.Equal(one, Written([], dump, "--workers", "7"));
        Assert.Equal(one, Written(new() { ["DLOSS_KERNEL"] = "scalar" }, dump, "--workers", "2"));
    }

    [Theory]
    [InlineData("sequences/arrow_f32_v1_pages_groups")]
    [InlineData("targets/hyparquet_soft_rr_groups", "--label-smoothing", "0.1")]
    [InlineData("targets/hyparquet_multi_bool_pages", "--input", "binary-logits")]
    public void Nor_do_they_where_lines_are_positions_or_elements_or_have_soft_targets(string dump, params string[] options)
    {
        string[] arguments = [Fixtures.PathOf($"{dump}.parquet"), .. options];
        byte[] one = Written(new() { ["DLOSS_KERNEL"] = "512" }, [.. arguments, "--workers", "1"]);
        Assert.Equal(one, Written(new() { ["DLOSS_KERNEL"] = "scalar" }, [.. arguments, "--workers", "7"]));
        Assert.Equal(one, Written(new() { ["DLOSS_KERNEL"] = "128" }, [.. arguments, "--workers", "2"]));
    }

    [Fact]
    public async Task A_cancelled_run_leaves_no_file()
    {
        string dump = _folder.PathOf("dump.parquet");
        Assert.Equal(0, Dloss.Run("generate", dump, "--rows", "20000", "--classes", "100", "--codec", "zstd").ExitCode);
        string[] many = [.. Enumerable.Range(0, 1000).Select(i => _folder.PathOf($"links/{i:0000}.parquet"))];
        foreach (string link in many)
        {
            File.CreateSymbolicLink(link, dump);
        }

        Directory.CreateDirectory(_folder.PathOf("out"));
        using var run = Dloss.Start(
            new Dictionary<string, string>(), "evaluate", _folder.PathOf("links"), "--log-format", "json", "--losses", _folder.PathOf("out/losses.parquet"));
        await run.Until(l => l.Contains("ShardFinished", StringComparison.Ordinal));
        Assert.Equal(0, Kill(run.Id, 2));
        Assert.Equal(130, run.Wait().ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.PathOf("out")));
    }

    private byte[] Written(Dictionary<string, string> environment, params string[] arguments)
    {
        string file = _folder.PathOf("losses.parquet");
        var outcome = Dloss.Run(environment, ["evaluate", .. arguments, "--losses", file]);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Empty(outcome.Error);
        return File.ReadAllBytes(file);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
