using System.Buffers.Binary;
using System.Numerics;

namespace DistributedLoss.Numerics.Summation;

/// <summary>Reads canonical bytes from the front of a span; anything missing or out of range is a FormatException that says where.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> source, string subject)
{
    private readonly ReadOnlySpan<byte> _source = source;
    private readonly string _subject = subject;

    public int Position { get; private set; }

    public byte ReadByte() => ReadBytes(1)[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16LittleEndian(ReadBytes(sizeof(short)));

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(sizeof(ushort)));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadBytes(sizeof(int)));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(ReadBytes(sizeof(long)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(ReadBytes(sizeof(double)));

    /// <summary>An int64 in [least, most].</summary>
    public long ReadInt64(string field, long least, long most = long.MaxValue) => InRange(ReadInt64(), field, least, most);

    /// <summary>An int32 in [least, most].</summary>
    public int ReadInt32(string field, int least, int most) => InRange(ReadInt32(), field, least, most);

    public ReadOnlySpan<byte> ReadBytes(int length)
    {
        if (length > _source.Length - Position)
            throw Malformed($"{length} more bytes wanted where {_source.Length - Position} are left");
        var bytes = _source.Slice(Position, length);
        Position += length;
        return bytes;
    }

    public readonly ReadOnlySpan<byte> Rest => _source[Position..];

    public readonly FormatException Malformed(string what) => new($"Malformed {_subject}, before byte {Position}: {what}.");

    private readonly T InRange<T>(T value, string field, T least, T most)
        where T : INumber<T> =>
        value >= least && value <= most ? value : throw Malformed($"{field} is {value}, outside [{least}, {most}]");
}
