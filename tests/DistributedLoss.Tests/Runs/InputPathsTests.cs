using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Runs;

public sealed class InputPathsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dloss-paths-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Directories_are_searched_recursively_in_ordinal_order_and_hidden_names_are_passed_over()
    {
        Touch("b.parquet", "a/z.parquet", "a/B.parquet", "_c.parquet", ".d.parquet", "_tmp/e.parquet", "readme.txt");
        Assert.Equal(["a/B.parquet", "a/z.parquet", "b.parquet"], Expand("."));
    }

    [Fact]
    public void A_link_that_leads_back_up_is_not_followed()
    {
        Touch("a/x.parquet");
        Directory.CreateSymbolicLink(Path.Combine(_root, "a", "self"), Path.Combine(_root, "a"));
        Assert.Equal(["a/x.parquet"], Expand("."));
        Assert.Equal(["a/x.parquet"], Expand("**/*.parquet"));
    }

    [Fact]
    public void A_file_named_outright_may_have_any_name()
    {
        Touch("_odd.bin");
        Assert.Equal(["_odd.bin"], Expand("_odd.bin"));
    }

    [Fact]
    public void Paths_that_overlap_count_a_file_once()
    {
        Touch("a/x.parquet", "a/y.parquet");
        Assert.Equal(["a/x.parquet", "a/y.parquet"], Expand("a/y.parquet", "a", "a/*.parquet", "./a/../a/x.parquet"));
    }

    [Theory]
    [InlineData("*.parquet", "p1.parquet", "p22.parquet", "q2.parquet")]
    [InlineData("p?.parquet", "p1.parquet")]
    [InlineData("*/q*.parquet", "d/q.parquet")]
    [InlineData("**/q?.parquet", "d/e/q1.parquet", "q2.parquet")]
    [InlineData("d/**/*.dump", "d/e/x.dump", "d/y.dump")]
    public void Globs_know_stars_question_marks_and_double_stars(string pattern, params string[] expected)
    {
        Touch("p1.parquet", "p22.parquet", "q2.parquet", "d/q.parquet", "d/e/q1.parquet", "d/e/x.dump", "d/y.dump", "_p3.parquet");
        Assert.Equal(expected, Expand(pattern));
    }

    [Theory]
    [InlineData("missing.parquet", "no such file or directory")]
    [InlineData("empty", "no *.parquet file")]
    [InlineData("empty/*.parquet", "matches no file")]
    [InlineData("missing/*.parquet", "matches no file")]
    public void A_path_that_matches_nothing_is_bad_input_and_named(string path, string problem)
    {
        Directory.CreateDirectory(Path.Combine(_root, "empty"));
        var e = Assert.Throws<BadInputException>(() => Expand(path));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    private IEnumerable<string> Expand(params string[] paths) =>
        InputPaths.Expand(paths.Select(p => Path.Combine(_root, p))).Select(p => Path.GetRelativePath(_root, p));

    private void Touch(params string[] names)
    {
        foreach (string name in names)
        {
            string path = Path.Combine(_root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, []);
        }
    }
}
