using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Losses;

/// <summary>The rows (or their positions, or elements) of one execution of a shard, in a file of their own until their turn comes.</summary>
public sealed record LossPart(int Shard, string Path, long Rows);

/// <summary>Spills a shard's rows as they are evaluated, through a buffer of fixed size. Disposed before <see cref="Finish"/>, it leaves nothing.</summary>
public sealed class LossPartWriter : IRowSink, IDisposable
{
    private const int MaxBufferRecords = 2048;

    private readonly FileStream _stream;
    private readonly byte[] _buffer;
    private readonly Shard _shard;
    private readonly LossRecord _record;
    private readonly string _path;
    private int _used;
    private long _rows;
    private bool _finished;

    internal LossPartWriter(string path, Shard shard, LossRecord record)
    {
        (_path, _shard, _record) = (path, shard, record);
        _buffer = new byte[(record.HasPlace ? MaxBufferRecords : (int)Math.Min(shard.Rows, MaxBufferRecords)) * record.Size];
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <exception cref="IOException">The disk is full, or the folder has gone.</exception>
    public void Add(in RowOutcome row)
    {
        if (_used == _buffer.Length)
        {
            Flush();
        }

        _record.Write(_buffer.AsSpan(_used, _record.Size), row);
        _used += _record.Size;
        _rows++;
    }

    /// <summary>Hands the rows over; whoever has the part owns its file.</summary>
    /// <param name="counts">Of the shard's totals.</param>
    /// <exception cref="IOException">The disk is full, or the folder has gone.</exception>
    /// <exception cref="InvalidOperationException">These are not all the shard's rows.</exception>
    public LossPart Finish(RowCounts counts)
    {
        long expected = counts.Total + (counts.Evaluated * (_record.Width - 1));
        if (_rows != expected)
        {
            throw new InvalidOperationException($"shard {_shard.Index} has {expected} rows, but {_rows} were told");
        }

        Flush();
        _stream.Dispose();
        _finished = true;
        return new LossPart(_shard.Index, _path, _rows);
    }

    public void Dispose()
    {
        _stream.Dispose();
        // Where the folder has gone, so has the part.
        if (!_finished && File.Exists(_path))
        {
            File.Delete(_path);
        }
    }

    private void Flush()
    {
        _stream.Write(_buffer, 0, _used);
        _used = 0;
    }
}
