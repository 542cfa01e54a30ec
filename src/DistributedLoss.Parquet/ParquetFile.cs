using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;
using Microsoft.Win32.SafeHandles;

namespace DistributedLoss.Parquet;

/// <summary>
/// A Parquet file on disk, open for positioned reads from any thread, with its footer parsed and checked: counts are not negative, rows add
/// up, every row group has the schema's columns with the schema's types, and every column chunk lies inside the file.
/// </summary>
public sealed class ParquetFile : IDisposable
{
    // The magic at either end, and the footer's length before the last.
    private const int MagicLength = 4;
    private const int TailLength = 8;

    private readonly SafeFileHandle _handle;

    private ParquetFile(SafeFileHandle handle, string path, ReaderLimits limits)
    {
        _handle = handle;
        Path = path;
        Limits = limits;
        Length = RandomAccess.GetLength(handle);
        byte[] footer = ReadFooter(out long footerOffset);
        FooterDigest = SHA256.HashData(footer);
        Metadata = FileMetadata.Parse(footer, limits, footerOffset);
        Schema = Schema.Build(Metadata.Schema, limits);
        FileChecks.Check(Metadata, Schema, footerOffset);
    }

    public string Path { get; }

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
            return new ParquetFile(handle, path, limits ?? ReaderLimits.Default);
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
        int done = 0;
        while (done < destination.Length)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_handle, destination[done..], offset + done);
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
    internal FileAhead? OpenAhead() => OperatingSystem.IsLinux() && Sse.IsSupported ? new FileAhead(_handle) : null;

    public void Dispose() => _handle.Dispose();

    private byte[] ReadFooter(out long footerOffset)
    {
        if (Length < MagicLength + TailLength)
        {
            throw new ParquetException($"{Length} bytes are too few for a Parquet file; is it empty or still being written?");
        }
        Span<byte> head = stackalloc byte[MagicLength];
        Span<byte> tail = stackalloc byte[TailLength];
        Read(0, head);
        Read(Length - TailLength, tail);
        ReadOnlySpan<byte> magic = tail[MagicLength..];
        if (magic.SequenceEqual("PARE"u8))
        {
            throw new ParquetException("the footer is encrypted; decrypt the file first", offset: Length - MagicLength);
        }
        if (!head.SequenceEqual("PAR1"u8))
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
