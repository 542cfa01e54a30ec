using DistributedLoss.Faults.Processes;
using DistributedLoss.Faults.Rounds;

namespace DistributedLoss.Faults.Tests;

/// <summary>The rounds would see a run that counts wrong.</summary>
public sealed class RoundCheckTests : IDisposable
{
    private static readonly Dump Dump = new("", 1, Rows: 30, Digest: "d1");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_shard_once_and_the_figures_of_one_process_hold() => Assert.Empty(Violations(30, "d1", [0, 2, 1]));

    [Fact]
    public void A_lost_shard_is_seen() => Assert.Contains("2 shards", Assert.Single(Violations(30, "d1", [0, 2])), StringComparison.Ordinal);

    [Fact]
    public void A_shard_that_counts_twice_is_seen() => Assert.Contains("shard 2", Assert.Single(Violations(30, "d1", [0, 2, 1, 2])), StringComparison.Ordinal);

    [Fact]
    public void A_row_that_counts_twice_is_seen() => Assert.Contains("31 rows", Assert.Single(Violations(31, "d1", [0, 1, 2])), StringComparison.Ordinal);

    [Fact]
    public void Other_bits_are_seen() => Assert.Contains("digest d2", Assert.Single(Violations(30, "d2", [0, 1, 2])), StringComparison.Ordinal);

    [Fact]
    public void A_failed_run_is_seen() =>
        Assert.Contains("exit code 4", Assert.Single(RoundCheck.Violations(new Outcome("", 4, "", []), Dump, "")), StringComparison.Ordinal);

    private string[] Violations(long rows, string digest, int[] counted)
    {
        string run = Directory.CreateDirectory(_folder.PathOf("run")).FullName;
        File.WriteAllText(Path.Combine(run, "manifest.json"), """{"shards":["a","b","a"]}""");
        File.WriteAllLines(Path.Combine(run, "shards.jsonl"), counted.Select(i => $$"""{"shard":{{i}},"id":"{{"aba"[i]}}"}"""));
        return [.. RoundCheck.Violations(new Outcome("", 0, $$$"""{"digest":"{{{digest}}}","rows":{"total":{{{rows}}}}}""", []), Dump, run)];
    }
}
