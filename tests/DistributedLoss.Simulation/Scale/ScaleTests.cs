namespace DistributedLoss.Simulation.Scale;

/// <summary>Measures the memory of the whole process: nothing else may run.</summary>
[CollectionDefinition(nameof(ScaleTests), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(ScaleTests))]
public sealed class ScaleTests
{
    // Larger ones take long; scripts/scale runs them all.
    private const int MostShards = 10_000;

    private static readonly string[] Document = File.ReadAllLines(Repository.File("docs/scale.md"));

    [Fact]
    public void The_table_in_the_document_is_what_the_simulation_comes_to()
    {
        Assert.Contains(ScaleTable.Header.ReplaceLineEndings("\n"), string.Join('\n', Document), StringComparison.Ordinal);
        foreach (var scale in ScaleTable.Cases.Where(c => c.Shards <= MostShards))
        {
            string row = ScaleTable.Reproducible(scale, ScaleRun.Of(scale));
            Assert.True(Document.Any(l => l.StartsWith(row, StringComparison.Ordinal)), $"docs/scale.md has no row {row}; print it anew with scripts/scale");
        }
    }

    [Fact]
    public void What_the_coordinator_keeps_and_allocates_is_bounded_by_shard_and_message()
    {
        var figures = ScaleRun.Of(new ScaleCase(100, 100_000));
        Assert.InRange(figures.CoordinatorBytes / 100_000.0, 32, 64);
        Assert.InRange(figures.AllocatedBytes, 50, 400);
    }

    [Fact]
    public void Speculation_shortens_the_tail()
    {
        var with = ScaleRun.Of(new ScaleCase(200, 10_000));
        var without = ScaleRun.Of(new ScaleCase(200, 10_000, Speculates: false));
        Assert.True(with.Tail < without.Tail / 2, $"{with.Tail} with, {without.Tail} without");
        Assert.True(with.Speculated > 0 && without.Speculated == 0);
    }
}
