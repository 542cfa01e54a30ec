using System.Runtime.CompilerServices;
using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Pages;

/// <summary>Where a page's levels are, and how they come to be read: in memory, in the file, or at the front of a page that is decompressed meanwhile.</summary>
internal sealed unsafe partial class PageReader
{
    /// <summary>Opens levels without values: a compressed V1 page is decompressed only as far as its levels go, if their encoding allows it.</summary>
    /// <param name="definitions">Whether definition levels are wanted too.</param>
    public void OpenLevels(bool definitions)
    {
        var v1 = Header.Type == PageType.Data;
        if (!IsRle(_leaf.MaxRepetitionLevel, Header.RepetitionLevelEncoding) || !IsRle(_leaf.MaxDefinitionLevel, Header.DefinitionLevelEncoding))
            OpenInMemory(_pages.IsCompressed);
        else if (!_pages.IsCompressed || !v1)
        {
            var (at, end) = (_pages.BodyOffset, _pages.BodyOffset + Header.CompressedSize);
            OpenLevelsInFile(_leaf.MaxRepetitionLevel, Header.RepetitionLevelsByteLength, ref at, end, _repetitionFeed, Repetitions);
            if (definitions)
                OpenLevelsInFile(_leaf.MaxDefinitionLevel, Header.DefinitionLevelsByteLength, ref at, end, _definitionFeed, Definitions);
        }
        else if (StreamDecoder.Supports(_pages.Chunk.Codec))
            StartStreamWithLevels(definitions);
        else if (definitions)
            OpenInMemory(compressed: true);
        else
            OpenRepetitionPrefix();
    }

    // Older writers name BIT_PACKED for levels that are not stored at all.
    private static bool IsRle(int maxLevel, ParquetEncoding encoding) => maxLevel == 0 || encoding == ParquetEncoding.Rle;

    private static int LevelWidth(int maxLevel) => 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)maxLevel);

    // In V1 pages, levels are compressed along with the values.
    private void StartStreamWithLevels(bool definitions)
    {
        StartStream(_pages.BodyOffset, Header.CompressedSize, Header.UncompressedSize);
        ReadLevels(_leaf.MaxRepetitionLevel, _repetitionFeed, Repetitions, _repetitionLevels);
        if (definitions)
            ReadLevels(_leaf.MaxDefinitionLevel, _definitionFeed, Definitions, _definitionLevels);
    }

    // In V2 pages, levels stand uncompressed before the compressed values.
    private void StartStreamBehindLevels()
    {
        var levels = Header.RepetitionLevelsByteLength + Header.DefinitionLevelsByteLength;
        var at = _page.Reserve(levels);
        var bytes = new Span<byte>(at, levels);
        Context.Read(_pages.BodyOffset, bytes);
        StartStream(_pages.BodyOffset + levels, Header.CompressedSize - levels, Header.UncompressedSize - levels, bytes);
        long left = levels;
        OpenLevels(_leaf.MaxRepetitionLevel, Header.RepetitionLevelEncoding, Header.RepetitionLevelsByteLength,
            ref at, ref left, _repetitionFeed, Repetitions, _repetitionLevels);
        OpenLevels(_leaf.MaxDefinitionLevel, Header.DefinitionLevelEncoding, Header.DefinitionLevelsByteLength,
            ref at, ref left, _definitionFeed, Definitions, _definitionLevels);
    }

    private void ReadLevels(int maxLevel, ByteFeed feed, HybridRuns runs, NativeBuffer buffer)
    {
        if (maxLevel == 0)
            return;
        var length = -1;
        if (_stream.Left >= sizeof(int))
            _stream.Read((byte*)&length, sizeof(int));
        // A run costs two bytes, a header and a value, and has at least one level: no writer needs more.
        if (length < 0 || length > Math.Min(_stream.Left, 64 + 2L * Header.NumValues))
            Context.Fail($"the page's levels say {length} bytes for {Header.NumValues} values; the page has {_stream.Left} bytes left");
        _stream.Read(buffer.Reserve(length), length);
        feed.OpenMemory(buffer.Start, length);
        runs.Open(LevelWidth(maxLevel), (uint)maxLevel, Header.NumValues);
    }

    // For codecs that decompress from memory to memory: first the levels' length, then the levels.
    private void OpenRepetitionPrefix()
    {
        var stored = _pages.ReadBody(_stored);
        _pages.DecompressPrefix(stored, _page, sizeof(int));
        long wanted = sizeof(int) + (long)Unsafe.ReadUnaligned<int>(_page.Start);
        _pages.DecompressPrefix(stored, _page, wanted);
        var levels = _page.Start;
        OpenLevels(_leaf.MaxRepetitionLevel, ParquetEncoding.Rle, 0, ref levels, ref wanted, _repetitionFeed, Repetitions, _repetitionLevels);
    }

    private void OpenLevels(int maxLevel, ParquetEncoding encoding, int v2Length, ref byte* at, ref long left, ByteFeed feed, HybridRuns runs, NativeBuffer legacy)
    {
        var width = LevelWidth(maxLevel);
        long length = v2Length;
        if (Header.Type == PageType.Data)
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
                length = LegacyLevels.ByteLength(width, Header.NumValues);
            else
                Context.Fail($"levels encoded as {encoding}; RLE and BIT_PACKED are possible");
        }
        if (length < 0 || length > left)
            Context.Fail($"the page's levels say {length} bytes; the page has {Math.Max(0, left)} left");
        if (encoding == ParquetEncoding.BitPacked)
            LegacyLevels.Open(feed, legacy, at, width, Header.NumValues);
        else
            feed.OpenMemory(at, length);
        runs.Open(width, (uint)maxLevel, Header.NumValues);
        at += length;
        left -= length;
    }

    private void OpenLevelsInFile(int maxLevel, int v2Length, ref long at, long end, ByteFeed feed, HybridRuns runs)
    {
        long length = v2Length;
        if (Header.Type == PageType.Data)
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
        runs.Open(LevelWidth(maxLevel), (uint)maxLevel, Header.NumValues);
        at += length;
    }
}
