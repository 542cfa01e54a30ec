using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Tests.Coordination.Journal;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly KeptRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_run_continued_again_and_again_has_the_totals_of_one_that_was_never_interrupted()
    {
        Assert.Null(_run.Run(5, resume: false).Resumed);
        Assert.Equal(new ResumedShards(5, 0), _run.Run(0, resume: true).Resumed);
        Assert.Equal(new ResumedShards(5, 0), _run.Run(8, resume: true).Resumed);
        var (ledger, resumed) = _run.Run(int.MaxValue, resume: true);
        Assert.Equal(new ResumedShards(13, 0), resumed);
        Assert.True(ledger.IsComplete);
        string whole = DumpFolder.Evaluate(_run.Plan).ExecutionDigest();
        Assert.Equal(whole, ledger.Totals.ExecutionDigest());

        var again = _run.Run(0, resume: true).Ledger;
        Assert.True(again.IsComplete);
        Assert.Equal(whole, again.Totals.ExecutionDigest());
    }

    [Fact]
    public void Folders_above_the_directory_are_made_too()
    {
        string path = Path.Combine(_run.Path, "of", "today");
        using (var directory = RunDirectory.Open(path, resume: false))
        {
            Assert.Null(directory.Begin(_run.Plan, _run.NewLedger()));
        }

        using var again = RunDirectory.Open(path, resume: true);
        Assert.Equal(new ResumedShards(0, 0), again.Begin(_run.Plan, _run.NewLedger()));
    }

    [Fact]
    public void Resume_without_a_run_begins_one() => Assert.Null(_run.Run(1, resume: true).Resumed);

    [Fact]
    public void A_run_that_is_there_is_not_begun_again()
    {
        _run.Run(1, resume: false);
        string journal = File.ReadAllText(_run.Journal);
        var refused = Assert.Throws<BadOptionException>(() => RunDirectory.Open(_run.Path, resume: false));
        Assert.Contains("--resume", refused.Message, StringComparison.Ordinal);
        Assert.Equal(journal, File.ReadAllText(_run.Journal));
    }

    [Fact]
    public void A_directory_that_another_has_is_refused_until_it_is_free()
    {
        using (RunDirectory.Open(_run.Path, resume: false))
        {
            var refused = Assert.Throws<RunDirectoryException>(() => RunDirectory.Open(_run.Path, resume: true));
            Assert.Contains("another process", refused.Message, StringComparison.Ordinal);
        }

        RunDirectory.Open(_run.Path, resume: true).Dispose();
    }

    [Fact]
    public void A_journal_without_a_manifest_is_refused()
    {
        _run.Run(1, resume: false);
        File.Delete(_run.Manifest);
        Assert.Contains("no manifest.json", Assert.Throws<BadOptionException>(() => RunDirectory.Open(_run.Path, resume: true)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"format\":1}")]
    [InlineData("{\"format\":3}")]
    [InlineData("{\"format\":2,\"run\":\"../x\",\"version\":\"0.1.0\",\"inputs\":[],\"options\":{},\"shards\":[]}")]
    [InlineData("{\"format\":2,\"run\":\"0123456789abcdef0123456789abcdef\",\"version\":\"0.1.0\",\"inputs\":[{}],\"options\":{},\"shards\":[]}")]
    [InlineData("{\"format\":2,\"run\":\"0123456789abcdef0123456789abcdef\",\"version\":null,\"inputs\":[],\"options\":{},\"shards\":[]}")]
    public void What_is_no_manifest_is_refused_by_name(string text)
    {
        _run.Run(1, resume: false);
        File.WriteAllText(_run.Manifest, text);
        Assert.Contains(_run.Manifest, Assert.Throws<RunDirectoryException>(() => _run.Run(0, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_another_version_of_the_program_is_refused()
    {
        _run.Run(1, resume: false);
        File.WriteAllText(_run.Manifest, File.ReadAllText(_run.Manifest).Replace($"\"{ProgramVersion.Current}\"", "\"0.0.9\"", StringComparison.Ordinal));
        Assert.Contains("begun by dloss 0.0.9", Assert.Throws<BadOptionException>(() => _run.Run(0, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_where_no_directory_can_be_is_refused()
    {
        string file = _run.Dump["dump.parquet"];
        Assert.Contains("--run-dir", Assert.Throws<BadOptionException>(() => RunDirectory.Open(file, resume: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_changed_is_refused_by_name()
    {
        _run.Run(1, resume: false);
        string file = _run.Dump["dump.parquet"];
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddSeconds(1));
        var refused = Assert.Throws<BadInputException>(() => _run.Run(0, resume: true, _run.PlanAgain()));
        Assert.StartsWith($"{file}: changed since the run was begun: written", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_came_or_went_is_refused_by_name()
    {
        _run.Run(1, resume: false);
        string more = _run.Dump["more.parquet"];
        File.Copy(_run.Dump["dump.parquet"], more);
        var refused = Assert.Throws<BadInputException>(() => _run.Run(0, resume: true, _run.PlanAgain()));
        Assert.StartsWith($"{more}: is not among the inputs", refused.Message, StringComparison.Ordinal);

        File.Delete(_run.Dump["dump.parquet"]);
        File.Move(more, _run.Dump["a.parquet"]);
        Assert.StartsWith($"{_run.Dump["a.parquet"]}: is not among", Assert.Throws<BadInputException>(() => _run.Run(0, resume: true, _run.PlanAgain())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_options_are_refused_by_name()
    {
        _run.Run(1, resume: false);
        var refused = Assert.Throws<BadOptionException>(() => _run.Run(0, resume: true, _run.PlanAgain(o => o with { IgnoreIndex = 7 })));
        Assert.Contains("begun with --ignore-index -100, not 7;", refused.Message, StringComparison.Ordinal);

        double[] weights = [1.0 / 3, 2.0 / 3, 1e300];
        refused = Assert.Throws<BadOptionException>(() => _run.Run(0, resume: true, _run.PlanAgain(o => o with { ClassWeights = weights })));
        Assert.Contains("--class-weights", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_cut_into_other_shards_is_refused()
    {
        _run.Run(1, resume: false);
        var plan = _run.Plan with { Shards = [.. _run.Plan.Shards.Skip(1)] };
        Assert.Contains($"cut into {_run.Plan.Shards.Count} shards", Assert.Throws<BadOptionException>(() => _run.Run(0, resume: true, plan)).Message, StringComparison.Ordinal);
    }
}
