using System.Text.Json.Nodes;
using DistributedLoss.Coordination;
using DistributedLoss.Losses;
using DistributedLoss.Numerics.Kernels;
using DistributedLoss.Runs;
using DistributedLoss.Tests;

namespace DistributedLoss.Local.Tests;

/// <summary>All of the result but shards, timing and environment is the same to the last byte, however the work is cut, shared and computed; so is the file of losses.</summary>
public sealed class SameResultTests : IDisposable
{
    private static readonly (int Workers, long ShardBytes, int TileRows, string Kernel)[] Ways =
    [
        (1, 32 << 20, 4096, "scalar"),
        (1, 1, 1, "256"),
        (2, 1, 7, "512"),
        (2, 3000, 1, "128"),
        (7, 1, 4096, "scalar"),
        (7, 2000, 7, "256"),
        (7, 1, 1, "512"),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dloss-same-");

    public static TheoryData<string> Families => [.. OptionFamily.All.Select(f => f.Name)];

    private string Dump => Path.Combine(_folder.FullName, "dump.parquet");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Workers_shards_tiles_and_kernels_change_no_byte(string family)
    {
        var run = OptionFamily.Of(family);
        run.Dump().Write(Dump);
        string? first = null;
        foreach (var way in Ways)
        {
            string json = OptionFamily.Json(await RunAsync(run, way));
            Assert.True((first ??= json) == json, $"{way}: {Difference(first, json)}");
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task The_cut_into_row_groups_and_pages_shows_in_nothing_but_their_numbers(string family)
    {
        var run = OptionFamily.Of(family);
        string? first = null;
        foreach (var (groupRows, pageRows, way) in new[] { (1000, 1000, Ways[0]), (40, 7, Ways[5]), (1, 1, Ways[2]), (13, 5, Ways[1]) })
        {
            run.Dump().Write(Dump, groupRows: groupRows, pageRows: pageRows);
            var json = JsonNode.Parse(OptionFamily.Json(await RunAsync(run, way)).TrimEnd(',') + "}")!.AsObject();
            json.Remove("files");
            foreach (var row in json["hardest"]!.AsArray())
            {
                row!.AsObject().Remove("rowGroup");
            }

            string text = json.ToJsonString();
            Assert.True((first ??= text) == text, $"{groupRows} rows a group: {Difference(first, text)}");
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task The_losses_of_all_rows_are_the_same_bytes(string family)
    {
        var run = OptionFamily.Of(family);
        run.Dump().Write(Dump);
        byte[]? first = null;
        foreach (var way in Ways)
        {
            string path = Path.Combine(_folder.FullName, "_losses.parquet");
            await RunAsync(run, way, path);
            byte[] bytes = await File.ReadAllBytesAsync(path);
            Assert.True((first ??= bytes).AsSpan().SequenceEqual(bytes), $"{way}");
        }
    }

    private async Task<Results.EvaluationResult> RunAsync(
        OptionFamily run, (int Workers, long ShardBytes, int TileRows, string Kernel) way, string? losses = null)
    {
        var plan = RunPlan.Create([Dump], run.Options, new PlanOptions { ShardBytes = way.ShardBytes }, CancellationToken.None) with
        {
            TileRows = way.TileRows,
            Kernel = RowKernel.Parse(way.Kernel),
        };
        using var file = losses is null ? null : new LossFile(losses);
        file?.Begin(plan);
        var outcome = await new LocalEngine(new LocalEngineOptions { Workers = way.Workers, Losses = file }).RunAsync(plan, _ => { }).WaitAsync(TimeSpan.FromMinutes(5));
        Assert.True(outcome is RunOutcome.Completed, $"{way}: {outcome}");
        file?.Commit();
        return ((RunOutcome.Completed)outcome).Result;
    }

    private static string Difference(string first, string other)
    {
        int at = first.AsSpan().CommonPrefixLength(other);
        return $"...{first[Math.Max(0, at - 200)..Math.Min(first.Length, at + 60)]}... or {other[at..Math.Min(other.Length, at + 60)]}";
    }
}
