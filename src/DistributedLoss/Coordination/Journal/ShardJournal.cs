using DistributedLoss.Evaluation;
using DistributedLoss.Runs;
using DistributedLoss.Wire;

namespace DistributedLoss.Coordination.Journal;

/// <summary>What a journal gave back.</summary>
/// <param name="DroppedBytes">Of a last line that a crash tore: that shard did not count.</param>
public sealed record ResumedShards(int Shards, long DroppedBytes);

/// <summary>shards.jsonl: a line a finished shard, on the disk before anybody is told that the shard counts. For one thread at a time.</summary>
internal sealed class ShardJournal : IDisposable
{
    private const int ReadBytes = 1 << 20;

    private readonly string _path;
    private readonly Stream _stream;
    private readonly RunPlan _plan;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public ShardJournal(string path, RunPlan plan)
        : this(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0), path, plan)
    {
    }

    /// <param name="stream">A file, or memory: simulated crashes need no disk.</param>
    /// <param name="path">For messages.</param>
    internal ShardJournal(Stream stream, string path, RunPlan plan) => (_stream, _path, _plan) = (stream, path, plan);

    /// <summary>Settles what is in the file already, and cuts off what a crash left behind the last whole line. Before the first <see cref="Append"/>.</summary>
    /// <exception cref="RunDirectoryException">A line ahead of the last is damaged, or a line is of another run.</exception>
    /// <exception cref="BadInputException">Together there are too many slices, groups or pairs.</exception>
    public ResumedShards Resume(RunLedger ledger)
    {
        int number = 0;
        long good = 0;
        bool torn = false;
        foreach (var (line, isTerminated) in Lines())
        {
            if (torn)
            {
                throw new RunDirectoryException(
                    $"{_path}: line {number} is damaged, and others follow: the disk or a hand changed it; take the line out, so that its shard is evaluated again, or name another --run-dir");
            }

            number++;
            torn = !isTerminated || !JournalLine.IsWhole(line.Span);
            if (!torn)
            {
                Settle(line, number, ledger);
                good += line.Length + 1;
            }
        }

        long dropped = _stream.Length - good;
        if (dropped > 0)
        {
            _stream.SetLength(good);
            FlushToDisk();
        }

        _stream.Seek(0, SeekOrigin.End);
        return new ResumedShards(ledger.Settled, dropped);
    }

    /// <summary>All on the disk when it returns, by one flush.</summary>
    /// <exception cref="IOException">The disk is full, or failed: none of the shards may count, and no other may be appended.</exception>
    public void Append(IReadOnlyList<ShardResult> results)
    {
        try
        {
            foreach (var result in results)
            {
                _stream.Write(JournalLine.Write(result, _plan.Shards[result.Shard].Id));
            }

            FlushToDisk();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string shards = results.Count == 1 ? $"shard {results[0].Shard}" : $"shards {string.Join(", ", results.Select(r => r.Shard))}";
            throw new IOException($"{_path}: {shards} cannot be kept: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}; what is there stays, for --resume", e);
        }
    }

    public void Dispose() => _stream.Dispose();

    private void FlushToDisk()
    {
        if (_stream is FileStream file)
        {
            file.Flush(flushToDisk: true);
        }
    }

    private void Settle(ReadOnlyMemory<byte> line, int number, RunLedger ledger)
    {
        try
        {
            ledger.Settle(JournalLine.Read(line, _plan));
        }
        catch (Exception e) when (e is WireException or LedgerConflictException)
        {
            throw new RunDirectoryException($"{_path}: line {number}: {e.Message}; name another --run-dir", e);
        }
    }

    /// <summary>Valid until the next.</summary>
    private IEnumerable<(ReadOnlyMemory<byte> Line, bool IsTerminated)> Lines()
    {
        _stream.Seek(0, SeekOrigin.Begin);
        byte[] buffer = new byte[ReadBytes];
        int start = 0, end = 0, searched = 0;
        while (true)
        {
            int feed = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                yield return (buffer.AsMemory(start, searched + feed - start), true);
                start = searched = searched + feed + 1;
                continue;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (searched, end, start) = (end - start, end - start, 0);
            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, Array.MaxLength));
            }

            int read = _stream.Read(buffer, end, buffer.Length - end);
            if (read == 0)
            {
                break;
            }

            end += read;
        }

        if (end > start)
        {
            yield return (buffer.AsMemory(start, end - start), false);
        }
    }
}
