using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// One column chunk as its decoders see it: the bytes of its file, and where the reader stands, so that whatever goes wrong names file,
/// row group, column and byte offset. Without a file it serves decoders over memory.
/// </summary>
internal sealed class PageContext(ParquetFile? file, string column)
{
    public ParquetFile? File => file;

    public string Column => column;

    public int RowGroup { get; set; }

    /// <summary>File offset of the header of the page at hand: decoders of compressed bytes have no finer position to report.</summary>
    public long PageOffset { get; set; }

    /// <summary>Bytes read from the file so far.</summary>
    public long BytesRead { get; private set; }

    public void Read(long offset, Span<byte> destination)
    {
        file!.Read(offset, destination, RowGroup, column);
        BytesRead += destination.Length;
    }

    [DoesNotReturn, StackTraceHidden]
    public void Fail(string message) => throw Error(message);

    public ParquetException Error(string message, long? offset = null) =>
        new(message, file?.Path, RowGroup, column, offset ?? PageOffset);
}
