using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Coordination.Journal;

/// <summary>
/// The folder of one run, for any engine: <c>manifest.json</c> says what the run is about, <c>shards.jsonl</c> has a line for each shard that counts, and
/// <c>lock</c> is held open by the process that runs. A run that ended, however it did, is continued from there to the same bits.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    public const string ManifestName = "manifest.json";
    public const string JournalName = "shards.jsonl";
    public const string LockName = "lock";

    // flock's "it would block" on Linux and on macOS, and Windows' sharing violation.
    private static readonly int[] LockedCodes = [11, 35, unchecked((int)0x80070020)];

    private readonly string _path;
    private readonly FileStream _lock;

    // Directories with entries that may not be on the disk yet.
    private readonly IReadOnlyList<string> _changed;
    private ShardJournal? _journal;

    private RunDirectory(string path, FileStream held, IReadOnlyList<string> changed) => (_path, _lock, _changed) = (path, held, changed);

    /// <summary>Of the run that has begun: 32 hex digits, the same whenever it is continued.</summary>
    public string RunId { get; private set; } = "";

    /// <summary>Of the run that has begun; 0 where it knows none.</summary>
    internal int Classes { get; private set; }

    private string Manifest => Path.Combine(_path, ManifestName);

    private string Journal => Path.Combine(_path, JournalName);

    /// <summary>Takes the directory for this process, until it is disposed; makes it where there is none.</summary>
    /// <param name="resume">Whether to continue a run that is there; where none is, one is begun.</param>
    /// <exception cref="BadOptionException">The directory holds a run that is not to be continued, or cannot be written.</exception>
    /// <exception cref="RunDirectoryException">Another process has it.</exception>
    public static RunDirectory Open(string path, bool resume)
    {
        FileStream held;
        List<string> changed;
        try
        {
            changed = [path, .. Missing(path).Select(p => Path.GetDirectoryName(p)!)];
            Directory.CreateDirectory(path);
            held = new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (LockedCodes.Contains(e.HResult))
        {
            throw new RunDirectoryException($"--run-dir {path}: another process runs there; wait for its end, or name another directory", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new BadOptionException($"--run-dir {path}: cannot be written: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; name a directory that can");
        }

        var directory = new RunDirectory(path, held, changed);
        try
        {
            directory.Check(resume);
            Task.Run(Rehearsal.Run);
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Begins the run, or settles what is done of it already. Once, before the first <see cref="Append(ShardResult)"/>.</summary>
    /// <param name="ledger">Of the plan, with nothing settled.</param>
    /// <returns>Null where the run is new.</returns>
    /// <exception cref="BadOptionException">The run there has other options.</exception>
    /// <exception cref="BadInputException">An input changed since the run was begun.</exception>
    /// <exception cref="RunDirectoryException">What is there is damaged.</exception>
    /// <exception cref="IOException">The disk is full, or failed.</exception>
    public ResumedShards? Begin(RunPlan plan, RunLedger ledger)
    {
        var manifest = RunManifest.Of(plan);
        bool isNew = !File.Exists(Manifest);
        if (isNew)
        {
            Write(manifest);
        }
        else
        {
            var begun = RunManifest.Read(File.ReadAllBytes(Manifest), Manifest);
            ManifestCheck.Check(begun, manifest, _path);
            manifest = begun;
        }

        (RunId, Classes) = (manifest.RunId, plan.Classes ?? 0);
        _journal = new ShardJournal(Journal, plan);
        var resumed = _journal.Resume(ledger);

        // A file whose name is not on the disk is lost by a power cut, whatever is in it. Also where the run is continued: who began it may have died before this.
        foreach (string directory in _changed)
        {
            DirectorySync.Flush(directory);
        }

        return isNew ? null : resumed;
    }

    /// <summary>Makes a result safe: it outlives process and machine. A coordinator that does not want to wait for the disk has <see cref="JournalWriter"/>.</summary>
    /// <exception cref="IOException">The disk is full, or failed: the shard must not count.</exception>
    public void Append(ShardResult result) => Append([result]);

    /// <summary>Makes results safe, by one flush of the disk.</summary>
    /// <exception cref="IOException">The disk is full, or failed: none of the shards may count.</exception>
    public void Append(IReadOnlyList<ShardResult> results) =>
        (_journal ?? throw new InvalidOperationException("the run has not begun")).Append(results);

    public void Dispose()
    {
        _journal?.Dispose();
        _lock.Dispose();
    }

    /// <summary>The directory, and those above it, that are not there yet.</summary>
    private static IEnumerable<string> Missing(string path)
    {
        for (string? missing = Path.GetFullPath(path); missing is not null && !Directory.Exists(missing); missing = Path.GetDirectoryName(missing))
        {
            yield return missing;
        }
    }

    private void Check(bool resume)
    {
        if (!resume && File.Exists(Manifest))
        {
            throw new BadOptionException($"--run-dir {_path}: holds a run already; continue it with --resume, or name another directory");
        }

        if (!File.Exists(Manifest) && File.Exists(Journal))
        {
            throw new BadOptionException($"--run-dir {_path}: holds {JournalName}, but no {ManifestName} that says of which run; name another directory");
        }
    }

    // Whole or not at all: under its name there is never half a manifest.
    private void Write(RunManifest manifest)
    {
        string temporary = $"{Manifest}.tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            manifest.Write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, Manifest);
    }
}
