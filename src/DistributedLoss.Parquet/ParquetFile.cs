using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;
using DistributedLoss.Parquet.Sources;
using Microsoft.Win32.SafeHandles;

namespace DistributedLoss.Parquet;

/// <summary>
/// A Parquet file on disk or in an <see cref="IByteSource"/>, open for positioned reads from any thread, with its footer parsed and checked: counts are not negative, rows add
/// up, every row group has the schema's columns with the schema's types, and every column chunk lies inside the file.
/// </summary>
public sealed class ParquetFile : IDisposable
{
    // The magic at either end, and the footer's length before the last.
    private const int MagicLength = 4;
    private const int TailLength = 8;

    // One of the two.
    private readonly SafeFileHandle? _handle;

    private ParquetFile(SafeFileHandle? handle, IByteSource? source, string path, ReaderLimits limits)
    {
        _handle = handle;
        Source = source;
        Path = path;
        Limits = limits;
        Length = source?.Length ?? RandomAccess.GetLength(handle!);
        byte[] footer = ReadFooter(out long footerOffset);
        FooterDigest = SHA256.HashData(footer);
        Metadata = FileMetadata.Parse(footer, limits, footerOffset);
        Schema = Schema.Build(Metadata.Schema, limits);
        FileChecks.Check(Metadata, Schema, footerOffset);
    }

    public string Path { get; }

    /// <summary>Where the bytes come from; null for a file on disk.</summary>
    public IByteSource? Source { get; }

    /// <summary>Bytes in the file when it was opened.</summary>
    public long Length { get; }

    public ReaderLimits Limits { get; }

    public FileMetadata Metadata { get; }

    public Schema Schema { get; }

    /// <summary>SHA-256 of the footer's bytes, without its length and magic.</summary>
    public byte[] FooterDigest { get; }

    /// <summary>Opens a file and reads its footer.</summary>
    /// <exception cref="ParquetException">The file cannot be opened, is no Parquet file, is damaged, or passes a limit.</exception>
    public static ParquetFile Open(string path, ReaderLimits? limits = null)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            return new ParquetFile(handle, null, path, limits ?? ReaderLimits.Default);
        }
        catch (ParquetException e)
        {
            handle?.Dispose();
            throw e.Within(filePath: path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            handle?.Dispose();
            throw new ParquetException(WhyNot(path, e), path, inner: e);
        }
    }

    /// <summary>Reads the footer of a file that is elsewhere than on a disk. The source is this file's from now on, to be disposed with it.</summary>
    /// <param name="path">What errors call it.</param>
    /// <exception cref="ParquetException">The source fails, or has no Parquet file, a damaged one, or one that passes a limit.</exception>
    public static ParquetFile Open(IByteSource source, string path, ReaderLimits? limits = null)
    {
        try
        {
            return new ParquetFile(null, source, path, limits ?? ReaderLimits.Default);
        }
        catch (Exception e)
        {
            source.Dispose();
            if (e is ParquetException parquet)
            {
                throw parquet.Within(filePath: path);
            }

            throw;
        }
    }

    /// <summary>Fills <paramref name="destination"/> from the byte <paramref name="offset"/> on.</summary>
    /// <param name="offset">Bytes from the start of the file.</param>
    /// <param name="destination">Filled whole.</param>
    /// <param name="rowGroup">For the error message: 0-based.</param>
    /// <param name="column">For the error message: dotted path.</param>
    /// <exception cref="ParquetException">The file ends first, or the disk fails.</exception>
    public void Read(long offset, Span<byte> destination, int? rowGroup = null, string? column = null)
    {
        if (offset < 0 || offset > Length - destination.Length)
        {
            throw new ParquetException(
                $"{destination.Length} bytes are wanted from a file of {Length}; the file is cut short or damaged",
                Path, rowGroup, column, offset);
        }
        if (Source is not null)
        {
            ReadSource(null, offset, destination, rowGroup, column);
            return;
        }
        int done = 0;
        while (done < destination.Length)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_handle!, destination[done..], offset + done);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                throw new ParquetException($"reading failed: {e.Message}", Path, rowGroup, column, offset + done, e);
            }
            if (read == 0)
            {
                throw new ParquetException(
                    "the file has become shorter since it was opened; wait until it is written, then start again",
                    Path, rowGroup, column, offset + done);
            }
            done += read;
        }
    }

    /// <summary>A view of what is read next; null where the system has none.</summary>
    internal FileAhead? OpenAhead() => _handle is not null && OperatingSystem.IsLinux() && Sse.IsSupported ? new FileAhead(_handle) : null;

    /// <summary>A part that is about to be read from front to back; null where nothing is gained by knowing that.</summary>
    public IByteRange? OpenRange(long offset, long bytes) => Source?.OpenRange(offset, bytes);

    /// <summary>As <see cref="Read(long, Span{byte}, int?, string?)"/>, with a part that may hold the bytes already.</summary>
    /// <exception cref="ParquetException">The file ends first, or its disk or source fails.</exception>
    public void Read(IByteRange? range, long offset, Span<byte> destination, int? rowGroup = null, string? column = null)
    {
        if (range is not null && range.Covers(offset, destination.Length))
        {
            ReadSource(range, offset, destination, rowGroup, column);
        }
        else
        {
            Read(offset, destination, rowGroup, column);
        }
    }

    public void Dispose()
    {
        _handle?.Dispose();
        Source?.Dispose();
    }

    private void ReadSource(IByteRange? range, long offset, Span<byte> destination, int? rowGroup, string? column)
    {
        try
        {
            if (range is null)
            {
                Source!.Read(offset, destination);
            }
            else
            {
                range.Read(offset, destination);
            }
        }
        catch (ParquetException e)
        {
            throw e.Within(Path, rowGroup, column, offset);
        }
        catch (IOException e)
        {
            throw new ParquetException(e.Message, Path, rowGroup, column, offset, e);
        }
    }

    private byte[] ReadFooter(out long footerOffset)
    {
        if (Length < MagicLength + TailLength)
        {
            throw new ParquetException($"{Length} bytes are too few for a Parquet file; is it empty or still being written?");
        }
        Span<byte> head = stackalloc byte[MagicLength];
        Span<byte> tail = stackalloc byte[TailLength];
        Read(Length - TailLength, tail);
        // Of a source it would be a request of its own, for what the pages' headers tell as well.
        if (Source is null)
        {
            Read(0, head);
        }

        ReadOnlySpan<byte> magic = tail[MagicLength..];
        if (magic.SequenceEqual("PARE"u8))
        {
            throw new ParquetException("the footer is encrypted; decrypt the file first", offset: Length - MagicLength);
        }
        if (Source is null && !head.SequenceEqual("PAR1"u8))
        {
            throw new ParquetException("the file does not begin with PAR1; it is no Parquet file", offset: 0);
        }
        if (!magic.SequenceEqual("PAR1"u8))
        {
            throw new ParquetException("the file does not end with PAR1; it is cut short or still being written", offset: Length - MagicLength);
        }
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length > Length - MagicLength - TailLength)
        {
            throw new ParquetException($"the footer says {length} bytes in a file of {Length}; the file is damaged", offset: Length - TailLength);
        }
        if (length > Limits.MaxFooterBytes)
        {
            throw new ParquetException(
                $"the footer is {length} bytes, over the limit of {Limits.MaxFooterBytes}; write fewer row groups or raise the limit",
                offset: Length - TailLength);
        }
        footerOffset = Length - TailLength - length;
        byte[] footer = new byte[length];
        Read(footerOffset, footer);
        return footer;
    }

    private static string WhyNot(string path, Exception e) =>
        e is FileNotFoundException or DirectoryNotFoundException ? "no such file"
        : Directory.Exists(path) ? "is a directory; name the files in it"
        : e is UnauthorizedAccessException ? "may not be read; check its permissions"
        : $"cannot be opened: {e.Message}";
}
