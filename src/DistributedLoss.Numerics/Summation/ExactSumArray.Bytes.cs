using System.Buffers;

namespace DistributedLoss.Numerics.Summation;

public sealed partial class ExactSumArray
{
    // The shortest sum that is not empty: flags, exponent, length and one byte.
    private const int ShortestEntry = sizeof(int) + 6;

    /// <summary>
    /// Canonical bytes, little-endian: int32 Length; int32 number of sums that are not empty (empty: zero, with no NaN or infinity);
    /// for each of those, by ascending index, its int32 index and the bytes of <see cref="ExactSum.WriteTo"/>.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteInt32(Length);
        output.WriteInt32(WriteEntries(null));
        WriteEntries(output);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes, possibly with others behind them.</param>
    /// <param name="length">The number of sums that the reader expects; it bounds what is allocated.</param>
    /// <param name="bytesRead">Where the array's bytes end.</param>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, or of an array of another length.</exception>
    public static ExactSumArray Read(ReadOnlySpan<byte> source, int length, out int bytesRead)
    {
        var reader = new ByteReader(source, "ExactSumArray");
        reader.ReadInt32("length", length, length);
        var entries = reader.ReadInt32("number of entries", 0, Math.Min(length, reader.Rest.Length / ShortestEntry));
        var array = new ExactSumArray(length);
        var sum = new ExactSum();
        for (var (entry, previous) = (0, -1); entry < entries; entry++)
        {
            previous = reader.ReadInt32("index", previous + 1, length - 1);
            sum.Clear();
            sum.AddFrom(ref reader);
            if (!sum.HasSpecials && sum.Sign == 0)
                throw reader.Malformed($"entry {previous} is empty");
            array.Place(previous, sum);
        }

        bytesRead = reader.Position;
        return array;
    }

    /// <param name="output">Null to count alone.</param>
    private int WriteEntries(IBufferWriter<byte>? output)
    {
        var count = 0;
        var sum = new ExactSum();
        var isPlain = _spills.Count == 0 && _specials.Count == 0;
        for (var index = 0; index < Length; index++)
        {
            if (isPlain && _pages[index / PageLength] is null)
            {
                // On to the next page.
                index |= PageLength - 1;
                continue;
            }

            var isApart = !isPlain && (_spills.ContainsKey(index) || _specials.ContainsKey(index));
            if (!isApart && FixedPointWindow.IsZero(Window(index)))
                continue;
            if (!isApart)
            {
                // A window by itself is zero only if all its limbs are.
                count++;
                output?.WriteInt32(index);
                if (output is not null)
                    FixedPointWindow.WriteTo(Window(index), output);
                continue;
            }

            sum.Clear();
            AddTo(index, sum);
            if (!sum.HasSpecials && sum.Sign == 0)
                continue;
            count++;
            if (output is null)
                continue;
            output.WriteInt32(index);
            sum.WriteTo(output);
        }

        return count;
    }

    /// <summary>Sets a sum that is still empty.</summary>
    internal void Place(int index, ExactSum sum)
    {
        if (sum.HasSpecials)
            AddSpecials(index, sum.NaNCount, sum.PositiveInfinityCount, sum.NegativeInfinityCount);
        var (mantissa, exponent) = sum.ToRational();
        if (!mantissa.IsZero && !FixedPointWindow.TrySet(WindowForWriting(index), mantissa, exponent))
            SpillOf(index).AddFinite(sum);
    }
}
