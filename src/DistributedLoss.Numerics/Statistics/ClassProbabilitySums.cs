using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// For each class, the sum of the probabilities that rows gave it. Each probability is rounded once to a multiple of 2^-52 (it moves by at
/// most 2^-53) and from there on the sums are integers: exact, and the same in any order and any tree of merges. 16 bytes a class.
/// </summary>
public sealed class ClassProbabilitySums
{
    /// <summary>The unit of the sums is 2^-FractionBits.</summary>
    private const int FractionBits = 52;

    // A row adds less than 2^54 to a class (Kernels.RowProbabilities sees to it): with what a carry leaves, 2^52 + 256 x 2^54 < 2^63.
    private const int RowsBetweenCarries = 256;
    /// <summary>What a row adds to each class besides its probability: the bits of 1.0, modulo 2^64. A carry takes them off.</summary>
    internal const long RowUnits = 0x3FF0_0000_0000_0000;

    /// <summary>1 in units of the sums.</summary>
    internal const long UnitsOfOne = 1L << FractionBits;

    private const int EntryBytes = 2 * sizeof(long);
    private const int EntriesAtOnce = 256;
    private const long Fraction = UnitsOfOne - 1;

    // The sum of a class is _high + _low / 2^52. Padded to whole registers, whose last lanes stay 0.
    private readonly long[] _low;
    private readonly long[] _high;
    private int _rowsSinceCarry;

    public ClassProbabilitySums(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        Classes = classes;
        int padded = checked(classes + 7) & ~7;
        _low = new long[padded];
        _high = new long[padded];
    }

    public int Classes { get; }

    /// <summary>Rows added.</summary>
    public long Rows { get; private set; }

    /// <summary>The sum of a class's probabilities, rounded once.</summary>
    public double Sum(int index)
    {
        Settle(index);
        return CorrectRounding.ToDouble(((BigInteger)_high[index] << FractionBits) + _low[index], -FractionBits);
    }

    /// <summary>The mean probability of a class, the exact quotient rounded once; null without rows.</summary>
    public double? Mean(int index) => Bias(index, 0);

    /// <summary>
    /// The mean probability of a class less its share of the labels, the exact fraction rounded once: the gradient of the mean loss in the
    /// class's bias. Null without rows.
    /// </summary>
    /// <param name="labelled">Rows whose label is the class.</param>
    public double? Bias(int index, long labelled)
    {
        Settle(index);
        if (Rows == 0)
        {
            return null;
        }

        // Of most classes of many, the fraction fits 62 bits.
        long whole = _high[index] - labelled;
        return Math.Abs(whole) < 1 << 10
            ? CorrectRounding.Quotient((whole << FractionBits) + _low[index], Rows, -FractionBits)
            : CorrectRounding.Quotient(((BigInteger)whole << FractionBits) + _low[index], Rows, -FractionBits);
    }

    /// <exception cref="ArgumentException">The numbers of classes differ.</exception>
    public void Add(ClassProbabilitySums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Classes != Classes)
        {
            throw new ArgumentException($"Sums of {other.Classes} classes cannot be added to those of {Classes}.", nameof(other));
        }

        Rows = checked(Rows + other.Rows);
        Settle();
        other.Settle();
        for (int i = 0; i < _low.Length; i++)
        {
            _low[i] += other._low[i];
            _high[i] = checked(_high[i] + other._high[i]);
        }

        Carry();
    }

    public void Clear()
    {
        Rows = 0;
        _rowsSinceCarry = 0;
        Array.Clear(_low);
        Array.Clear(_high);
    }

    /// <summary>
    /// Canonical bytes, little-endian: int32 Classes; int64 Rows; for each class, by ascending index, int64 the fraction of its sum in units
    /// of 2^-52, and int64 the whole part.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Settle();
        output.WriteInt32(Classes);
        output.WriteInt64(Rows);
        for (int first = 0; first < Classes; first += EntriesAtOnce)
        {
            // Every shard's digest reads these bytes: many at a time.
            int n = Math.Min(EntriesAtOnce, Classes - first);
            var bytes = output.GetSpan(n * EntryBytes);
            for (int i = 0; i < n; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes[(i * EntryBytes)..], _low[first + i]);
                BinaryPrimitives.WriteInt64LittleEndian(bytes[((i * EntryBytes) + sizeof(long))..], _high[first + i]);
            }

            output.Advance(n * EntryBytes);
        }
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote from the front of <paramref name="source"/>.</summary>
    /// <param name="classes">The number of classes that the reader expects; it bounds what is allocated.</param>
    /// <param name="bytesRead">Where the sums' bytes end.</param>
    /// <exception cref="FormatException">The bytes are cut short, not canonical, or of another number of classes.</exception>
    public static ClassProbabilitySums Read(ReadOnlySpan<byte> source, int classes, out int bytesRead)
    {
        var reader = new ByteReader(source, "ClassProbabilitySums");
        reader.ReadInt32("number of classes", classes, classes);
        long rows = reader.ReadInt64("rows", 0, long.MaxValue / 4);
        if (reader.Rest.Length / EntryBytes < classes)
        {
            throw reader.Malformed($"{classes} entries wanted where {reader.Rest.Length} bytes are left");
        }

        var sums = new ClassProbabilitySums(classes) { Rows = rows };
        for (int i = 0; i < classes; i++)
        {
            sums._low[i] = reader.ReadInt64("fraction", 0, rows == 0 ? 0 : Fraction);
            sums._high[i] = reader.ReadInt64("whole part", 0, 4 * rows);
        }

        bytesRead = reader.Position;
        return sums;
    }

    /// <summary>Adds one row's probabilities, from 0 to 1, one a class.</summary>
    internal void AddRow(ReadOnlySpan<double> probabilities)
    {
        BeginRow();
        for (int i = 0; i < _low.Length; i++)
        {
            _low[i] += BitConverter.DoubleToInt64Bits(1 + (i < probabilities.Length ? probabilities[i] : 0));
        }
    }

    /// <summary>
    /// In units of 2^-52, by class, in whole registers of 8. After <see cref="BeginRow"/> each entry takes one p, below 2^54 units, and
    /// <see cref="RowUnits"/>, wrapping; those past the last class RowUnits alone.
    /// </summary>
    internal Span<long> Units => _low;

    /// <summary>Counts a row, and makes room for it.</summary>
    internal void BeginRow()
    {
        if (_rowsSinceCarry == RowsBetweenCarries)
        {
            Carry();
        }

        _rowsSinceCarry++;
        Rows++;
    }

    private void Settle(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Classes, nameof(index));
        Settle();
    }

    private void Settle()
    {
        if (_rowsSinceCarry != 0)
        {
            Carry();
        }
    }

    private void Carry()
    {
        long rowUnits = unchecked(_rowsSinceCarry * RowUnits);
        _rowsSinceCarry = 0;
        for (int i = 0; i < _low.Length; i++)
        {
            _low[i] = unchecked(_low[i] - rowUnits);
            _high[i] += _low[i] >> FractionBits;
            _low[i] &= Fraction;
        }
    }
}
