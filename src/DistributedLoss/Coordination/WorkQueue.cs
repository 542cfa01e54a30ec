using System.Numerics;

namespace DistributedLoss.Coordination;

/// <summary>Shards that wait for a worker, handed out in plan order; returned ones come first again by their index. A bit a shard.</summary>
internal sealed class WorkQueue
{
    private readonly ulong[] _open;

    // Nothing is open in the words ahead of it.
    private int _first;

    public WorkQueue(int shards, IEnumerable<int> open)
    {
        _open = new ulong[(shards + 63) / 64];
        foreach (int shard in open)
        {
            Return(shard);
        }
    }

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    public int? Take(Func<int, bool> suits)
    {
        if (Find(suits) is not { } shard)
        {
            return null;
        }

        Remove(shard);
        return shard;
    }

    /// <summary>The first that suits, which stays.</summary>
    public int? Find(Func<int, bool> suits)
    {
        while (_first < _open.Length && _open[_first] == 0)
        {
            _first++;
        }

        for (int word = _first; word < _open.Length; word++)
        {
            for (ulong bits = _open[word]; bits != 0; bits &= bits - 1)
            {
                int shard = (word * 64) + BitOperations.TrailingZeroCount(bits);
                if (suits(shard))
                {
                    return shard;
                }
            }
        }

        return null;
    }

    public void Return(int shard)
    {
        ref ulong word = ref _open[shard / 64];
        ulong bit = 1UL << (shard % 64);
        Count += (word & bit) == 0 ? 1 : 0;
        word |= bit;
        _first = Math.Min(_first, shard / 64);
    }

    public void Remove(int shard)
    {
        ref ulong word = ref _open[shard / 64];
        ulong bit = 1UL << (shard % 64);
        Count -= (word & bit) == 0 ? 0 : 1;
        word &= ~bit;
    }

    /// <summary>Drops the shard and all behind it.</summary>
    public void RemoveFrom(int shard)
    {
        _open[shard / 64] &= (1UL << (shard % 64)) - 1;
        _open.AsSpan((shard / 64) + 1).Clear();
        Count = _open.Sum(BitOperations.PopCount);
    }
}
