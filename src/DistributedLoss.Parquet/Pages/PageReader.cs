using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// The data pages of one column chunk, one after the other: levels as runs, values as decoders. Small pages are held whole, decompressed into
/// a reused buffer; large ones are read through windows as they are consumed, and decompressed meanwhile where codec and encoding
/// allow it. Sizes, counts and checksums are checked on the way.
/// </summary>
internal sealed unsafe partial class PageReader : IDisposable
{
    private readonly StoredPages _pages;
    private readonly SchemaLeaf _leaf;
    private readonly int _windowBytes;
    private readonly NativeBuffer _stored = new();
    private readonly NativeBuffer _page = new();
    private readonly NativeBuffer _repetitionLevels = new();
    private readonly NativeBuffer _definitionLevels = new();
    private readonly PageStream _stream;
    private readonly int _streamBytes;
    private readonly ByteFeed _repetitionFeed;
    private readonly ByteFeed _definitionFeed;
    private readonly ByteFeed _valueFeed;
    private readonly DictionaryPage _dictionary;
    private readonly ValueDecoders _decoders;
    private bool _streamed;

    /// <param name="windowBytes">Bytes in memory at a time of a page that is not held whole.</param>
    public PageReader(ParquetFile file, SchemaLeaf leaf, int windowBytes)
    {
        (_leaf, _windowBytes, _streamBytes) = (leaf, windowBytes, file.Limits.StreamedPageBytes);
        _pages = new StoredPages(file, leaf);
        _stream = new PageStream(_pages, file.Limits.MaxPageBytes, windowBytes);
        _repetitionFeed = new ByteFeed(Context);
        _definitionFeed = new ByteFeed(Context);
        _valueFeed = new ByteFeed(Context);
        Repetitions = new HybridRuns(_repetitionFeed);
        Definitions = new HybridRuns(_definitionFeed);
        _dictionary = new DictionaryPage(Context);
        _decoders = new ValueDecoders(Context, leaf.Type, leaf.TypeLength, _valueFeed, file.Limits.MaxPageBytes);
    }

    public PageContext Context => _pages.Context;

    /// <summary>Repetition levels of the open page; unused when the leaf is in no list.</summary>
    public HybridRuns Repetitions { get; }

    /// <summary>Definition levels of the open page; unused when the leaf cannot be null.</summary>
    public HybridRuns Definitions { get; }

    public bool IsByteArray => _leaf.Type == PhysicalType.ByteArray;

    public FixedValues Fixed => _decoders.Fixed;

    public ByteArrayValues Bytes => _decoders.Bytes;

    /// <summary>Indices into <see cref="Dictionary"/> if the open page has them instead of values.</summary>
    public HybridRuns? Indices => IsByteArray ? Bytes.Indices : Fixed.Indices;

    public DictionaryPage Dictionary => _dictionary;

    /// <summary>The header of the page that <see cref="Next"/> found.</summary>
    public ref readonly PageHeader Header => ref _pages.Header;

    /// <summary>File offset of that header.</summary>
    public long PageOffset => Context.PageOffset;

    /// <summary>Entries (values with their nulls) of the chunk before the page at hand.</summary>
    public long EntriesBefore { get; private set; }

    /// <summary>Entries of the chunk up to the end of the page at hand.</summary>
    public long EntriesThrough { get; private set; }

    /// <summary>Whether the chunk has entries behind the page at hand.</summary>
    public bool HasMore => EntriesThrough < _pages.Chunk.NumValues;

    /// <summary>Starts at a row group's first page.</summary>
    public void Start(int rowGroup)
    {
        (EntriesBefore, EntriesThrough, _streamed) = (0, 0, false);
        _dictionary.Forget();
        _pages.Start(rowGroup);
    }

    /// <summary>Starts at a page in the middle of the chunk, whose dictionary is read first.</summary>
    /// <param name="offset">File offset of a data page's header.</param>
    /// <param name="entriesBefore">Entries of the chunk before that page.</param>
    public void StartAt(int rowGroup, long offset, long entriesBefore)
    {
        Start(rowGroup);
        var chunk = _pages.Chunk;
        if (offset < chunk.StartOffset || offset >= chunk.EndOffset || entriesBefore < 0 || entriesBefore >= chunk.NumValues)
            Context.Fail($"no page of the column chunk is at byte offset {offset} behind {entriesBefore} of its {chunk.NumValues} values");
        if (offset == chunk.StartOffset)
            return;
        if (_pages.Next() && Header.Type == PageType.Dictionary)
            LoadDictionary();
        _pages.Seek(offset);
        (EntriesBefore, EntriesThrough) = (entriesBefore, entriesBefore);
    }

    /// <summary>Goes to the next data page that has entries, without reading more than its header. False at the chunk's end.</summary>
    public bool Next()
    {
        FinishPage();
        var chunk = _pages.Chunk;
        while (EntriesThrough < chunk.NumValues)
        {
            if (!_pages.Next())
                throw Context.Error($"the column chunk ends after {EntriesThrough} of the {chunk.NumValues} values that the footer says", chunk.EndOffset);
            switch (Header.Type)
            {
                case PageType.Dictionary:
                    LoadDictionary();
                    break;
                case PageType.Data or PageType.DataV2 when Header.NumValues > 0:
                    EntriesBefore = EntriesThrough;
                    EntriesThrough += Header.NumValues;
                    if (EntriesThrough > chunk.NumValues)
                        Context.Fail($"the pages hold {EntriesThrough} values or more, the footer says {chunk.NumValues}");
                    return true;
                default:
                    // Index pages, empty pages, and page types that are newer than this reader.
                    break;
            }
        }
        return false;
    }

    /// <summary>Opens levels and values of the page at hand.</summary>
    /// <param name="unitBytes">Bytes of one row: windows hold whole rows if they can.</param>
    public void Open(long unitBytes)
    {
        var compressed = _pages.IsCompressed;
        var split = Header.Encoding == ParquetEncoding.ByteStreamSplit && Header.Crc is null && _decoders.Width <= ByteStreamSplitValues.MaxFileWidth;
        var large = compressed ? StreamDecoder.Supports(_pages.Chunk.Codec) && Header.UncompressedSize > _streamBytes : Header.CompressedSize > _windowBytes;
        _streamed = large && (split && !compressed || ValueDecoders.IsSequential(Header.Encoding))
            && IsRle(_leaf.MaxRepetitionLevel, Header.RepetitionLevelEncoding) && IsRle(_leaf.MaxDefinitionLevel, Header.DefinitionLevelEncoding);
        if (!_streamed)
            OpenInMemory(compressed);
        else if (compressed)
            OpenCompressed();
        else
            OpenInFile(unitBytes, split);
    }

    /// <summary>Whether rows in the middle of the page at hand can be reached without decoding what is before them.</summary>
    public bool IsSeekable => !_pages.IsCompressed && Header.CompressedSize > _windowBytes && _leaf.Type != PhysicalType.ByteArray
        && Header.Encoding is ParquetEncoding.Plain or ParquetEncoding.ByteStreamSplit;

    public void Dispose()
    {
        _stored.Dispose();
        _page.Dispose();
        _repetitionLevels.Dispose();
        _definitionLevels.Dispose();
        _repetitionFeed.Dispose();
        _definitionFeed.Dispose();
        _valueFeed.Dispose();
        _stream.Dispose();
        _dictionary.Dispose();
        _decoders.Dispose();
        _pages.Dispose();
    }

    private void LoadDictionary()
    {
        if (_dictionary.Count >= 0)
            Context.Fail("the column chunk has a second dictionary page");
        if (_leaf.Type == PhysicalType.Boolean)
            Context.Fail("a dictionary page of booleans, which Parquet does not have");
        if (_pages.IsCompressed)
            _pages.Decompress(_pages.ReadBody(_stored), _dictionary.Values.Reserve(Header.UncompressedSize), Header.UncompressedSize);
        else
            _pages.ReadBody(_dictionary.Values);
        _dictionary.Open(Header, Header.UncompressedSize, _decoders.Width);
    }

    private void OpenInMemory(bool compressed)
    {
        var v2 = Header.Type == PageType.DataV2;
        var levels = v2 ? Header.RepetitionLevelsByteLength + Header.DefinitionLevelsByteLength : 0;
        byte* levelsAt;
        byte* valuesAt = null;
        if (!compressed)
        {
            _pages.ReadBody(_page);
            levelsAt = _page.Start;
        }
        else
        {
            var target = DecompressPage(levels, Header.UncompressedSize - levels);
            levelsAt = v2 ? _stored.Start : target;
            valuesAt = v2 ? target : null;
        }
        var at = levelsAt;
        var left = (long)(compressed && v2 ? levels : Header.UncompressedSize);
        OpenLevels(_leaf.MaxRepetitionLevel, Header.RepetitionLevelEncoding, Header.RepetitionLevelsByteLength,
            ref at, ref left, _repetitionFeed, Repetitions, _repetitionLevels);
        OpenLevels(_leaf.MaxDefinitionLevel, Header.DefinitionLevelEncoding, Header.DefinitionLevelsByteLength,
            ref at, ref left, _definitionFeed, Definitions, _definitionLevels);
        if (valuesAt != null)
        {
            at = valuesAt;
            left = Header.UncompressedSize - levels;
        }
        _decoders.Open(Header.Encoding, at, left, Header.NumValues, _dictionary);
    }

    // Levels of V2 pages, which are not compressed, are left in _stored.
    private byte* DecompressPage(int levels, int size)
    {
        // Stored bytes of a large page pass through a window that stays in the cache.
        if (StreamDecoder.Supports(_pages.Chunk.Codec) && size > _streamBytes)
        {
            var front = new Span<byte>(_stored.Reserve(levels), levels);
            Context.Read(_pages.BodyOffset, front);
            StartStream(_pages.BodyOffset + levels, Header.CompressedSize - levels, size, front, whole: true);
            var page = _stream.Take(0, out var count);
            return count == size ? page : throw new InvalidOperationException($"{count} of {size} bytes in the first piece of a page that was to come whole");
        }
        var stored = _pages.ReadBody(_stored);
        var target = _page.Reserve(size);
        // A page of nulls has no values: some writers then store no compressed bytes either.
        if (size > 0)
            _pages.Decompress(stored[levels..], target, size);
        return target;
    }

    private void OpenInFile(long unitBytes, bool split)
    {
        var (at, end) = (_pages.BodyOffset, _pages.BodyOffset + Header.CompressedSize);
        OpenLevelsInFile(_leaf.MaxRepetitionLevel, Header.RepetitionLevelsByteLength, ref at, end, _repetitionFeed, Repetitions);
        OpenLevelsInFile(_leaf.MaxDefinitionLevel, Header.DefinitionLevelsByteLength, ref at, end, _definitionFeed, Definitions);
        if (split)
        {
            _decoders.OpenSplitInFile(at, end - at, _windowBytes);
            return;
        }
        var window = WindowFor(unitBytes);
        if (Header.Crc is not null)
            ChecksumFront(at);
        _valueFeed.OpenFile(at, end - at, window, Header.Crc is null ? null : _pages.Checksum);
        _decoders.Open(Header.Encoding, null, end - at, Header.NumValues, _dictionary);
    }

    private int WindowFor(long unitBytes) =>
        (int)Math.Clamp(_windowBytes / Math.Max(1, unitBytes) * unitBytes, Math.Min(_windowBytes, 4096), _windowBytes);

    // Levels stand before the values and are consumed beside them: they are held whole, in a few bits a value at most.
    private void OpenCompressed()
    {
        if (Header.Type == PageType.DataV2)
            StartStreamBehindLevels();
        else
            StartStreamWithLevels(definitions: true);
        var bytes = _stream.Left;
        _valueFeed.OpenStream(_stream, _windowBytes);
        _decoders.Open(Header.Encoding, null, bytes, Header.NumValues, _dictionary);
    }

    private void StartStream(long offset, long stored, int length, ReadOnlySpan<byte> before = default, bool whole = false)
    {
        _pages.Checksum.Reset();
        _pages.Checksum.Append(before);
        _stream.Start(offset, stored, length, whole);
    }

    // Levels and values are consumed side by side, the checksum runs front to back: the levels' bytes go through it first.
    private void ChecksumFront(long valuesAt)
    {
        _pages.Checksum.Reset();
        var buffer = _page.Reserve(_windowBytes);
        for (var at = _pages.BodyOffset; at < valuesAt;)
        {
            var bytes = new Span<byte>(buffer, (int)Math.Min(_windowBytes, valuesAt - at));
            Context.Read(at, bytes);
            _pages.Checksum.Append(bytes);
            at += bytes.Length;
        }
    }

    // What the consumer left unread of a streamed page still belongs to its checksum and its length.
    private void FinishPage()
    {
        if (!_streamed)
            return;
        _streamed = false;
        if (_pages.IsCompressed)
            _valueFeed.Skip(_valueFeed.Left);
        else if (Header.Crc is not null)
        {
            _valueFeed.Skip(_valueFeed.Left);
            _pages.VerifyChecksum();
        }
    }
}
