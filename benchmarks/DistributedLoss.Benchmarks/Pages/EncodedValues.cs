using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using DistributedLoss.Parquet.Metadata;
using DistributedLoss.Parquet.Pages;
using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Benchmarks.Pages;

/// <summary>The values of one page as an encoding stores them, in native memory as a reader has them, with their plain bytes.</summary>
internal sealed unsafe class EncodedValues : IDisposable
{
    private const int DistinctValues = 1000;

    private readonly NativeBuffer _section = new();
    private readonly PageContext _context = new(null, "values");

    private EncodedValues(ParquetEncoding encoding, PhysicalType type, byte[] section, int count, byte[] plain)
    {
        (Encoding, Type, Count, Plain, Bytes) = (encoding, type, count, plain, section.Length);
        section.CopyTo(new Span<byte>(_section.Reserve(section.Length), section.Length));
        Dictionary = new DictionaryPage(_context);
        Decoders = new ValueDecoders(_context, type, 0, new ByteFeed(_context), 1 << 20);
    }

    public ParquetEncoding Encoding { get; }

    public PhysicalType Type { get; }

    public int Count { get; }

    public int Bytes { get; }

    /// <summary>All values as PLAIN has them, of texts without their lengths.</summary>
    public byte[] Plain { get; }

    public DictionaryPage Dictionary { get; }

    public ValueDecoders Decoders { get; }

    public byte* Section => _section.Start;

    public static EncodedValues Of(ParquetEncoding encoding, PhysicalType type, int count)
    {
        var random = new Random(4);
        bool repeat = encoding == ParquetEncoding.RleDictionary;
        if (type == PhysicalType.ByteArray)
        {
            // In order, as paths and dates are: prefixes are shared.
            byte[][] texts = [.. Enumerable.Range(0, count).Select(i => System.Text.Encoding.UTF8.GetBytes($"validation/part-{(repeat ? i % DistinctValues : i) / 16:D5}/row"))];
            return Texts(encoding, texts);
        }

        byte[] plain = new byte[count * ValueDecoders.WidthOf(type, 0)];
        for (int i = 0; i < count; i++)
        {
            if (type == PhysicalType.Float)
            {
                BinaryPrimitives.WriteSingleLittleEndian(plain.AsSpan(4 * i), (float)(random.NextDouble() - 0.5));
            }
            else
            {
                BinaryPrimitives.WriteInt64LittleEndian(plain.AsSpan(8 * i), random.Next(DistinctValues));
            }
        }

        return Fixed(encoding, type, plain, count);
    }

    public void Dispose()
    {
        Decoders.Dispose();
        Dictionary.Dispose();
        _section.Dispose();
    }

    private static EncodedValues Fixed(ParquetEncoding encoding, PhysicalType type, byte[] plain, int count)
    {
        switch (encoding)
        {
            case ParquetEncoding.ByteStreamSplit:
                byte[] split = new byte[plain.Length];
                ByteStreamSplit.Encode(plain, plain.Length / count, split);
                return new EncodedValues(encoding, type, split, count, plain);
            case ParquetEncoding.DeltaBinaryPacked:
                return new EncodedValues(encoding, type, DeltaEncoder.Encode(MemoryMarshal.Cast<byte, long>(plain)), count, plain);
            case ParquetEncoding.RleDictionary:
                long[] entries = [.. Enumerable.Range(0, DistinctValues).Select(i => (long)i)];
                byte[] indices = Indices([.. MemoryMarshal.Cast<byte, long>(plain).ToArray().Select(value => (uint)value)]);
                return new EncodedValues(encoding, type, indices, count, plain).WithDictionary(MemoryMarshal.AsBytes<long>(entries), entries.Length, sizeof(long));
            default:
                return new EncodedValues(encoding, type, plain, count, plain);
        }
    }

    private static EncodedValues Texts(ParquetEncoding encoding, byte[][] texts)
    {
        byte[] plain = [.. texts.SelectMany(t => t)];
        byte[] lengths = DeltaEncoder.Encode([.. texts.Select(t => (long)t.Length)]);
        switch (encoding)
        {
            case ParquetEncoding.DeltaLengthByteArray:
                return new EncodedValues(encoding, PhysicalType.ByteArray, [.. lengths, .. plain], texts.Length, plain);
            case ParquetEncoding.DeltaByteArray:
                int[] prefixes = [0, .. texts.Zip(texts.Skip(1), (a, b) => a.AsSpan().CommonPrefixLength(b))];
                byte[][] suffixes = [.. texts.Zip(prefixes, (text, prefix) => text[prefix..])];
                byte[] suffixLengths = DeltaEncoder.Encode([.. suffixes.Select(s => (long)s.Length)]);
                byte[] section = [.. DeltaEncoder.Encode([.. prefixes.Select(p => (long)p)]), .. suffixLengths, .. suffixes.SelectMany(s => s)];
                return new EncodedValues(encoding, PhysicalType.ByteArray, section, texts.Length, plain);
            case ParquetEncoding.RleDictionary:
                string[] names = [.. texts.Select(System.Text.Encoding.UTF8.GetString)];
                string[] distinct = [.. names.Distinct()];
                var indexOf = distinct.Index().ToDictionary(d => d.Item, d => (uint)d.Index);
                byte[] entries = Prefixed([.. distinct.Select(System.Text.Encoding.UTF8.GetBytes)]);
                return new EncodedValues(encoding, PhysicalType.ByteArray, Indices([.. names.Select(n => indexOf[n])]), texts.Length, plain)
                    .WithDictionary(entries, distinct.Length, 0);
            default:
                return new EncodedValues(encoding, PhysicalType.ByteArray, Prefixed(texts), texts.Length, plain);
        }
    }

    private static byte[] Prefixed(byte[][] texts) => [.. texts.SelectMany(t => (byte[])[.. BitConverter.GetBytes(t.Length), .. t])];

    private static byte[] Indices(uint[] indices)
    {
        var encoder = new HybridEncoder(DistinctValues - 1);
        foreach (uint index in indices)
        {
            encoder.Append(index);
        }

        return [(byte)encoder.BitWidth, .. encoder.Finish()];
    }

    private EncodedValues WithDictionary(ReadOnlySpan<byte> entries, int count, int width)
    {
        entries.CopyTo(new Span<byte>(Dictionary.Values.Reserve(entries.Length), entries.Length));
        Dictionary.Open(new PageHeader { Type = PageType.Dictionary, Encoding = ParquetEncoding.Plain, NumValues = count }, entries.Length, width);
        return this;
    }
}
