using BenchmarkDotNet.Attributes;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Benchmarks.Pages;

/// <summary>The values of a page in memory, by encoding: as many at a time as the reader would take.</summary>
public unsafe class ValueEncodings : IUnits
{
    private const int Count = 1 << 16;

    private EncodedValues _values = null!;

    public static IEnumerable<string> Encodings =>
    [
        "Float Plain",
        "Float ByteStreamSplit",
        "Int64 Plain",
        "Int64 RleDictionary",
        "Int64 DeltaBinaryPacked",
        "ByteArray Plain",
        "ByteArray RleDictionary",
        "ByteArray DeltaLengthByteArray",
        "ByteArray DeltaByteArray",
    ];

    [ParamsSource(nameof(Encodings))]
    public string Encoding { get; set; } = "";

    public string Unit => "value";

    public long Units => Count;

    [GlobalSetup]
    public void Setup()
    {
        string[] names = Encoding.Split(' ');
        _values = EncodedValues.Of(Enum.Parse<ParquetEncoding>(names[1]), Enum.Parse<PhysicalType>(names[0]), Count);
        var decoded = new List<byte>();
        Decode((start, length) => decoded.AddRange(new ReadOnlySpan<byte>((byte*)start, length)));
        if (!decoded.SequenceEqual(_values.Plain))
        {
            throw new InvalidOperationException($"{Encoding}: the {decoded.Count} bytes decoded are not the {_values.Plain.Length} that were encoded");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _values.Dispose();

    [Benchmark]
    public long Decode()
    {
        long bytes = 0;
        Decode((_, length) => bytes += length);
        return bytes;
    }

    private void Decode(Action<nint, int> take)
    {
        var decoders = _values.Decoders;
        decoders.Open(_values.Encoding, _values.Section, _values.Bytes, Count, _values.Dictionary);
        if (_values.Type == PhysicalType.ByteArray)
        {
            for (int i = 0; i < Count; i++)
            {
                byte* value = decoders.Bytes.Take(out int length);
                take((nint)value, length);
            }

            return;
        }

        var values = decoders.Fixed;
        for (int left = Count; left > 0;)
        {
            int count = (int)Math.Min(left, values.TakeSize(1));
            take((nint)values.Take(count), count * values.Width);
            left -= count;
        }
    }
}
