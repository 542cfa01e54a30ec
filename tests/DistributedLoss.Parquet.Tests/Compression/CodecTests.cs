using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Tests.Compression;

public class CodecTests
{
    private static readonly CompressionCodec[] Written =
        [CompressionCodec.Uncompressed, CompressionCodec.Snappy, CompressionCodec.Gzip, CompressionCodec.Brotli, CompressionCodec.Zstd, CompressionCodec.Lz4Raw];

    [Fact]
    public void Pages_by_the_reference_libraries_decompress_exactly()
    {
        foreach (Vector vector in Vector.All)
        {
            Assert.True(vector.IsRaw(Raw(vector)), vector.ToString());
        }
    }

    [Fact]
    public void Another_length_than_the_pages_own_is_an_error()
    {
        foreach (Vector vector in Vector.All)
        {
            Assert.True(Fails(vector.Codec, vector.Page, vector.RawLength + 1), $"{vector}: one more");
            // A span of no bytes for a page of one is the only shorter length of "byte", and an error too.
            if (vector.RawLength > 0)
            {
                Assert.True(Fails(vector.Codec, vector.Page, vector.RawLength - 1), $"{vector}: one less");
            }
        }
    }

    [Fact]
    public void Pages_cut_short_anywhere_are_errors()
    {
        foreach (Vector vector in Vector.All.Where(v => v.RawLength > 0))
        {
            int step = Math.Max(1, vector.Page.Length / 200);
            for (int length = 0; length < vector.Page.Length; length += length < 40 || vector.Page.Length - length < 40 ? 1 : step)
            {
                // Nothing is lost with a last member that is empty.
                bool whole = vector.Name == "last_member_empty" && length >= vector.Page.Length - 20;
                Assert.True(whole || Fails(vector.Codec, vector.Page.AsSpan(0, length), vector.RawLength), $"{vector}: {length} of {vector.Page.Length} bytes");
            }
        }
    }

    [Fact]
    public void Bytes_after_a_page_are_an_error()
    {
        foreach (Vector vector in Vector.All)
        {
            Assert.True(Fails(vector.Codec, [.. vector.Page, 0x55], vector.RawLength), vector.ToString());
        }
    }

    [Fact]
    public void Prefixes_of_any_length_are_the_pages_first_bytes()
    {
        foreach (Vector vector in Vector.All)
        {
            byte[] raw = Raw(vector);
            foreach (int length in new[] { 1, 2, 7, 100, 4095, 4096, 70_000, raw.Length - 1, raw.Length, raw.Length + 1, raw.Length + 5000 })
            {
                if (length <= 0)
                {
                    continue;
                }
                byte[] prefix = new byte[length + 1];
                prefix[length] = 0xa5;
                int written = Codecs.DecompressPrefix(vector.Codec, vector.Page, prefix.AsSpan(0, length));
                Assert.Equal(Math.Min(length, raw.Length), written);
                Assert.True(raw.AsSpan(0, written).SequenceEqual(prefix.AsSpan(0, written)), $"{vector}: {length} bytes");
                Assert.Equal(0xa5, prefix[length]);
            }
        }
    }

    // Where a format has a checksum, damage gives an error or the exact bytes; elsewhere other bytes may come out, but never outside
    // the destination and never another exception.
    [Fact]
    public void Damaged_pages_give_an_error_or_bytes_inside_the_destination()
    {
        var random = new Random(77);
        int errors = 0, exact = 0;
        foreach (Vector vector in Vector.All.Where(v => v.RawLength > 0))
        {
            byte[] guarded = new byte[vector.RawLength + 128];
            for (int i = 0; i < 400; i++)
            {
                byte[] page = (byte[])vector.Page.Clone();
                for (int n = random.Next(1, 4); n > 0; n--)
                {
                    // Headers and the bytes behind them are where damage is most interesting.
                    int at = random.Next(3) == 0 ? random.Next(Math.Min(16, page.Length)) : random.Next(page.Length);
                    page[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(page[at] ^ (1 << random.Next(8)));
                }
                guarded.AsSpan().Fill(0xa5);
                Span<byte> destination = guarded.AsSpan(64, vector.RawLength);
                try
                {
                    Codecs.Decompress(vector.Codec, page, destination);
                    bool same = vector.IsRaw(destination);
                    Assert.True(same || !IsChecked(vector), $"{vector}: damage {i} passed the checksum");
                    exact += same ? 1 : 0;
                }
                catch (ParquetException)
                {
                    errors++;
                }
                try
                {
                    Codecs.DecompressPrefix(vector.Codec, page, destination[..(vector.RawLength / 2)]);
                }
                catch (ParquetException)
                {
                    errors++;
                }
                Assert.True(guarded.AsSpan(0, 64).IndexOfAnyExcept((byte)0xa5) < 0 && guarded.AsSpan(64 + vector.RawLength).IndexOfAnyExcept((byte)0xa5) < 0, vector.ToString());
            }
        }
        Assert.True(errors > 1000 && exact > 0, $"{errors} errors, {exact} exact");
    }

    [Fact]
    public void What_is_compressed_here_decompresses_to_the_same_bytes()
    {
        foreach (Vector vector in Vector.All.Where(v => v.Codec == CompressionCodec.Zstd))
        {
            byte[] raw = Raw(vector);
            foreach (CompressionCodec codec in Written)
            {
                byte[] page = new byte[Codecs.MaxCompressedLength(codec, raw.Length)];
                int length = Codecs.Compress(codec, raw, page);
                byte[] back = new byte[raw.Length];
                Codecs.Decompress(codec, page.AsSpan(0, length), back);
                Assert.Equal(raw, back);
            }
        }
    }

    [Fact]
    public void Our_snappy_encoder_finds_what_the_reference_finds()
    {
        foreach (Vector vector in Vector.All.Where(v => v.Codec == CompressionCodec.Snappy))
        {
            byte[] raw = Raw(vector);
            byte[] page = new byte[Codecs.MaxCompressedLength(CompressionCodec.Snappy, raw.Length)];
            int length = Codecs.Compress(CompressionCodec.Snappy, raw, page);
            Assert.True(length <= (vector.Page.Length * 1.05) + 8, $"{vector}: {length} bytes, the reference's {vector.Page.Length}");
        }
    }

    [Fact]
    public void Pages_of_no_bytes_are_empty_whatever_the_codec()
    {
        foreach (CompressionCodec codec in Enum.GetValues<CompressionCodec>())
        {
            Codecs.Decompress(codec, [], []);
            Assert.Equal(0, Codecs.DecompressPrefix(codec, [], new byte[4]));
        }
    }

    [Theory]
    [InlineData(CompressionCodec.Lzo)]
    [InlineData((CompressionCodec)8)]
    [InlineData((CompressionCodec)(-1))]
    public void Codecs_that_are_not_here_are_named(CompressionCodec codec)
    {
        Assert.Contains($"codec {codec} ", Assert.Throws<ParquetException>(() => Codecs.Decompress(codec, new byte[4], new byte[4])).Message, StringComparison.Ordinal);
        Assert.Throws<ParquetException>(() => Codecs.DecompressPrefix(codec, new byte[4], new byte[4]));
        Assert.Throws<ParquetException>(() => Codecs.MaxCompressedLength(codec, 4));
    }

    [Fact]
    public void A_missing_library_says_what_to_install()
    {
        var library = new NativeCodecLibrary("zstd", "libzstd1", ["libnosuchthing.so.1"]);
        Assert.Contains("apt-get install libzstd1", Assert.Throws<ParquetException>(library.Require).Message, StringComparison.Ordinal);
        var old = new NativeCodecLibrary("zstd", "libzstd1", NativeCodecLibrary.Candidates("zstd", 1));
        old.Require();
        Assert.Equal(0, old.Export("ZSTD_noSuchFunction"));
        Assert.Contains("ZSTD_noSuchFunction", Assert.Throws<ParquetException>(old.Require).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Contexts_are_per_thread()
    {
        Vector vector = Vector.All.First(v => v is { Name: "level19" });
        Parallel.For(0, 64, _ => Assert.True(vector.IsRaw(Raw(vector))));
    }

    private static bool IsChecked(Vector vector) =>
        vector.Codec == CompressionCodec.Gzip || vector is { Codec: CompressionCodec.Zstd, Name: "checksum" };

    private static byte[] Raw(Vector vector)
    {
        byte[] raw = new byte[vector.RawLength];
        Codecs.Decompress(vector.Codec, vector.Page, raw);
        return raw;
    }

    private static bool Fails(CompressionCodec codec, ReadOnlySpan<byte> page, int length)
    {
        try
        {
            Codecs.Decompress(codec, page, new byte[length]);
            return false;
        }
        catch (ParquetException)
        {
            return true;
        }
    }
}
