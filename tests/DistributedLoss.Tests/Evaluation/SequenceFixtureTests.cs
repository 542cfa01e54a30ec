using DistributedLoss.Evaluation;
using DistributedLoss.Results;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Evaluation;

/// <summary>Sequences as other programs write them have the digest and the figures of the flat rows that they were made of.</summary>
public sealed class SequenceFixtureTests
{
    private static readonly EvaluationOptions Options = new() { Statistics = StatisticKinds.All, Hardest = 20 };

    private static readonly int[] Lengths = [7, 1, 0, 33, 1, 1, 64, 2, 100, 0, 0, 13, 5, 8, 1, 40, 3, 11, 0, 9, 17, 4];

    private static readonly Lazy<EvaluationResult> Flat = new(() => Evaluate(Repository.Fixture("coarse/duckdb_list_none.parquet"), 4096));

    public static TheoryData<string> Fixtures => [.. Directory.GetFiles(Repository.Fixture("sequences"), "*.parquet").Select(p => Path.GetFileName(p)!).Order()];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Sequences_of_every_writer_have_the_digest_and_figures_of_their_positions(string fixture)
    {
        // That writer has no empty sequences.
        int[] lengths = fixture.StartsWith("arrow2022", StringComparison.Ordinal) ? [.. Lengths.Where(n => n > 0)] : Lengths;
        foreach (int tileRows in (int[])[1, 10, 4096])
        {
            var result = Evaluate(Repository.Fixture($"sequences/{fixture}"), tileRows);
            Assert.Equal(Flat.Value.Digest, result.Digest);
            Assert.Equal(lengths.Length, result.Sequences);
            Assert.Equal(Figures(Flat.Value), Figures(result));
            var starts = lengths.Select((_, i) => lengths.Take(i).Sum()).ToArray();
            Assert.Equal(
                Flat.Value.Hardest.Select(h => (h.Row, h.Loss)),
                result.Hardest.Select(h => ((long)starts[h.Row] + h.Position!.Value, h.Loss)));
        }
    }

    private static string Figures(EvaluationResult result)
    {
        string json = OptionFamily.Json(result);
        return json[json.IndexOf("\n  \"rows\"", StringComparison.Ordinal)..json.IndexOf("\n  \"hardest\"", StringComparison.Ordinal)].Replace("\"positions\"", "\"rows\"", StringComparison.Ordinal);
    }

    private static EvaluationResult Evaluate(string path, int tileRows)
    {
        var plan = RunPlan.Create([path], Options, new PlanOptions { ShardBytes = 1 }) with { TileRows = tileRows };
        return OptionFamily.Build(plan, DumpFolder.Evaluate(plan));
    }
}
