using System.Runtime.InteropServices;
using DistributedLoss.Parquet;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Codecs;

/// <summary>The compressed part of one page: where it lies in <see cref="StoredFile"/>, and what it is to become.</summary>
internal readonly record struct StoredPage(long Offset, int StoredBytes, int Bytes, CompressionCodec Codec);

/// <summary>All pages of a file as they are stored, in memory, so that what is timed reads no file.</summary>
internal sealed unsafe class StoredFile : IDisposable
{
    private const int HeaderWindow = 64 << 10;
    private readonly byte* _bytes;

    /// <exception cref="ParquetException">The file is damaged.</exception>
    public StoredFile(string path)
    {
        using var file = ParquetFile.Open(path);
        _bytes = (byte*)NativeMemory.Alloc((nuint)file.Length);
        for (long at = 0; at < file.Length;)
        {
            int count = (int)Math.Min(1 << 20, file.Length - at);
            file.Read(at, new Span<byte>(_bytes + at, count));
            at += count;
        }

        Pages = [.. file.Metadata.RowGroups.SelectMany(group => group.Columns).SelectMany(chunk => PagesOf(file, chunk))];
    }

    /// <summary>In the file's order of row groups and columns: of every column, not of logits alone.</summary>
    public IReadOnlyList<StoredPage> Pages { get; }

    public byte* Start(in StoredPage page) => _bytes + page.Offset;

    public void Dispose() => NativeMemory.Free(_bytes);

    private List<StoredPage> PagesOf(ParquetFile file, ColumnChunkMetadata chunk)
    {
        var pages = new List<StoredPage>();
        for (long at = chunk.StartOffset, values = 0; values < chunk.NumValues;)
        {
            var window = new ReadOnlySpan<byte>(_bytes + at, (int)Math.Min(HeaderWindow, file.Length - at));
            if (!PageHeader.TryParse(window, at, out var header, out int length))
            {
                throw new ParquetException($"a page header of more than {window.Length} bytes", file.Path, offset: at);
            }

            at += length;
            // The levels of V2 pages stand before the values, and are never compressed.
            int levels = header.Type == PageType.DataV2 ? header.RepetitionLevelsByteLength + header.DefinitionLevelsByteLength : 0;
            bool plain = header.Type == PageType.DataV2 && !header.IsCompressed;
            pages.Add(new StoredPage(
                at + levels, header.CompressedSize - levels, header.UncompressedSize - levels, plain ? CompressionCodec.Uncompressed : chunk.Codec));
            at += header.CompressedSize;
            values += header.Type == PageType.Dictionary ? 0 : header.NumValues;
        }

        return pages;
    }
}
