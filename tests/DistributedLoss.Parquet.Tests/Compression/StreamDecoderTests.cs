using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Tests.Compression;

/// <summary>The reference libraries' pages, decompressed in pieces: what holds for <see cref="Codecs"/> must hold whatever the pieces.</summary>
public class StreamDecoderTests
{
    private static readonly (int In, int Out)[] Pieces = [(1, 1000), (7, 13), (1000, 1), (100_000, 4096), (4096, 1 << 20)];

    private static IEnumerable<Vector> Vectors => Vector.All.Where(v => StreamDecoder.Supports(v.Codec) && v.RawLength > 0);

    [Fact]
    public void Pages_decompress_exactly_whatever_the_pieces()
    {
        foreach (var vector in Vectors)
        {
            using var decoder = StreamDecoder.Create(vector.Codec, 1 << 30);
            foreach (var pieces in Pieces)
                Assert.True(vector.IsRaw(Decompress(decoder, vector.Page, vector.RawLength, pieces)), $"{vector} in pieces of {pieces}");
        }
    }

    [Fact]
    public void Another_length_bytes_behind_the_page_and_a_page_cut_short_are_errors()
    {
        foreach (var vector in Vectors)
        {
            using var decoder = StreamDecoder.Create(vector.Codec, 1 << 30);
            var pieces = (1000, 777);
            Assert.True(Fails(decoder, vector.Page, vector.RawLength + 1, pieces), $"{vector}: one more");
            Assert.True(vector.RawLength == 1 || Fails(decoder, vector.Page, vector.RawLength - 1, pieces), $"{vector}: one less");
            Assert.True(Fails(decoder, [.. vector.Page, 0x55], vector.RawLength, pieces), $"{vector}: a byte behind it");
            var step = Math.Max(1, vector.Page.Length / 50);
            for (var length = 0; length < vector.Page.Length; length += length < 20 || vector.Page.Length - length < 20 ? 1 : step)
            {
                // Nothing is lost with a last member that is empty.
                var whole = vector.Name == "last_member_empty" && length >= vector.Page.Length - 20;
                Assert.True(whole || Fails(decoder, vector.Page[..length], vector.RawLength, pieces), $"{vector}: {length} of {vector.Page.Length} bytes");
            }
            // Errors leave nothing behind in the decoder.
            Assert.True(vector.IsRaw(Decompress(decoder, vector.Page, vector.RawLength, pieces)), vector.ToString());
        }
    }

    [Fact]
    public void Damaged_pages_give_what_the_whole_page_gives_or_an_error()
    {
        var random = new Random(78);
        var (errors, same) = (0, 0);
        foreach (var vector in Vectors)
        {
            using var decoder = StreamDecoder.Create(vector.Codec, 1 << 30);
            for (var turn = 0; turn < 100; turn++)
            {
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
                    errors += Fails(decoder, page, vector.RawLength, (500, 333)) ? 1 : throw new InvalidOperationException($"{vector}: damage {turn} passed in pieces");
                    continue;
                }
                Assert.Equal(whole, Decompress(decoder, page, vector.RawLength, (500, 333)));
                same++;
            }
        }
        Assert.True(errors > 100 && same > 10, $"{errors} errors, {same} the same");
    }

    [Fact]
    public void A_zstd_window_over_the_limit_is_refused()
    {
        var raw = new byte[100_000];
        new Random(3).NextBytes(raw);
        var page = new byte[Codecs.MaxCompressedLength(CompressionCodec.Zstd, raw.Length)];
        page = page[..Codecs.Compress(CompressionCodec.Zstd, raw, page)];
        using var roomy = StreamDecoder.Create(CompressionCodec.Zstd, 1 << 17);
        Assert.Equal(raw, Decompress(roomy, page, raw.Length, (1000, 1000)));
        using var narrow = StreamDecoder.Create(CompressionCodec.Zstd, 1 << 12);
        var refusal = Assert.Throws<ParquetException>(() => Decompress(narrow, page, raw.Length, (1000, 1000)));
        Assert.Contains("memory", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Decompress(StreamDecoder decoder, byte[] page, int length, (int In, int Out) pieces)
    {
        var raw = new byte[length];
        var input = new Input(page, pieces.In);
        decoder.Start(input, length);
        for (var at = 0; at < length; at += pieces.Out)
            decoder.Read(raw.AsSpan(at, Math.Min(pieces.Out, length - at)));
        decoder.Finish();
        Assert.True(input.Peek().IsEmpty, "bytes are left behind the page");
        return raw;
    }

    private static bool Fails(StreamDecoder decoder, byte[] page, int length, (int In, int Out) pieces)
    {
        try
        {
            Decompress(decoder, page, length, pieces);
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

        public ReadOnlySpan<byte> Peek() => page.AsSpan(_at, Math.Min(piece - _at % piece, page.Length - _at));

        public void Advance(int count) => _at += count;

        public bool TryReadTail(Span<byte> tail) => page.Length >= tail.Length && page.AsSpan(page.Length - tail.Length).TryCopyTo(tail);
    }
}
