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
    private readonly List<byte[]> _texts = [];
    private readonly Dictionary<byte[], int> _keys = new(Utf8Comparer.Instance);
    private long _textBytes;

    /// <summary>Keys so far: they are 0 to Count - 1.</summary>
    public int Count => _texts.Count;

    /// <summary>The text of a key.</summary>
    public string this[int key] => Encoding.UTF8.GetString(_texts[key]);

    /// <summary>The text of a key as UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8(int key) => _texts[key];

    /// <summary>The key of a text; a new one if it has none yet.</summary>
    /// <exception cref="KeyLimitException">It would be one too many.</exception>
    public int Add(string text) => Add(Encoding.UTF8.GetBytes(text));

    internal bool TryFind(ReadOnlySpan<byte> utf8, out int key) => _keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(utf8, out key);

    internal int Add(ReadOnlySpan<byte> utf8)
    {
        if (TryFind(utf8, out var key))
            return key;
        if (Count >= maxKeys)
            throw new KeyLimitException($"more than {maxKeys} distinct values; the first too many is {Shown(utf8)}", maxKeys);
        if (utf8.Length > maxTextBytes - _textBytes)
            throw new KeyLimitException($"{Count} distinct values have {_textBytes} bytes of text together, and {utf8.Length} more are over the limit of {maxTextBytes}", maxKeys);
        _textBytes += utf8.Length;
        var text = utf8.ToArray();
        _texts.Add(text);
        _keys.Add(text, Count - 1);
        return Count - 1;
    }

    private static string Shown(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * ShownCharacters)]);
        return text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "...";
    }

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        // Seeded by the process: a file cannot aim at collisions.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
