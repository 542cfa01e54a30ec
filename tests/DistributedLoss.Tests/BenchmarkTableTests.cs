namespace DistributedLoss.Tests;

/// <summary>Speed in the README is what scripts/bench measured, and nothing else.</summary>
public class BenchmarkTableTests
{
    [Fact]
    public void The_tables_of_the_README_are_those_of_the_last_full_benchmark()
    {
        string measured = Repository.File("benchmarks/results/bench.md");
        string readme = Repository.Read("README.md");
        string[] aroundBegin = readme.Split("<!-- benchmarks/results/bench.md: written by scripts/bench -->");
        Assert.Equal(2, aroundBegin.Length);
        string[] aroundEnd = aroundBegin[1].Split("<!-- end of benchmarks/results/bench.md -->");
        Assert.Equal(2, aroundEnd.Length);
        Assert.Equal(File.Exists(measured) ? File.ReadAllText(measured).Trim() : "", aroundEnd[0].Trim());
    }
}
