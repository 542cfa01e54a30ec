using System.Text;

namespace DistributedLoss.Parquet.Columns;

/// <summary>More distinct keys, or more bytes of their texts, than a <see cref="KeyTable"/> may hold.</summary>
public sealed class KeyLimitException(string message, int maxKeys) : Exception(message)
{
    public int MaxKeys { get; } = maxKeys;
}

/// <summary>Distinct texts, numbered as they come: what slices and groups are counted by, across columns, row groups and files. Not for several threads at once.</summary>
/// <param name="maxKeys">One more is a <see cref="KeyLimitException"/>.</param>
/// <param name="maxTextBytes">Bytes of all texts together, as UTF-8.</param>
public sealed class KeyTable(int maxKeys, long maxTextBytes = 64 << 20)
{
    /// <summary>Stands for null in the place of a key.</summary>
    public const int Null = -1;

    /// <summary>Longest text of one key, in bytes as UTF-8.</summary>
    public const int MaxKeyBytes = 64 << 10;

    // What a message shows of a key.
    private const int ShownCharacters = 60;
    private const int FirstChunkBytes = 4 << 10;
    private const int MostChunkBytes = 1 << 20;

    // Texts lie one after the other in chunks: millions of groups are millions of bytes, and not as many objects.
    private readonly List<byte[]> _chunks = [];
    private int _chunkUsed;
    private Place[] _places = new Place[16];

    // Open addressing, at most half full. A key stands as one more than it is: 0 is a free slot.
    private (int Hash, int KeyPlusOne)[] _slots = new (int, int)[64];
    private long _textBytes;

    private readonly record struct Place(int Chunk, int Start, int Length);

    /// <summary>Keys so far: they are 0 to Count - 1.</summary>
    public int Count { get; private set; }

    /// <summary>The text of a key.</summary>
    public string this[int key] => Encoding.UTF8.GetString(Utf8(key));

    /// <summary>The text of a key as UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8(int key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)key, (uint)Count, nameof(key));
        return TextAt(key);
    }

    /// <summary>The key of a text; a new one if it has none yet.</summary>
    /// <exception cref="KeyLimitException">It would be one too many.</exception>
    public int Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    /// <summary>Looks a text up, as UTF-8.</summary>
    public bool TryFind(ReadOnlySpan<byte> utf8, out int key) => TryFind(utf8, Hash(utf8), out key);

    /// <summary>The key of a text as UTF-8; a new one if it has none yet.</summary>
    /// <exception cref="KeyLimitException">It would be one too many.</exception>
    public int Add(ReadOnlySpan<byte> utf8)
    {
        var hash = Hash(utf8);
        if (TryFind(utf8, hash, out var key))
            return key;
        if (Count >= maxKeys)
            throw new KeyLimitException($"more than {maxKeys} distinct values; the first too many is {Shown(utf8)}", maxKeys);
        if (utf8.Length > maxTextBytes - _textBytes)
            throw new KeyLimitException($"{Count} distinct values have {_textBytes} bytes of text together, and {utf8.Length} more are over the limit of {maxTextBytes}", maxKeys);
        _textBytes += utf8.Length;
        if (2L * (Count + 1) > _slots.Length)
            GrowSlots();
        Append(utf8);
        Insert(_slots, hash, Count + 1);
        return Count++;
    }

    // Seeded by the process: a file cannot aim at collisions.
    private static int Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        return hash.ToHashCode();
    }

    private static void Insert((int Hash, int KeyPlusOne)[] slots, int hash, int keyPlusOne)
    {
        var slot = hash & (slots.Length - 1);
        while (slots[slot].KeyPlusOne != 0)
            slot = (slot + 1) & (slots.Length - 1);
        slots[slot] = (hash, keyPlusOne);
    }

    private bool TryFind(ReadOnlySpan<byte> utf8, int hash, out int key)
    {
        for (var slot = hash & (_slots.Length - 1); _slots[slot] is (var other, > 0 and var keyPlusOne); slot = (slot + 1) & (_slots.Length - 1))
        {
            key = keyPlusOne - 1;
            if (other == hash && TextAt(key).SequenceEqual(utf8))
                return true;
        }
        key = Null;
        return false;
    }

    private ReadOnlySpan<byte> TextAt(int key)
    {
        var (chunk, start, length) = _places[key];
        return _chunks[chunk].AsSpan(start, length);
    }

    private void Append(ReadOnlySpan<byte> utf8)
    {
        if (_chunks.Count == 0 || utf8.Length > _chunks[^1].Length - _chunkUsed)
        {
            var usual = _chunks.Count == 0 ? FirstChunkBytes : Math.Min(MostChunkBytes, 2 * _chunks[^1].Length);
            _chunks.Add(new byte[Math.Max(usual, utf8.Length)]);
            _chunkUsed = 0;
        }
        utf8.CopyTo(_chunks[^1].AsSpan(_chunkUsed));
        if (Count == _places.Length)
            Array.Resize(ref _places, 2 * Count);
        _places[Count] = new Place(_chunks.Count - 1, _chunkUsed, utf8.Length);
        _chunkUsed += utf8.Length;
    }

    private void GrowSlots()
    {
        var larger = new (int Hash, int KeyPlusOne)[2 * _slots.Length];
        foreach (var (hash, keyPlusOne) in _slots)
        {
            if (keyPlusOne != 0)
                Insert(larger, hash, keyPlusOne);
        }
        _slots = larger;
    }

    private static string Shown(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * ShownCharacters)]);
        return text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "...";
    }
}
