using System.Buffers;
using System.Runtime.InteropServices;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

public sealed partial class GroupMeans
{
    // Key length, count and a sum's flags.
    private const int ShortestEntry = sizeof(int) + sizeof(long) + 1;

    /// <summary>
    /// Canonical bytes, little-endian: one byte, 1 with weights; int32 number of groups; for each, null first and then by ordinal key: int32 key length in UTF-16
    /// code units, -1 for null; these units; int64 rows; the exact sum of the (weighted) losses and, with weights, that of the weights, as
    /// <see cref="ExactSum.WriteTo"/> has them.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteByte((byte)(IsWeighted ? 1 : 0));
        output.WriteInt32(Groups);
        var sum = new ExactSum();
        if (_nullIndex >= 0)
        {
            output.WriteInt32(-1);
            Write(_nullIndex, sum, output);
        }

        string[] keys = [.. _indices.Keys];
        Array.Sort(keys, StringComparer.Ordinal);
        foreach (var key in keys)
        {
            output.WriteInt32(key.Length);
            foreach (var unit in key)
                output.WriteUInt16(unit);
            Write(_indices[key], sum, output);
        }
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes, possibly with others behind them.</param>
    /// <param name="limit">As the constructor's.</param>
    /// <param name="bytesRead">Where the means' bytes end.</param>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, contradict each other, or are of more groups than the limit.</exception>
    public static GroupMeans Read(ReadOnlySpan<byte> source, int limit, out int bytesRead)
    {
        var reader = new ByteReader(source, "GroupMeans");
        var weighted = reader.ReadByte();
        if (weighted > 1)
            throw reader.Malformed($"{weighted} says neither with weights nor without");
        var groups = reader.ReadInt32("number of groups", 0, Math.Min(limit, reader.Rest.Length / ShortestEntry));
        var means = new GroupMeans(weighted == 1, limit);
        var (sum, previous) = (new ExactSum(), (string?)null);
        for (var entry = 0; entry < groups; entry++)
        {
            var length = reader.ReadInt32("key length", entry == 0 ? -1 : 0, reader.Rest.Length / sizeof(char));
            var key = length < 0 ? null : ReadKey(ref reader, length);
            if (entry > 0 && string.CompareOrdinal(previous, key) >= 0)
                throw reader.Malformed($"the key '{key}' follows '{previous}'");
            means.ReadGroup(means.GroupOf(key), ref reader, sum);
            previous = key;
        }

        bytesRead = reader.Position;
        return means;
    }

    private static string ReadKey(ref ByteReader reader, int length)
    {
        var units = new char[length];
        for (var i = 0; i < length; i++)
            units[i] = (char)(ushort)reader.ReadInt16();
        return new(units);
    }

    private void Write(int group, ExactSum sum, IBufferWriter<byte> output)
    {
        output.WriteInt64(_counts[group]);
        foreach (var sums in Sums())
        {
            sum.Clear();
            sums.AddTo(group, sum);
            sum.WriteTo(output);
        }
    }

    private void ReadGroup(int group, ref ByteReader reader, ExactSum sum)
    {
        var count = reader.ReadInt64("rows", 0, long.MaxValue - Count);
        foreach (var sums in Sums())
        {
            sum.Clear();
            sum.AddFrom(ref reader);
            if (!sum.CouldSum(count) || (sums == _weights && (sum.HasSpecials || sum.Sign < 0)))
                throw reader.Malformed($"the sums of a group are not those of {count} rows");
            sums.Place(group, sum);
        }

        CollectionsMarshal.AsSpan(_counts)[group] = count;
        Count += count;
    }

    private ExactSumArray[] Sums() => _weights is null ? [_losses] : [_losses, _weights];
}
