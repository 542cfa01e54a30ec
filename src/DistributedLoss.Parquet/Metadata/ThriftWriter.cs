using System.Buffers;
using System.Text;

namespace DistributedLoss.Parquet.Metadata;

/// <summary>Writes the Thrift compact protocol. Fields of a structure go in the order of their ids.</summary>
internal sealed class ThriftWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Stack<int> _outerFields = new();
    private int _lastField;

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void BeginStruct()
    {
        _outerFields.Push(_lastField);
        _lastField = 0;
    }

    public void EndStruct()
    {
        WriteByte((byte)ThriftType.Stop);
        _lastField = _outerFields.Pop();
    }

    public void BeginStruct(int id)
    {
        Header(id, ThriftType.Struct);
        BeginStruct();
    }

    public void Bool(int id, bool value) => Header(id, value ? ThriftType.True : ThriftType.False);

    public void I8(int id, sbyte value)
    {
        Header(id, ThriftType.Byte);
        WriteByte((byte)value);
    }

    public void I16(int id, short value)
    {
        Header(id, ThriftType.I16);
        WriteZigzag(value);
    }

    public void I32(int id, int value)
    {
        Header(id, ThriftType.I32);
        WriteZigzag(value);
    }

    public void I64(int id, long value)
    {
        Header(id, ThriftType.I64);
        WriteZigzag(value);
    }

    public void String(int id, string value)
    {
        Header(id, ThriftType.Binary);
        StringElement(value);
    }

    public void BeginList(int id, ThriftType element, int count)
    {
        Header(id, ThriftType.List);
        if (count < 15)
        {
            WriteByte((byte)((count << 4) | (int)element));
        }
        else
        {
            WriteByte((byte)(0xf0 | (int)element));
            WriteVarint((ulong)count);
        }
    }

    public void I32Element(int value) => WriteZigzag(value);

    public void StringElement(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        WriteVarint((ulong)length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }

    private void Header(int id, ThriftType type)
    {
        int delta = id - _lastField;
        if (delta is > 0 and < 16)
        {
            WriteByte((byte)((delta << 4) | (int)type));
        }
        else
        {
            WriteByte((byte)type);
            WriteZigzag(id);
        }
        _lastField = id;
    }

    private void WriteZigzag(long value) => WriteVarint((ulong)((value << 1) ^ (value >> 63)));

    private void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }
        WriteByte((byte)value);
    }

    private void WriteByte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }
}
