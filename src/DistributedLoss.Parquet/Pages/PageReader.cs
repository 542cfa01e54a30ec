using System.Runtime.CompilerServices;
using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Pages;

/// <summary>
/// The data pages of one column chunk, one after the other: levels as runs, values as decoders. Compressed pages are decompressed whole into
/// a reused buffer; large uncompressed ones are read through windows as they are consumed. Sizes, counts and checksums are checked on the way.
/// </summary>
internal sealed unsafe class PageReader : IDisposable
{
    private const int HeaderWindow = 512;

    // parquet-cpp before 1.3 left the dictionary page's header out of a chunk's size (PARQUET-816); its other readers allow as much.
    private const int ForgottenHeaderBytes = 100;
    private readonly ParquetFile _file;
    private readonly SchemaLeaf _leaf;
    private readonly int _windowBytes;
    private readonly NativeBuffer _stored = new();
    private readonly NativeBuffer _page = new();
    private readonly NativeBuffer _legacyRepetitions = new();
    private readonly NativeBuffer _legacyDefinitions = new();
    private readonly ByteFeed _repetitionFeed;
    private readonly ByteFeed _definitionFeed;
    private readonly ByteFeed _valueFeed;
    private readonly PageChecksum _checksum = new();
    private readonly DictionaryPage _dictionary;
    private readonly ValueDecoders _decoders;
    private byte[] _headerBytes = new byte[HeaderWindow];
    private ColumnChunkMetadata _chunk = null!;
    private PageHeader _header;
    private long _bodyAt;
    private long _next;
    private long _end;
    private bool _streamed;

    /// <param name="windowBytes">Bytes in memory at a time of an uncompressed page larger than that.</param>
    public PageReader(ParquetFile file, SchemaLeaf leaf, int windowBytes)
    {
        (_file, _leaf, _windowBytes) = (file, leaf, windowBytes);
        Context = new PageContext(file, leaf.Path);
        _repetitionFeed = new ByteFeed(Context);
        _definitionFeed = new ByteFeed(Context);
        _valueFeed = new ByteFeed(Context);
        Repetitions = new HybridRuns(_repetitionFeed);
        Definitions = new HybridRuns(_definitionFeed);
        _dictionary = new DictionaryPage(Context);
        _decoders = new ValueDecoders(Context, leaf.Type, leaf.TypeLength, _valueFeed, file.Limits.MaxPageBytes);
    }

    public PageContext Context { get; }

    /// <summary>Repetition levels of the open page; unused when the leaf is in no list.</summary>
    public HybridRuns Repetitions { get; }

    /// <summary>Definition levels of the open page; unused when the leaf cannot be null.</summary>
    public HybridRuns Definitions { get; }

    public bool IsByteArray => _leaf.Type == PhysicalType.ByteArray;

    public FixedValues Fixed => _decoders.Fixed;

    public ByteArrayValues Bytes => _decoders.Bytes;

    /// <summary>The header of the page that <see cref="Next"/> found.</summary>
    public ref readonly PageHeader Header => ref _header;

    /// <summary>File offset of that header.</summary>
    public long PageOffset => Context.PageOffset;

    /// <summary>Entries (values with their nulls) of the chunk before the page at hand.</summary>
    public long EntriesBefore { get; private set; }

    /// <summary>Entries of the chunk up to the end of the page at hand.</summary>
    public long EntriesThrough { get; private set; }

    /// <summary>Whether the chunk has entries behind the page at hand.</summary>
    public bool HasMore => EntriesThrough < _chunk.NumValues;

    /// <summary>Whether the open page is read through windows.</summary>
    public bool IsStreamed => _streamed;

    /// <summary>Starts at a row group's first page.</summary>
    public void Start(int rowGroup)
    {
        Context.RowGroup = rowGroup;
        _chunk = _file.Metadata.RowGroups[rowGroup].Columns[_leaf.ColumnIndex];
        (_next, _end) = (_chunk.StartOffset, Math.Min(_chunk.EndOffset + ForgottenHeaderBytes, _file.Length));
        (EntriesBefore, EntriesThrough) = (0, 0);
        _streamed = false;
        _dictionary.Forget();
        Context.PageOffset = _next;
        if (_chunk.IsEncrypted)
            Context.Fail("the column chunk is encrypted; decrypt the file first");
        if (_chunk.FilePath is not null)
            Context.Fail($"the column chunk's pages are in another file, {_chunk.FilePath}, which is not supported");
        if (_leaf.Type == PhysicalType.FixedLenByteArray && (_leaf.TypeLength == 0 || _leaf.TypeLength > _file.Limits.MaxPageBytes))
            Context.Fail($"values of {_leaf.TypeLength} bytes cannot be read; 1 to {_file.Limits.MaxPageBytes} are possible");
    }

    /// <summary>Starts at a page in the middle of the chunk, whose dictionary is read first.</summary>
    /// <param name="offset">File offset of a data page's header.</param>
    /// <param name="entriesBefore">Entries of the chunk before that page.</param>
    public void StartAt(int rowGroup, long offset, long entriesBefore)
    {
        Start(rowGroup);
        if (offset < _chunk.StartOffset || offset >= _chunk.EndOffset || entriesBefore < 0 || entriesBefore >= _chunk.NumValues)
            Context.Fail($"no page of the column chunk is at byte offset {offset} behind {entriesBefore} of its {_chunk.NumValues} values");
        if (offset == _next)
            return;
        ReadHeader();
        if (_header.Type == PageType.Dictionary)
            LoadDictionary();
        (_next, EntriesBefore, EntriesThrough) = (offset, entriesBefore, entriesBefore);
    }

    /// <summary>Goes to the next data page that has entries, without reading more than its header. False at the chunk's end.</summary>
    public bool Next()
    {
        FinishPage();
        while (EntriesThrough < _chunk.NumValues)
        {
            if (_next >= _end)
                throw Context.Error($"the column chunk ends after {EntriesThrough} of the {_chunk.NumValues} values that the footer says", _end);
            ReadHeader();
            switch (_header.Type)
            {
                case PageType.Dictionary:
                    LoadDictionary();
                    break;
                case PageType.Data or PageType.DataV2 when _header.NumValues > 0:
                    EntriesBefore = EntriesThrough;
                    EntriesThrough += _header.NumValues;
                    if (EntriesThrough > _chunk.NumValues)
                        Context.Fail($"the pages hold {EntriesThrough} values or more, the footer says {_chunk.NumValues}");
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
        var compressed = IsCompressed;
        if (!compressed && _header.CompressedSize != _header.UncompressedSize)
            Context.Fail($"an uncompressed page says {_header.CompressedSize} bytes stored, {_header.UncompressedSize} decompressed");
        var split = _header.Encoding == ParquetEncoding.ByteStreamSplit && _header.Crc is null && _decoders.Width <= ByteStreamSplitValues.MaxFileWidth;
        _streamed = !compressed && _header.CompressedSize > _windowBytes && (split || ValueDecoders.IsSequential(_header.Encoding))
            && IsRle(_leaf.MaxRepetitionLevel, _header.RepetitionLevelEncoding) && IsRle(_leaf.MaxDefinitionLevel, _header.DefinitionLevelEncoding);
        if (_streamed)
            OpenInFile(unitBytes, split);
        else
            OpenInMemory(compressed);
    }

    /// <summary>Whether rows in the middle of the page at hand can be reached without decoding what is before them.</summary>
    public bool IsSeekable => !IsCompressed && _header.CompressedSize > _windowBytes && _leaf.Type != PhysicalType.ByteArray
        && _header.Encoding is ParquetEncoding.Plain or ParquetEncoding.ByteStreamSplit;

    /// <summary>Opens the repetition levels alone: a compressed V1 page is decompressed only as far as they go.</summary>
    public void OpenRepetitions()
    {
        var v2 = _header.Type == PageType.DataV2;
        if (!IsCompressed || v2)
        {
            var at = _bodyAt;
            if (_header.RepetitionLevelEncoding == ParquetEncoding.Rle)
                OpenLevelsInFile(_leaf.MaxRepetitionLevel, _header.RepetitionLevelsByteLength, ref at, _bodyAt + _header.CompressedSize, _repetitionFeed, Repetitions);
            else
                Open(1);
            return;
        }
        var stored = ReadBody(_stored.Reserve(_header.CompressedSize));
        var rle = _header.RepetitionLevelEncoding == ParquetEncoding.Rle;
        long wanted = rle ? 4 : LegacyLevels.ByteLength(LevelWidth(_leaf.MaxRepetitionLevel), _header.NumValues);
        DecompressPrefix(stored, wanted);
        if (rle)
        {
            wanted = 4 + (long)Unsafe.ReadUnaligned<int>(_page.Start);
            DecompressPrefix(stored, wanted);
        }
        var levels = _page.Start;
        OpenLevels(_leaf.MaxRepetitionLevel, _header.RepetitionLevelEncoding, 0, ref levels, ref wanted, _repetitionFeed, Repetitions, _legacyRepetitions);
    }

    public void Dispose()
    {
        _stored.Dispose();
        _page.Dispose();
        _legacyRepetitions.Dispose();
        _legacyDefinitions.Dispose();
        _repetitionFeed.Dispose();
        _definitionFeed.Dispose();
        _valueFeed.Dispose();
        _dictionary.Dispose();
        _decoders.Dispose();
    }

    private bool IsCompressed => _chunk.Codec != CompressionCodec.Uncompressed && (_header.Type == PageType.Data || _header.IsCompressed);

    // Older writers name BIT_PACKED for levels that are not stored at all.
    private static bool IsRle(int maxLevel, ParquetEncoding encoding) => maxLevel == 0 || encoding == ParquetEncoding.Rle;

    private static int LevelWidth(int maxLevel) => 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)maxLevel);

    private void ReadHeader()
    {
        Context.PageOffset = _next;
        for (var size = HeaderWindow; ; size *= 8)
        {
            var window = (int)Math.Min(size, _end - _next);
            if (_headerBytes.Length < window)
                _headerBytes = new byte[window];
            var bytes = _headerBytes.AsSpan(0, window);
            Context.Read(_next, bytes);
            int length;
            try
            {
                if (!PageHeader.TryParse(bytes, _next, out _header, out length, _file.Limits))
                    length = 0;
            }
            catch (ParquetException e)
            {
                throw e.Within(_file.Path, Context.RowGroup, Context.Column, _next);
            }
            if (length > 0)
            {
                _bodyAt = _next + length;
                break;
            }
            if (window == _end - _next)
                Context.Fail("the column chunk ends within a page header");
            if (window >= _file.Limits.MaxPageHeaderBytes)
                Context.Fail($"a page header of more than {_file.Limits.MaxPageHeaderBytes} bytes, the reader's limit");
        }
        if (_header.CompressedSize > _end - _bodyAt)
            Context.Fail($"the page says {_header.CompressedSize} bytes; its column chunk has {_end - _bodyAt} left");
        var size2 = Math.Max(_header.CompressedSize, _header.UncompressedSize);
        if (size2 > _file.Limits.MaxPageBytes)
            Context.Fail($"the page says {size2} bytes, over the limit of {_file.Limits.MaxPageBytes}; write smaller pages or raise the limit");
        _next = _bodyAt + _header.CompressedSize;
    }

    private void LoadDictionary()
    {
        if (_dictionary.Count >= 0)
            Context.Fail("the column chunk has a second dictionary page");
        if (_leaf.Type == PhysicalType.Boolean)
            Context.Fail("a dictionary page of booleans, which Parquet does not have");
        var target = _dictionary.Values.Reserve(_header.UncompressedSize);
        if (_chunk.Codec == CompressionCodec.Uncompressed)
        {
            if (_header.CompressedSize != _header.UncompressedSize)
                Context.Fail($"an uncompressed page says {_header.CompressedSize} bytes stored, {_header.UncompressedSize} decompressed");
            ReadBody(target);
        }
        else
        {
            Decompress(ReadBody(_stored.Reserve(_header.CompressedSize)), target, _header.UncompressedSize);
        }
        _dictionary.Open(_header, _header.UncompressedSize, _decoders.Width);
    }

    private ReadOnlySpan<byte> ReadBody(byte* target)
    {
        var body = new Span<byte>(target, _header.CompressedSize);
        Context.Read(_bodyAt, body);
        if (_header.Crc is uint expected)
        {
            _checksum.Reset();
            _checksum.Append(body);
            CheckCrc(expected);
        }
        return body;
    }

    private void CheckCrc(uint expected)
    {
        if (_checksum.Value != expected)
            Context.Fail($"the page's checksum is {_checksum.Value:x8}, its header says {expected:x8}; the file is damaged");
    }

    private void Decompress(ReadOnlySpan<byte> stored, byte* target, int size)
    {
        try
        {
            Codecs.Decompress(_chunk.Codec, stored, new Span<byte>(target, size));
        }
        catch (ParquetException e)
        {
            throw e.Within(_file.Path, Context.RowGroup, Context.Column, PageOffset);
        }
    }

    private void DecompressPrefix(ReadOnlySpan<byte> stored, long size)
    {
        if (size < 0 || size > _header.UncompressedSize)
            Context.Fail($"the page's levels say {size} bytes; the page has {_header.UncompressedSize}");
        try
        {
            var target = new Span<byte>(_page.Reserve(size), (int)size);
            if (Codecs.DecompressPrefix(_chunk.Codec, stored, target) < size)
                Context.Fail($"the page decompresses to fewer than the {size} bytes of its levels");
        }
        catch (ParquetException e)
        {
            throw e.Within(_file.Path, Context.RowGroup, Context.Column, PageOffset);
        }
    }

    private void OpenInMemory(bool compressed)
    {
        var v2 = _header.Type == PageType.DataV2;
        var levels = v2 ? _header.RepetitionLevelsByteLength + _header.DefinitionLevelsByteLength : 0;
        var stored = ReadBody(compressed ? _stored.Reserve(_header.CompressedSize) : _page.Reserve(_header.CompressedSize));
        var levelsAt = compressed && v2 ? _stored.Start : _page.Start;
        var valuesAt = compressed && v2 ? _page.Reserve(_header.UncompressedSize) : null;
        if (compressed)
        {
            var size = _header.UncompressedSize - levels;
            var target = v2 ? valuesAt : _page.Reserve(size);
            levelsAt = v2 ? levelsAt : target;
            // A page of nulls has no values: some writers then store no compressed bytes either.
            if (size > 0)
                Decompress(stored[levels..], target, size);
        }
        var at = levelsAt;
        var left = (long)(compressed && v2 ? levels : _header.UncompressedSize);
        OpenLevels(_leaf.MaxRepetitionLevel, _header.RepetitionLevelEncoding, _header.RepetitionLevelsByteLength,
            ref at, ref left, _repetitionFeed, Repetitions, _legacyRepetitions);
        OpenLevels(_leaf.MaxDefinitionLevel, _header.DefinitionLevelEncoding, _header.DefinitionLevelsByteLength,
            ref at, ref left, _definitionFeed, Definitions, _legacyDefinitions);
        if (valuesAt != null)
        {
            at = valuesAt;
            left = _header.UncompressedSize - levels;
        }
        _decoders.Open(_header.Encoding, at, left, _header.NumValues, _dictionary);
    }

    private void OpenLevels(int maxLevel, ParquetEncoding encoding, int v2Length, ref byte* at, ref long left, ByteFeed feed, HybridRuns runs, NativeBuffer legacy)
    {
        var width = LevelWidth(maxLevel);
        long length = v2Length;
        if (_header.Type == PageType.Data)
        {
            if (maxLevel == 0)
                return;
            if (encoding == ParquetEncoding.Rle)
            {
                length = left < 4 ? -1 : Unsafe.ReadUnaligned<int>(at);
                at += 4;
                left -= 4;
            }
            else if (encoding == ParquetEncoding.BitPacked)
                length = LegacyLevels.ByteLength(width, _header.NumValues);
            else
                Context.Fail($"levels encoded as {encoding}; RLE and BIT_PACKED are possible");
        }
        if (length < 0 || length > left)
            Context.Fail($"the page's levels say {length} bytes; the page has {Math.Max(0, left)} left");
        if (encoding == ParquetEncoding.BitPacked)
            LegacyLevels.Open(feed, legacy, at, width, _header.NumValues);
        else
            feed.OpenMemory(at, length);
        runs.Open(width, (uint)maxLevel, _header.NumValues);
        at += length;
        left -= length;
    }

    private void OpenInFile(long unitBytes, bool split)
    {
        var (at, end) = (_bodyAt, _bodyAt + _header.CompressedSize);
        OpenLevelsInFile(_leaf.MaxRepetitionLevel, _header.RepetitionLevelsByteLength, ref at, end, _repetitionFeed, Repetitions);
        OpenLevelsInFile(_leaf.MaxDefinitionLevel, _header.DefinitionLevelsByteLength, ref at, end, _definitionFeed, Definitions);
        if (split)
        {
            _decoders.OpenSplitInFile(at, end - at, _windowBytes);
            return;
        }
        var window = (int)Math.Clamp(_windowBytes / Math.Max(1, unitBytes) * unitBytes, Math.Min(_windowBytes, 4096), _windowBytes);
        if (_header.Crc is not null)
            ChecksumFront(at);
        _valueFeed.OpenFile(at, end - at, window, _header.Crc is null ? null : _checksum);
        _decoders.Open(_header.Encoding, null, end - at, _header.NumValues, _dictionary);
    }

    private void OpenLevelsInFile(int maxLevel, int v2Length, ref long at, long end, ByteFeed feed, HybridRuns runs)
    {
        long length = v2Length;
        if (_header.Type == PageType.Data)
        {
            if (maxLevel == 0)
                return;
            Span<byte> prefix = stackalloc byte[4];
            Context.Read(at, prefix);
            length = BitConverter.ToInt32(prefix);
            at += 4;
        }
        if (length < 0 || length > end - at)
            Context.Fail($"the page's levels say {length} bytes; the page has {Math.Max(0, end - at)} left");
        feed.OpenFile(at, length, (int)Math.Min(_windowBytes / 8, Math.Max(length, 64)), null);
        runs.Open(LevelWidth(maxLevel), (uint)maxLevel, _header.NumValues);
        at += length;
    }

    // Levels and values are consumed side by side, the checksum runs front to back: the levels' bytes go through it first.
    private void ChecksumFront(long valuesAt)
    {
        _checksum.Reset();
        var buffer = _page.Reserve(_windowBytes);
        for (var at = _bodyAt; at < valuesAt;)
        {
            var bytes = new Span<byte>(buffer, (int)Math.Min(_windowBytes, valuesAt - at));
            Context.Read(at, bytes);
            _checksum.Append(bytes);
            at += bytes.Length;
        }
    }

    // What the consumer left unread of a streamed page still belongs to its checksum.
    private void FinishPage()
    {
        if (!_streamed)
            return;
        _streamed = false;
        if (_header.Crc is uint expected)
        {
            _valueFeed.Skip(_valueFeed.Left);
            CheckCrc(expected);
        }
    }
}
