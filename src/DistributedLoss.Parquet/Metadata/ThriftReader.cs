using System.Text;

namespace DistributedLoss.Parquet.Metadata;

/// <summary>
/// Reads the Thrift compact protocol from a span of untrusted bytes. Malformed bytes throw; a span that merely ends too early
/// sets <see cref="Exhausted"/>, after which every field is Stop and every value zero, so that the caller's loops end and it can
/// come back with more bytes. Depth and the number of list elements are bounded.
/// </summary>
/// <param name="data">The bytes to read.</param>
/// <param name="offset">Byte offset of <paramref name="data"/> in its file, for error messages.</param>
/// <param name="maxDepth">Deepest nesting of structures and containers.</param>
/// <param name="maxElements">Most structures in lists, and distinct names, in all.</param>
internal ref struct ThriftReader(ReadOnlySpan<byte> data, long offset, int maxDepth, int maxElements)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _lastField;
    private int _depth;
    private long _elements;

    public int Position { get; private set; }

    public bool Exhausted { get; private set; }

    private readonly int Remaining => _data.Length - Position;

    /// <summary>Enters a structure; the returned state goes back to <see cref="EndStruct"/>.</summary>
    public int BeginStruct()
    {
        Descend();
        int outer = _lastField;
        _lastField = 0;
        return outer;
    }

    public void EndStruct(int outer)
    {
        _depth--;
        _lastField = outer;
    }

    /// <summary>The next field of the structure, or false at its end.</summary>
    public bool NextField(out ThriftField field)
    {
        byte header = ReadByte();
        var type = (ThriftType)(header & 0x0f);
        if (type == ThriftType.Stop)
        {
            field = default;
            return false;
        }
        int delta = header >> 4;
        int id = delta != 0 ? _lastField + delta : ReadInt(16);
        if (Exhausted)
        {
            field = default;
            return false;
        }
        if (type > ThriftType.Uuid || id is < 0 or > short.MaxValue)
        {
            throw Malformed($"no Thrift structure has a field {id} of type {(int)type}");
        }
        _lastField = id;
        field = new ThriftField(id, type);
        return true;
    }

    public readonly bool Bool(ThriftField field) => field.Type switch
    {
        ThriftType.True => true,
        ThriftType.False => false,
        _ => throw Unexpected(field, "a boolean"),
    };

    // Writers differ in the width they declare for an integer; the bytes are the same zigzag varint.
    public int I32(ThriftField field) => field.Type switch
    {
        ThriftType.Byte => (sbyte)ReadByte(),
        ThriftType.I16 or ThriftType.I32 => ReadInt(32),
        _ => throw Unexpected(field, "a 32-bit integer"),
    };

    public long I64(ThriftField field) => field.Type == ThriftType.I64 ? ReadZigzag(64) : I32(field);

    public ReadOnlySpan<byte> Binary(ThriftField field) =>
        field.Type == ThriftType.Binary ? ReadBinary() : throw Unexpected(field, "a string");

    public string String(ThriftField field) => Encoding.UTF8.GetString(Binary(field));

    /// <summary>
    /// Enters a list of at most <paramref name="most"/> elements of the type <paramref name="element"/>; returns their number. Ends with
    /// <see cref="EndList"/>. Structures count against the reader's limit here, strings when they are made.
    /// </summary>
    public int BeginList(ThriftField field, ThriftType element, int most = int.MaxValue)
    {
        if (field.Type is not (ThriftType.List or ThriftType.Set))
        {
            throw Unexpected(field, "a list");
        }
        int count = ReadListHeader(out ThriftType actual);
        if (count > 0 && actual != element)
        {
            throw Malformed($"the list in field {field.Id} holds elements of type {actual}, not {element}");
        }
        if (count > most)
        {
            throw Malformed($"the list in field {field.Id} has {count} elements, more than {most}");
        }
        if (element == ThriftType.Struct)
        {
            Count(count);
        }
        Descend();
        return count;
    }

    public void EndList() => _depth--;

    public int I32Element() => ReadInt(32);

    /// <summary>A string, or <paramref name="same"/> if it says the same: names repeat in every row group.</summary>
    public string StringElement(string same)
    {
        ReadOnlySpan<byte> bytes = ReadBinary();
        if (Ascii.Equals(bytes, same))
        {
            return same;
        }
        Count(1);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Passes over the value of a field that the caller does not know.</summary>
    public void Skip(ThriftField field)
    {
        if (field.Type is not (ThriftType.True or ThriftType.False))
        {
            SkipValue(field.Type);
        }
    }

    public readonly ParquetException Malformed(string what) =>
        new($"{what}; the file's metadata is damaged", offset: offset + Position);

    private void SkipValue(ThriftType type)
    {
        switch (type)
        {
            case ThriftType.True or ThriftType.False or ThriftType.Byte:
                Advance(1);
                break;
            case ThriftType.I16 or ThriftType.I32 or ThriftType.I64:
                ReadVarint(64);
                break;
            case ThriftType.Double:
                Advance(8);
                break;
            case ThriftType.Uuid:
                Advance(16);
                break;
            case ThriftType.Binary:
                ReadBinary();
                break;
            case ThriftType.List or ThriftType.Set:
                SkipElements(ReadListHeader(out ThriftType element), element, ThriftType.Stop);
                break;
            case ThriftType.Map:
                int pairs = ReadCount();
                byte types = pairs == 0 ? (byte)0 : ReadByte();
                SkipElements(pairs, (ThriftType)(types >> 4), (ThriftType)(types & 0x0f));
                break;
            case ThriftType.Struct:
                int outer = BeginStruct();
                while (NextField(out ThriftField field))
                {
                    Skip(field);
                }
                EndStruct(outer);
                break;
            default:
                throw Malformed($"type {(int)type} is not one of Thrift's");
        }
    }

    private void SkipElements(int count, ThriftType first, ThriftType second)
    {
        Descend();
        for (int i = 0; i < count && !Exhausted; i++)
        {
            SkipValue(first);
            if (second != ThriftType.Stop)
            {
                SkipValue(second);
            }
        }
        _depth--;
    }

    private int ReadListHeader(out ThriftType element)
    {
        byte header = ReadByte();
        element = (ThriftType)(header & 0x0f);
        int count = header >> 4;
        return Affordable(count == 15 ? ReadCount() : count);
    }

    private int ReadCount() => Affordable((long)ReadVarint(32));

    // Every element takes at least one byte, so a count past the end of the data is never worth allocating for.
    private int Affordable(long count)
    {
        if (count <= Remaining)
        {
            return (int)count;
        }
        Exhaust();
        return 0;
    }

    private ReadOnlySpan<byte> ReadBinary()
    {
        ulong length = ReadVarint(32);
        if (length > (ulong)Remaining)
        {
            Exhaust();
            return default;
        }
        ReadOnlySpan<byte> bytes = _data.Slice(Position, (int)length);
        Position += (int)length;
        return bytes;
    }

    private int ReadInt(int bits)
    {
        long value = ReadZigzag(bits);
        return (int)value;
    }

    private long ReadZigzag(int bits)
    {
        ulong value = ReadVarint(bits);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong ReadVarint(int bits)
    {
        ulong value = 0;
        for (int shift = 0; shift < bits; shift += 7)
        {
            byte b = ReadByte();
            int room = bits - shift;
            if (room < 7 && (b & 0x7f) >> room != 0)
            {
                break;
            }
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
        throw Malformed($"a variable-length integer does not fit {bits} bits");
    }

    private byte ReadByte()
    {
        if (Position < _data.Length)
        {
            return _data[Position++];
        }
        Exhaust();
        return 0;
    }

    private void Advance(int count)
    {
        if (count <= Remaining)
        {
            Position += count;
        }
        else
        {
            Exhaust();
        }
    }

    private void Exhaust()
    {
        Exhausted = true;
        Position = _data.Length;
    }

    private void Descend()
    {
        if (++_depth > maxDepth)
        {
            throw Malformed($"structures are nested more than {maxDepth} deep, the reader's limit");
        }
    }

    private void Count(int elements)
    {
        _elements += elements;
        if (_elements > maxElements)
        {
            throw Malformed($"the metadata has more than {maxElements} elements, the reader's limit");
        }
    }

    private readonly ParquetException Unexpected(ThriftField field, string wanted) =>
        Malformed($"field {field.Id} has the Thrift type {field.Type} where {wanted} belongs");
}
