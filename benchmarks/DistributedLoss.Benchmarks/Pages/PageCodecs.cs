using BenchmarkDotNet.Attributes;
using DistributedLoss.Parquet.Compression;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Benchmarks.Pages;

/// <summary>Decompression of one page of a megabyte of logits between two buffers.</summary>
public class PageCodecs : IUnits
{
    private const int Classes = 1000;
    private const int PageBytes = 1 << 20;

    private readonly byte[] _page = new byte[PageBytes];
    private byte[] _compressed = [];

    [Params(CompressionCodec.Snappy, CompressionCodec.Lz4Raw, CompressionCodec.Zstd, CompressionCodec.Gzip, CompressionCodec.Brotli)]
    public CompressionCodec Codec { get; set; }

    /// <summary>Split bytes compress better.</summary>
    [Params(false, true)]
    public bool Split { get; set; }

    public string Unit => "byte";

    public long Units => PageBytes;

    [GlobalSetup]
    public void Setup()
    {
        byte[] plain = new byte[PageBytes];
        float[] logits = new float[PageBytes / sizeof(float) / Classes * Classes];
        new SyntheticRows(5, Classes, 0.7).Fill(0, logits, new long[logits.Length / Classes]);
        Buffer.BlockCopy(logits, 0, plain, 0, logits.Length * sizeof(float));
        byte[] stored = plain;
        if (Split)
        {
            stored = new byte[PageBytes];
            ByteStreamSplit.Encode(plain, sizeof(float), stored);
        }

        byte[] room = new byte[Codecs.MaxCompressedLength(Codec, PageBytes)];
        _compressed = room[..Codecs.Compress(Codec, stored, room)];
        Decompress();
        if (!_page.AsSpan().SequenceEqual(stored))
        {
            throw new InvalidOperationException($"{Codec}: what is decompressed is not what was compressed");
        }
    }

    [Benchmark]
    public byte[] Decompress()
    {
        Codecs.Decompress(Codec, _compressed, _page);
        return _page;
    }
}
