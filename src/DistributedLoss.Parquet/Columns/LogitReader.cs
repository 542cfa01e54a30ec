using System.Diagnostics.CodeAnalysis;

namespace DistributedLoss.Parquet.Columns;

/// <summary>
/// Reads the logits of one row group, tile by tile, in row order. Not for several threads at once. Native memory: a few pages (compressed
/// files) or a window (uncompressed ones), and one row; it is kept and reused until the reader is disposed.
/// </summary>
public abstract class LogitReader : IDisposable
{
    /// <summary>The next rows: as many as lie contiguous, at most <paramref name="maxRows"/>. False at the row group's end.</summary>
    /// <exception cref="ParquetException">The pages are damaged, contradict the footer, or use what cannot be read.</exception>
    public bool TryRead(int maxRows, out LogitTile tile)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRows);
        return Advance(maxRows, skip: false, out tile);
    }

    /// <summary>Passes over rows: pages are not read where their headers are enough, values are never decoded needlessly.</summary>
    /// <exception cref="ParquetException">As for reading; also when the row group ends before.</exception>
    public void Skip(long rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        while (rows > 0)
        {
            if (!Advance((int)Math.Min(rows, int.MaxValue), skip: true, out var tile))
                FailShort(rows);
            rows -= tile.Rows;
        }
    }

    /// <summary>Bytes read from the file so far, page headers included.</summary>
    public abstract long BytesRead { get; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Moves over the next rows; when skipping, only the tile's number of rows is looked at.</summary>
    private protected abstract bool Advance(int maxRows, bool skip, out LogitTile tile);

    [DoesNotReturn]
    private protected abstract void FailShort(long rows);

    protected abstract void Dispose(bool disposing);
}
