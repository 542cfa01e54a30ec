using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Tests.Coordination.Journal;

public sealed class ShardJournalTests : IDisposable
{
    private readonly KeptRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_journal_cut_at_any_byte_gives_back_the_lines_ahead_and_is_cut_behind_them()
    {
        _run.Run(3, resume: false);
        byte[] bytes = File.ReadAllBytes(_run.Journal);
        long[] ends = [0, .. Enumerable.Range(0, bytes.Length).Where(i => bytes[i] == '\n').Select(i => i + 1L)];
        foreach (int length in Enumerable.Range(0, 200).Select(i => i * bytes.Length / 199).Concat(ends.SelectMany(e => (int[])[(int)e - 1, (int)e, (int)e + 1])).Where(l => l >= 0 && l <= bytes.Length))
        {
            File.WriteAllBytes(_run.Journal, bytes[..length]);
            int lines = ends.Count(e => e <= length) - 1;
            Assert.Equal(new ResumedShards(lines, length - ends[lines]), _run.Run(0, resume: true).Resumed);
            Assert.Equal(ends[lines], new FileInfo(_run.Journal).Length);
        }

        File.WriteAllBytes(_run.Journal, bytes[..^20]);
        var (ledger, _) = _run.Run(int.MaxValue, resume: true);
        Assert.Equal(DumpFolder.Evaluate(_run.Plan).ExecutionDigest(), ledger.Totals.ExecutionDigest());
    }

    [Fact]
    public void Zeros_behind_the_last_line_are_dropped()
    {
        _run.Run(2, resume: false);
        File.AppendAllText(_run.Journal, new string('\0', 5000));
        Assert.Equal(new ResumedShards(2, 5000), _run.Run(0, resume: true).Resumed);
    }

    [Fact]
    public void A_damaged_line_is_refused_with_its_number_unless_it_is_the_last()
    {
        _run.Run(3, resume: false);
        byte[] bytes = File.ReadAllBytes(_run.Journal);
        int[] ends = [.. Enumerable.Range(0, bytes.Length).Where(i => bytes[i] == '\n')];
        var random = new Random(3);
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = [.. bytes];
            int at = random.Next(bytes.Length);
            damaged[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_run.Journal, damaged);
            int line = ends.Count(e => e < at) + 1;
            if (line == 3)
            {
                Assert.Equal(2, _run.Run(0, resume: true).Resumed!.Shards);
                continue;
            }

            var refused = Assert.Throws<RunDirectoryException>(() => _run.Run(0, resume: true));
            Assert.StartsWith($"{_run.Journal}: line {line} is damaged", refused.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, File.ReadAllBytes(_run.Journal));
        }
    }

    [Fact]
    public void A_line_of_another_run_is_refused_with_its_number()
    {
        _run.Run(2, resume: false);
        string own = File.ReadAllText(_run.Journal);
        using var other = new KeptRun();
        File.Delete(other.Dump["dump.parquet"]);
        var plan = VariedDump.Plan(other.Dump, "index", 1, new Random(2));
        other.Run(1, resume: false, plan);
        File.WriteAllText(_run.Journal, own + File.ReadAllText(other.Journal));
        Assert.StartsWith($"{_run.Journal}: line 3: the run has no shard", Assert.Throws<RunDirectoryException>(() => _run.Run(0, resume: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_comes_twice_counts_once()
    {
        _run.Run(2, resume: false);
        string[] lines = File.ReadAllLines(_run.Journal);
        File.AppendAllText(_run.Journal, lines[0] + "\n");
        Assert.Equal(new ResumedShards(2, 0), _run.Run(0, resume: true).Resumed);
    }

    [Fact]
    public void A_full_disk_is_an_error_that_names_the_journal_and_the_shard()
    {
        if (!File.Exists("/dev/full"))
        {
            return;
        }

        _run.Run(0, resume: false);
        File.Delete(_run.Journal);
        File.CreateSymbolicLink(_run.Journal, "/dev/full");
        var plan = _run.Plan;
        var totals = plan.NewTotals();
        using var directory = RunDirectory.Open(_run.Path, resume: true);
        var e = Record.Exception(() =>
        {
            directory.Begin(plan, _run.NewLedger());
            directory.Append(new ShardResult(0, totals.ExecutionDigest(), totals, TimeSpan.Zero, 0));
        });
        Assert.StartsWith($"{_run.Journal}: shard 0 cannot be kept", Assert.IsType<IOException>(e).Message, StringComparison.Ordinal);
    }
}
