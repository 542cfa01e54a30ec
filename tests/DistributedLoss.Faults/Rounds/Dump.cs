using System.Text.Json;
using DistributedLoss.Faults.Processes;
using DistributedLoss.Parquet;

namespace DistributedLoss.Faults.Rounds;

/// <summary>A folder of many names of one file: each counts as a file of its own, so that a small dump makes a long run.</summary>
/// <param name="Rows">Of the footers of all files.</param>
/// <param name="Digest">Of the result of one process.</param>
internal sealed record Dump(string Folder, long ShardBytes, long Rows, string Digest)
{
    private const int SampleLinks = 4;
    private const int MostLinks = 1000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Of a generated file.</summary>
    public const int RowGroups = 4;

    public string[] Arguments => [Folder, "--shard-bytes", $"{ShardBytes}", "--format", "json", "--log-format", "json"];

    /// <summary>A small one, compressed: its shards take longer than their bytes do.</summary>
    /// <returns>The path.</returns>
    public static async Task<string> GenerateAsync(string path, int rows = 20_000, int classes = 1000, int rowGroups = RowGroups)
    {
        await using var generate = DlossProcess.Start(["generate", path, "--rows", $"{rows}", "--classes", $"{classes}", "--codec", "zstd", "--row-group-rows", $"{rows / rowGroups}"]);
        var outcome = await generate.EndAsync(Deadline);
        return outcome.ExitCode == 0 ? path : throw new InvalidOperationException(outcome.ToString());
    }

    /// <summary>As many links as keep two local workers busy for about that time, with the kernel of the cluster's workers.</summary>
    /// <param name="folder">A new one.</param>
    public static async Task<Dump> LastAsync(string file, string folder, TimeSpan time, long shardBytes)
    {
        var sample = Link(file, $"{folder}-sample", SampleLinks, shardBytes);
        var result = await EvaluateAsync(sample, new Dictionary<string, string> { [Cluster.Kernel.Key] = Cluster.Kernel.Value });
        double seconds = result.GetProperty("timing").GetProperty("evaluateSeconds").GetDouble() / SampleLinks;
        return await LinkAsync(file, folder, (int)Math.Clamp(time.TotalSeconds / seconds, SampleLinks, MostLinks), shardBytes);
    }

    /// <param name="folder">A new one.</param>
    public static async Task<Dump> LinkAsync(string file, string folder, int links, long shardBytes)
    {
        var dump = Link(file, folder, links, shardBytes);
        var result = await EvaluateAsync(dump, new Dictionary<string, string>());
        return dump with { Digest = result.GetProperty("digest").GetString()! };
    }

    private static Dump Link(string file, string folder, int links, long shardBytes)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < links; i++)
        {
            File.CreateSymbolicLink(Path.Combine(folder, $"{i:0000}.parquet"), Path.GetFullPath(file));
        }

        using var parquet = ParquetFile.Open(file);
        return new Dump(folder, shardBytes, links * parquet.Metadata.RowGroups.Sum(g => g.NumRows), "");
    }

    private static async Task<JsonElement> EvaluateAsync(Dump dump, IReadOnlyDictionary<string, string> environment)
    {
        await using var local = DlossProcess.Start(["evaluate", .. dump.Arguments, "--workers", "2"], environment);
        var outcome = await local.EndAsync(Deadline);
        return outcome.ExitCode == 0 ? outcome.Json : throw new InvalidOperationException(outcome.ToString());
    }
}
