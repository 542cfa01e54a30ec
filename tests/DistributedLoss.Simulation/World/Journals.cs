using DistributedLoss.Coordination;
using DistributedLoss.Coordination.Journal;
using DistributedLoss.Runs;

namespace DistributedLoss.Simulation.World;

/// <summary>What a coordinator leaves to the next.</summary>
internal interface ISimulatedJournal : IDisposable
{
    /// <summary>Settles what is there. Each coordinator's first.</summary>
    ResumedShards Resume(RunLedger ledger);

    void Append(ShardResult result);

    /// <summary>The crash comes in the middle of a line.</summary>
    /// <param name="kept">How much of it is on the disk, in [0, 1): nothing to all but its line feed.</param>
    void Tear(ShardResult result, double kept);

    /// <summary>The coordinator is gone, and what it held open.</summary>
    void Abandon();

    static ISimulatedJournal Open(Scenario scenario) => scenario.Journalling switch
    {
        Journalling.InMemory => new KeptResults(),
        Journalling.Lines => new KeptLines(scenario.Dump.Plan),
        Journalling.RunDirectory => new KeptDirectory(scenario.Dump.Plan),
        _ => throw new ArgumentOutOfRangeException(nameof(scenario)),
    };
}

/// <summary>A torn line is none.</summary>
internal sealed class KeptResults : ISimulatedJournal
{
    private readonly List<ShardResult> _results = [];
    private long _torn;

    public ResumedShards Resume(RunLedger ledger)
    {
        foreach (var result in _results)
        {
            ledger.Settle(result);
        }

        return new ResumedShards(ledger.Settled, Interlocked.Exchange(ref _torn, 0));
    }

    public void Append(ShardResult result) => _results.Add(result);

    public void Tear(ShardResult result, double kept) => _torn = (long)(100 * kept);

    public void Abandon()
    {
    }

    public void Dispose()
    {
    }
}

/// <summary>The journal itself, over bytes that outlive it.</summary>
internal sealed class KeptLines(RunPlan plan) : ISimulatedJournal
{
    private byte[] _bytes = [];
    private MemoryStream _stream = new();
    private ShardJournal? _journal;

    public ResumedShards Resume(RunLedger ledger)
    {
        _stream = new MemoryStream();
        _stream.Write(_bytes);
        _journal = new ShardJournal(_stream, "shards.jsonl", plan);
        return _journal.Resume(ledger);
    }

    public void Append(ShardResult result)
    {
        _journal!.Append([result]);
        _bytes = _stream.ToArray();
    }

    public void Tear(ShardResult result, double kept)
    {
        int whole = _bytes.Length;
        Append(result);
        _bytes = _bytes[..(whole + (int)(kept * (_bytes.Length - whole)))];
    }

    public void Abandon() => _journal?.Dispose();

    public void Dispose() => Abandon();
}

/// <summary>All of it: manifest, lock and journal in a folder of its own.</summary>
internal sealed class KeptDirectory(RunPlan plan) : ISimulatedJournal
{
    private readonly string _path = Directory.CreateTempSubdirectory("dloss-simulation-").FullName;
    private RunDirectory? _directory;

    private string Journal => Path.Combine(_path, RunDirectory.JournalName);

    public ResumedShards Resume(RunLedger ledger)
    {
        _directory = RunDirectory.Open(_path, resume: true);
        return _directory.Begin(plan, ledger) ?? new ResumedShards(0, 0);
    }

    public void Append(ShardResult result) => _directory!.Append(result);

    public void Tear(ShardResult result, double kept)
    {
        long whole = new FileInfo(Journal).Length;
        Append(result);
        Abandon();
        using var stream = new FileStream(Journal, FileMode.Open);
        stream.SetLength(whole + (long)(kept * (stream.Length - whole)));
    }

    public void Abandon() => _directory?.Dispose();

    public void Dispose()
    {
        Abandon();
        Directory.Delete(_path, recursive: true);
    }
}
