using DistributedLoss.Runs;

namespace DistributedLoss.Losses;

/// <summary>
/// The losses of all rows, in path and row order, as a Parquet file that appears whole or not at all. Shards finish in any order: their rows wait
/// beside the file, each shard's in a part of its own, and are appended as soon as all shards ahead of them are in. Memory holds one row group and one
/// buffer a part under way, whatever the number of rows; the disk holds the parts that wait, 25 to 53 bytes a row.
/// </summary>
/// <remarks>Parts may be begun on any thread; all else is for one thread at a time.</remarks>
public sealed class LossFile : IDisposable
{
    private const int ReadRecords = 2048;

    private readonly string _folder;
    private readonly Dictionary<int, LossPart> _waiting = [];
    private RunPlan? _plan;
    private LossRecord? _record;
    private LossTable? _table;
    private byte[] _buffer = [];
    private long _parts;
    private int _next;

    /// <summary>Takes the place, before it is known what will be there.</summary>
    /// <param name="path">What is there stays until <see cref="Commit"/>.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public LossFile(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        // Dataset scans pass over names that begin with a dot.
        _folder = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, $".{System.IO.Path.GetFileName(Path)}.{Guid.NewGuid():N}.parts");
        // It would create what is missing above it, too.
        string parent = System.IO.Path.GetDirectoryName(_folder)!;
        if (!Directory.Exists(parent))
        {
            throw new DirectoryNotFoundException($"there is no folder {parent}");
        }

        Directory.CreateDirectory(_folder);
    }

    /// <summary>In full.</summary>
    public string Path { get; }

    /// <summary>Shards that are in, but wait for one ahead of them.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Begins the file beside its place. Before anything else.</summary>
    /// <param name="plan">Weights, positions and elements have columns.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Begin(RunPlan plan)
    {
        (_plan, _record) = (plan, new LossRecord(plan));
        _buffer = new byte[ReadRecords * _record.Size];
        _table = new LossTable(Path, plan);
    }

    /// <summary>A part for one execution of a shard; there may be several of one shard.</summary>
    /// <exception cref="IOException">The folder has gone.</exception>
    public LossPartWriter NewPart(Shard shard) =>
        new(System.IO.Path.Combine(_folder, $"{shard.Index}.{Interlocked.Increment(ref _parts)}"), shard, _record!);

    /// <summary>Takes the part of a shard that counts, once a shard.</summary>
    /// <exception cref="IOException">The disk is full, or a part has gone.</exception>
    /// <exception cref="InvalidOperationException">The shard is in already.</exception>
    public void Settle(LossPart part)
    {
        if (part.Shard < _next || !_waiting.TryAdd(part.Shard, part))
        {
            throw new InvalidOperationException($"the rows of shard {part.Shard} came twice");
        }

        for (; _waiting.Remove(_next, out var turn); _next++)
        {
            Append(turn);
            Drop(turn);
        }
    }

    /// <summary>Forgets the part of an execution that does not count.</summary>
    public static void Drop(LossPart part) => File.Delete(part.Path);

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="IOException">The disk is full, or the folder has gone.</exception>
    /// <exception cref="InvalidOperationException">A shard of the plan is not in.</exception>
    public void Commit()
    {
        if (_next != _plan!.Shards.Count)
        {
            throw new InvalidOperationException($"the rows of shard {_next} of {_plan!.Shards.Count} are missing");
        }

        _table!.Close();
    }

    public void Dispose()
    {
        _table?.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void Append(LossPart part)
    {
        var shard = _plan!.Shards[part.Shard];
        string file = _plan.Files[shard.File].Path;
        using var stream = new FileStream(part.Path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 0);
        for (long row = 0; row < part.Rows;)
        {
            int records = (int)Math.Min(ReadRecords, part.Rows - row);
            var bytes = _buffer.AsSpan(0, records * _record!.Size);
            stream.ReadExactly(bytes);
            for (; !bytes.IsEmpty; bytes = bytes[_record.Size..], row++)
            {
                _table!.Add(file, shard.RowGroup, shard.FirstRow + row, _record.Read(bytes[.._record.Size]));
            }
        }
    }
}
