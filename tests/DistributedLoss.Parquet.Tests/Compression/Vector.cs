using System.Security.Cryptography;
using DistributedLoss.Parquet.Metadata;

namespace DistributedLoss.Parquet.Tests.Compression;

/// <summary>A page that a codec's reference library compressed (make_vectors.py), and what must come out of it.</summary>
internal sealed record Vector(string Name, CompressionCodec Codec, int RawLength, string RawSha256, byte[] Page)
{
    public static IReadOnlyList<Vector> All { get; } = [.. File.ReadLines(
        Path.Combine(AppContext.BaseDirectory, "Compression", "vectors.txt")).Select(Parse)];

    public override string ToString() => $"{Name}.{Codec}";

    public bool IsRaw(ReadOnlySpan<byte> bytes) =>
        bytes.Length == RawLength && Convert.ToHexStringLower(SHA256.HashData(bytes)) == RawSha256;

    private static Vector Parse(string line)
    {
        string[] parts = line.Split(' ');
        return new Vector(parts[0], Enum.Parse<CompressionCodec>(parts[1]), int.Parse(parts[2]), parts[3], Convert.FromBase64String(parts[4]));
    }
}
