using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using DistributedLoss.Parquet.Sources;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// One column chunk as its decoders see it: the bytes of its file, and where the reader stands, so that whatever goes wrong names file,
/// row group, column and byte offset. Without a file it serves decoders over memory.
/// </summary>
internal sealed class PageContext(ParquetFile? file, string column)
{
    // Of the column chunk at hand, where the file's source fetches it ahead.
    private IByteRange? _range;

    public ParquetFile? File => file;

    public string Column => column;

    public int RowGroup { get; set; }

    /// <summary>File offset of the header of the page at hand: decoders of compressed bytes have no finer position to report.</summary>
    public long PageOffset { get; set; }

    /// <summary>Bytes read from the file so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Says which bytes of the file are read from now on; none, when it is over.</summary>
    public void Enter(long start, long end)
    {
        _range?.Dispose();
        _range = end > start ? file!.OpenRange(start, end - start) : null;
    }

    public void Read(long offset, Span<byte> destination)
    {
        file!.Read(_range, offset, destination, RowGroup, column);
        BytesRead += destination.Length;
    }

    [DoesNotReturn, StackTraceHidden]
    public void Fail(string message) => throw Error(message);

    public ParquetException Error(string message, long? offset = null) =>
        new(message, file?.Path, RowGroup, column, offset ?? PageOffset);
}
