using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DistributedLoss.Comparison;

/// <summary>
/// One side's rows on disk, in as many parts as the other side's: rows of one key are in parts of one number. Rows are written by several threads, in any order.
/// </summary>
internal sealed class KeySpill : IDisposable
{
    private const int BufferBytes = 32 << 10;

    private static readonly int RowBytes = Marshal.SizeOf<SpilledRow>();

    private readonly FileStream[] _parts;
    private readonly int _slices;

    /// <param name="slices">Sets of slices that each row is in.</param>
    public KeySpill(string folder, string name, int parts, int slices)
    {
        _slices = slices;
        _parts = [.. Enumerable.Range(0, parts).Select(p => new FileStream(
            Path.Combine(folder, $"{name}{p}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose))];
    }

    public int Parts => _parts.Length;

    public Writer NewWriter() => new(this);

    /// <summary>Reads a part, when all is written.</summary>
    public Reader ReadPart(int part)
    {
        _parts[part].Position = 0;
        return new Reader(_parts[part], _slices);
    }

    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Dispose();
        }
    }

    // The layout on disk is that in memory: it is read by the process that wrote it.
    [StructLayout(LayoutKind.Sequential)]
    private struct SpilledRow
    {
        public ComparedRow Row;
        public int KeyBytes;
    }

    /// <summary>For one thread.</summary>
    internal sealed class Writer(KeySpill spill) : IDisposable
    {
        private readonly byte[][] _buffers = [.. Enumerable.Range(0, spill.Parts).Select(_ => new byte[BufferBytes])];
        private readonly int[] _used = new int[spill.Parts];

        /// <param name="key">Of the row; its index is a part of what pairs rows as well.</param>
        public void Add(in ComparedRow row, ReadOnlySpan<int> slices, ReadOnlySpan<byte> key)
        {
            int part = (int)(Hash(key) % (ulong)spill.Parts);
            int bytes = RowBytes + (slices.Length * sizeof(int)) + key.Length;
            if (bytes > BufferBytes - _used[part])
            {
                Flush(part);
                if (bytes > BufferBytes)
                {
                    // A key may be longer than a buffer.
                    byte[] large = new byte[bytes];
                    Write(large, row, slices, key);
                    Append(part, large);
                    return;
                }
            }

            Write(_buffers[part].AsSpan(_used[part], bytes), row, slices, key);
            _used[part] += bytes;
        }

        public void Dispose()
        {
            for (int part = 0; part < _used.Length; part++)
            {
                Flush(part);
            }
        }

        private static void Write(Span<byte> bytes, in ComparedRow row, ReadOnlySpan<int> slices, ReadOnlySpan<byte> key)
        {
            MemoryMarshal.Write(bytes, new SpilledRow { Row = row, KeyBytes = key.Length });
            MemoryMarshal.AsBytes(slices).CopyTo(bytes[RowBytes..]);
            key.CopyTo(bytes[^key.Length..]);
        }

        private void Flush(int part)
        {
            Append(part, _buffers[part].AsSpan(0, _used[part]));
            _used[part] = 0;
        }

        private void Append(int part, ReadOnlySpan<byte> bytes)
        {
            lock (spill._parts[part])
            {
                spill._parts[part].Write(bytes);
            }
        }

        // FNV-1a, and a last stir so that all bits tell: the same part in every run.
        private static ulong Hash(ReadOnlySpan<byte> key)
        {
            ulong hash = 0xcbf29ce484222325;
            foreach (byte b in key)
            {
                hash = (hash ^ b) * 0x100000001b3;
            }

            hash ^= hash >> 32;
            return hash * 0x9e3779b97f4a7c15 >> 16;
        }
    }

    /// <summary>Row after row.</summary>
    internal sealed class Reader(FileStream part, int slices)
    {
        private readonly byte[] _buffer = new byte[1 << 16];
        private int _first;
        private int _end;
        private readonly byte[] _row = new byte[RowBytes];
        private readonly int[] _slices = new int[slices];
        private byte[] _key = [];
        private int _keyBytes;

        public ComparedRow Row { get; private set; }

        public ReadOnlySpan<int> Slices => _slices;

        /// <summary>The key, and behind it four bytes of the row's index: what pairs rows.</summary>
        public ReadOnlySpan<byte> Identity => _key.AsSpan(0, _keyBytes + sizeof(int));

        public ReadOnlySpan<byte> Key => _key.AsSpan(0, _keyBytes);

        /// <returns>False at the part's end.</returns>
        public bool Next()
        {
            if (_first == _end && !Fill())
            {
                return false;
            }

            Read(_row);
            var spilled = MemoryMarshal.Read<SpilledRow>(_row);
            Row = spilled.Row;
            Read(MemoryMarshal.AsBytes(_slices.AsSpan()));
            _keyBytes = spilled.KeyBytes;
            if (_key.Length < _keyBytes + sizeof(int))
            {
                _key = new byte[_keyBytes + sizeof(int)];
            }

            Read(_key.AsSpan(0, _keyBytes));
            BinaryPrimitives.WriteInt32LittleEndian(_key.AsSpan(_keyBytes), Row.Index);
            return true;
        }

        private void Read(Span<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                if (_first == _end && !Fill())
                {
                    throw new EndOfStreamException($"{part.Name} ends within a row");
                }

                int n = Math.Min(bytes.Length, _end - _first);
                _buffer.AsSpan(_first, n).CopyTo(bytes);
                _first += n;
                bytes = bytes[n..];
            }
        }

        private bool Fill()
        {
            (_first, _end) = (0, part.Read(_buffer));
            return _end > 0;
        }
    }
}
