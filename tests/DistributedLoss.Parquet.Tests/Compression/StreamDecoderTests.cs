using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Tests.Compression;

/// <summary>The reference libraries' pages, decompressed in pieces: what holds for <see cref="Codecs"/> must hold whatever the pieces.</summary>
public class StreamDecoderTests
{
    private const int Roomy = 1 << 30;
    private static readonly (int In, int Out)[] Pieces = [(1, 1000), (7, 13), (1000, 1), (100_000, 4096), (4096, 1 << 20)];

    private static IEnumerable<Vector> Vectors => Vector.All.Where(v => StreamDecoder.Supports(v.Codec) && v.RawLength > 0);

    [Fact]
    public void Pages_decompress_exactly_whatever_the_pieces()
    {
        foreach (var vector in Vectors)
        {
            foreach (var pieces in Pieces)
            {
                foreach (var make in Decoders(vector.Codec))
                {
                    using var decoder = make(Roomy);
                    Assert.True(vector.IsRaw(Decompress(decoder, vector.Page, vector.RawLength, pieces)), $"{vector} in pieces of {pieces}");
                }
            }
        }
    }

    [Fact]
    public void Another_length_bytes_behind_the_page_and_a_page_cut_short_are_errors()
    {
        foreach (var vector in Vectors)
        {
            foreach (var make in Decoders(vector.Codec))
                HoldsExactly(vector, make);
        }
    }

    private static void HoldsExactly(Vector vector, Func<int, StreamDecoder> make)
    {
        using var decoder = make(Roomy);
        Assert.True(Fails(decoder, vector.Page, vector.RawLength + 1), $"{vector}: one more");
        Assert.True(vector.RawLength == 1 || Fails(decoder, vector.Page, vector.RawLength - 1), $"{vector}: one less");
        Assert.True(Fails(decoder, [.. vector.Page, 0x55], vector.RawLength), $"{vector}: a byte behind it");
        var step = Math.Max(1, vector.Page.Length / 50);
        for (var length = 0; length < vector.Page.Length; length += length < 20 || vector.Page.Length - length < 20 ? 1 : step)
        {
            // Nothing is lost with a last member that is empty.
            var whole = vector.Name == "last_member_empty" && length >= vector.Page.Length - 20;
            Assert.True(whole || Fails(decoder, vector.Page[..length], vector.RawLength), $"{vector}: {length} of {vector.Page.Length} bytes");
        }
        // Errors leave nothing behind in the decoder.
        Assert.True(vector.IsRaw(Decompress(decoder, vector.Page, vector.RawLength, (1000, 777))), vector.ToString());
    }

    [Fact]
    public void Damaged_pages_give_what_the_whole_page_gives_or_an_error()
    {
        var random = new Random(78);
        var (errors, same) = (0, 0);
        foreach (var vector in Vectors)
        {
            var makers = Decoders(vector.Codec);
            for (var turn = 0; turn < 100; turn++)
            {
                using var decoder = makers[turn % makers.Length](Roomy);
                var page = vector.Page.ToArray();
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    page[random.Next(random.Next(2) == 0 ? Math.Min(16, page.Length) : page.Length)] ^= (byte)(1 << random.Next(8));
                var whole = new byte[vector.RawLength];
                try
                {
                    Codecs.Decompress(vector.Codec, page, whole);
                }
                catch (ParquetException)
                {
                    errors += Fails(decoder, page, vector.RawLength) ? 1 : throw new InvalidOperationException($"{vector}: damage {turn} passed in pieces");
                    continue;
                }
                try
                {
                    Assert.Equal(whole, Decompress(decoder, page, vector.RawLength, (500, 333)));
                    same++;
                }
                catch (ParquetException e) when (vector.Codec == CompressionCodec.Lz4Raw)
                {
                    // An offset that the format calls invalid, and that liblz4 takes for zeros.
                    Assert.Contains("a copy from 0 bytes back", e.Message, StringComparison.Ordinal);
                }
            }
        }
        Assert.True(errors > 100 && same > 10, $"{errors} errors, {same} the same");
    }

    [Theory]
    [InlineData(CompressionCodec.Zstd)]
    [InlineData(CompressionCodec.Lz4Raw)]
    [InlineData(CompressionCodec.Snappy)]
    public void Pages_longer_than_what_the_codec_looks_back_on_come_out_whole(CompressionCodec codec)
    {
        // Phrases that return after anything up to four million bytes, between bytes that never do.
        var random = new Random(5);
        var raw = new byte[6_000_000];
        random.NextBytes(raw);
        for (var at = 100_000; at < raw.Length - 5000; at += random.Next(20, 4000))
        {
            var length = random.Next(4, 900);
            raw.AsSpan(at - random.Next(length, random.Next(2) == 0 ? 60_000 : Math.Min(at, 4_000_000)), length).CopyTo(raw.AsSpan(at));
            at += length;
        }
        var page = Compress(codec, raw);
        Assert.InRange(page.Length, 1, raw.Length * 99 / 100);
        foreach (var make in Decoders(codec))
        {
            using var decoder = make(Roomy);
            foreach (var piece in new[] { 50_000, 256 << 10, 8 << 20, 100_000 })
                Assert.True(raw.AsSpan().SequenceEqual(Decompress(decoder, page, raw.Length, (1 << 17, piece))), $"{decoder.GetType().Name} in pieces of {piece}");
        }
    }

    [Fact]
    public void Zstd_frames_of_growing_windows_and_frames_of_no_content_follow_each_other()
    {
        var random = new Random(6);
        var raw = new List<byte>();
        var page = new List<byte>();
        foreach (var length in new[] { 1, 0, 700, 300_000, 12, 3_000_000, 40_000 })
        {
            var part = new byte[length];
            random.NextBytes(part.AsSpan(0, length / 3));
            raw.AddRange(part);
            page.AddRange(Compress(CompressionCodec.Zstd, part));
            // A skippable frame (RFC 8878, section 3.1.2) of as many bytes.
            page.AddRange([0x5c, 0x2a, 0x4d, 0x18, .. BitConverter.GetBytes(length), .. part]);
        }
        foreach (var make in Decoders(CompressionCodec.Zstd))
        {
            using var decoder = make(Roomy);
            Assert.Equal(raw.ToArray(), Decompress(decoder, [.. page], raw.Count, (1000, 100_000)));
            Assert.Equal(raw.ToArray(), Decompress(decoder, [.. page], raw.Count, (1000, raw.Count)));
            Assert.True(Fails(decoder, [.. page.SkipLast(1)], raw.Count));
        }
    }

    [Fact]
    public void A_snappy_copy_from_farther_back_than_its_encoders_look_is_found()
    {
        // By hand, after format_description.txt: 300,000 literal bytes in one element, then copies with offsets of four bytes.
        var literal = new byte[300_000];
        new Random(7).NextBytes(literal);
        byte[] copy = [(64 - 1) << 2 | 3, .. BitConverter.GetBytes(literal.Length - 5)];
        byte[] tooFar = [(64 - 1) << 2 | 3, .. BitConverter.GetBytes(literal.Length + 1)];
        byte[] page = [.. Varint(literal.Length + 64), 62 << 2, .. BitConverter.GetBytes(literal.Length - 1)[..3], .. literal, .. copy];
        byte[] raw = [.. literal, .. literal[5..69]];
        foreach (var piece in new[] { 1000, 1 << 20 })
        {
            using var decoder = StreamDecoder.Create(CompressionCodec.Snappy, Roomy, MostKept);
            Assert.Equal(raw, Decompress(decoder, page, raw.Length, (1 << 17, piece)));
            Assert.Equal(raw, Decompress(decoder, page, raw.Length, (1 << 17, piece)));
            Assert.True(Fails(decoder, [.. page[..^5], .. tooFar], raw.Length));
        }
    }

    [Fact]
    public void A_zstd_window_over_the_limit_is_refused()
    {
        var raw = new byte[100_000];
        new Random(3).NextBytes(raw);
        var page = Compress(CompressionCodec.Zstd, raw);
        foreach (var make in Decoders(CompressionCodec.Zstd))
        {
            using var roomy = make(1 << 17);
            Assert.Equal(raw, Decompress(roomy, page, raw.Length, (1000, 1000)));
            using var narrow = make(1 << 12);
            var refusal = Assert.Throws<ParquetException>(() => Decompress(narrow, page, raw.Length, (1000, 1000)));
            Assert.Contains("memory", refusal.Message, StringComparison.Ordinal);
        }
    }

    private const int MostKept = 5000;

    private static Func<int, StreamDecoder>[] Decoders(CompressionCodec codec) => codec == CompressionCodec.Zstd
        ? [window => new ZstdBlockDecoder(window, MostKept), window => new ZstdStreamDecoder(window)]
        : [window => StreamDecoder.Create(codec, window, MostKept)];

    private static byte[] Compress(CompressionCodec codec, byte[] raw)
    {
        var page = new byte[Codecs.MaxCompressedLength(codec, raw.Length)];
        return page[..Codecs.Compress(codec, raw, page)];
    }

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

    private static unsafe byte[] Decompress(StreamDecoder decoder, byte[] page, int length, (int In, int Out) pieces)
    {
        var raw = new byte[length];
        var input = new Input(page, pieces.In);
        decoder.Start(input, length, pieces.Out);
        for (int at = 0, standing = 0; at < length;)
        {
            var kept = Math.Min(standing, at % MostKept);
            var piece = decoder.More(kept, out var count);
            Assert.InRange(count, 1, length - at);
            if (at + count == length)
                decoder.Finish();
            Assert.True(new ReadOnlySpan<byte>(piece - kept, kept).SequenceEqual(raw.AsSpan(at - kept, kept)), $"what was kept before byte {at} has changed");
            new ReadOnlySpan<byte>(piece, count).CopyTo(raw.AsSpan(at));
            at += count;
            standing = kept + count;
        }
        Assert.True(input.Peek(1, 1).IsEmpty, "bytes are left behind the page");
        return raw;
    }

    private static bool Fails(StreamDecoder decoder, byte[] page, int length)
    {
        try
        {
            Decompress(decoder, page, length, (500, 777));
            return false;
        }
        catch (ParquetException)
        {
            return true;
        }
    }

    private sealed class Input(byte[] page, int piece) : ICompressedInput
    {
        private int _at;

        public ReadOnlySpan<byte> Peek(int least, int most) => page.AsSpan(_at, Math.Min(Math.Max(least, piece - _at % piece), page.Length - _at));

        public void Advance(int count) => _at += count;

        public void Rewind() => _at = 0;

        public bool TryReadTail(Span<byte> tail) => page.Length >= tail.Length && page.AsSpan(page.Length - tail.Length).TryCopyTo(tail);
    }
}
