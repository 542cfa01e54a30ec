using System.Runtime.CompilerServices;

namespace DistributedLoss.Numerics.Statistics;

/// <summary>
/// Counts of pairs of different classes in an open-addressing table with linear probing, at most three quarters full. The seed of its hashes is drawn for each table:
/// no file can be made so that its pairs collide, and no result depends on the table's order.
/// </summary>
internal sealed class PairTable(int limit)
{
    /// <summary>So many that the table fits an array.</summary>
    public const int MostPairs = 1 << 29;

    private const int FirstCapacity = 1 << 10;

    private readonly ulong _seed = (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);

    // The pair (0, 0) is no pair of different classes: its key marks an empty place.
    private (ulong Key, long Count)[] _table = [];

    /// <summary>Distinct pairs.</summary>
    public int Count { get; private set; }

    public long AllocatedBytes => 64 + (16L * _table.Length);

    public long this[ulong key] => _table.Length == 0 ? 0 : _table[Find(_table, key)].Count;

    public static ulong Key(int label, int predicted) => ((ulong)(uint)label << 32) | (uint)predicted;

    /// <exception cref="LimitExceededException">The pair is new, and the limit was reached.</exception>
    /// <exception cref="OverflowException">The pair's count would pass 2^63 - 1.</exception>
    public void Add(ulong key, long count)
    {
        if (Count >= _table.Length / 4 * 3)
            Grow();
        ref var entry = ref _table[Find(_table, key)];
        if (entry.Key == 0)
        {
            if (Count == limit)
                throw new LimitExceededException("distinct pairs of a label and a wrong prediction", limit);
            entry.Key = key;
            Count++;
        }

        entry.Count = checked(entry.Count + count);
    }

    public void Add(PairTable other)
    {
        // A table that is added to itself may move, but the entries read are those of before.
        foreach (var (key, count) in other._table)
        {
            if (key != 0)
                Add(key, count);
        }
    }

    public void Clear()
    {
        Array.Clear(_table);
        Count = 0;
    }

    public IEnumerable<ConfusedPair> Entries() =>
        _table.Where(entry => entry.Key != 0).Select(entry => new ConfusedPair((int)(entry.Key >> 32), (int)entry.Key, entry.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Find((ulong Key, long Count)[] table, ulong key)
    {
        // The finaliser of MurmurHash3.
        var hash = key ^ _seed;
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        var mask = table.Length - 1;
        var place = (int)(hash >> 33) & mask;
        while (table[place].Key != key && table[place].Key != 0)
            place = (place + 1) & mask;
        return place;
    }

    private void Grow()
    {
        var wider = new (ulong Key, long Count)[Math.Max(FirstCapacity, 2 * _table.Length)];
        foreach (var entry in _table)
        {
            if (entry.Key != 0)
                wider[Find(wider, entry.Key)] = entry;
        }

        _table = wider;
    }
}
