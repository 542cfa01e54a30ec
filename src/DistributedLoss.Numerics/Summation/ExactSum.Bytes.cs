using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace DistributedLoss.Numerics.Summation;

public sealed partial class ExactSum
{
    private const int SignPositive = 1;
    private const int SignNegative = 2;
    private const int HasNaN = 4;
    private const int HasPositiveInfinity = 8;
    private const int HasNegativeInfinity = 16;

    /// <summary>
    /// Canonical bytes: sums that are equal as real numbers, with equal special counts, write equal bytes. Little-endian:
    /// one byte of flags (1 positive, 2 negative, 4 NaNs, 8 +infinities, 16 -infinities follow); an int64 above 0 for each special
    /// count flagged, in that order; and unless the finite part is zero, |sum| = M * 2^e with M odd as int16 e, uint16 length,
    /// and M's bytes, the last of them not zero.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> magnitude = stackalloc byte[LimbCount * sizeof(uint)];
        var length = OddMagnitude(magnitude, out var sign, out var exponent);
        var flags = sign switch { > 0 => SignPositive, < 0 => SignNegative, _ => 0 };
        flags |= NaNCount != 0 ? HasNaN : 0;
        flags |= PositiveInfinityCount != 0 ? HasPositiveInfinity : 0;
        flags |= NegativeInfinityCount != 0 ? HasNegativeInfinity : 0;
        output.WriteByte((byte)flags);
        if (NaNCount != 0)
            output.WriteInt64(NaNCount);
        if (PositiveInfinityCount != 0)
            output.WriteInt64(PositiveInfinityCount);
        if (NegativeInfinityCount != 0)
            output.WriteInt64(NegativeInfinityCount);
        if (sign == 0)
            return;
        output.WriteInt16((short)exponent);
        output.WriteUInt16((ushort)length);
        output.Write(magnitude[..length]);
    }

    /// <summary>Writes a sum that is finite and not zero.</summary>
    /// <param name="magnitude">Odd, little-endian, without leading zeros.</param>
    internal static void WriteFinite(IBufferWriter<byte> output, bool negative, int exponent, ReadOnlySpan<byte> magnitude)
    {
        var length = sizeof(byte) + sizeof(short) + sizeof(ushort) + magnitude.Length;
        var bytes = output.GetSpan(length);
        bytes[0] = negative ? (byte)SignNegative : (byte)SignPositive;
        BinaryPrimitives.WriteInt16LittleEndian(bytes[1..], (short)exponent);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[3..], (ushort)magnitude.Length);
        magnitude.CopyTo(bytes[5..]);
        output.Advance(length);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <exception cref="FormatException">The bytes are cut short, out of range, or not the canonical ones of any sum.</exception>
    public static ExactSum Read(ReadOnlySpan<byte> source, out int bytesRead)
    {
        var reader = new ByteReader(source, "ExactSum");
        var sum = new ExactSum();
        sum.AddFrom(ref reader);
        bytesRead = reader.Position;
        return sum;
    }

    /// <summary>Adds the sum whose bytes come next.</summary>
    internal void AddFrom(ref ByteReader reader)
    {
        var flags = reader.ReadByte();
        var sign = flags & (SignPositive | SignNegative);
        if (flags > 31 || sign == (SignPositive | SignNegative))
            throw reader.Malformed($"no sum has the flags {flags}");
        var naNs = (flags & HasNaN) != 0 ? reader.ReadInt64("NaN count", 1) : 0;
        var positives = (flags & HasPositiveInfinity) != 0 ? reader.ReadInt64("+infinity count", 1) : 0;
        var negatives = (flags & HasNegativeInfinity) != 0 ? reader.ReadInt64("-infinity count", 1) : 0;
        AddSpecials(naNs, positives, negatives);
        if (sign == 0)
            return;
        int exponent = reader.ReadInt16();
        int length = reader.ReadUInt16();
        if (length == 0)
            throw reader.Malformed("a sum that is not zero has an empty mantissa");
        var magnitude = reader.ReadBytes(length);
        if ((magnitude[0] & 1) == 0 || magnitude[^1] == 0)
            throw reader.Malformed("the mantissa is not odd, or has a leading zero byte");
        var end = exponent + (8 * length) - BitOperations.LeadingZeroCount((uint)magnitude[^1]) + 24;
        if (exponent < LowestExponent || end > EndExponent)
            throw reader.Malformed($"a mantissa of 2^{exponent} to 2^{end} is outside 2^{LowestExponent} to 2^{EndExponent}");
        AddMagnitude(magnitude, exponent, sign == SignNegative);
    }
}
