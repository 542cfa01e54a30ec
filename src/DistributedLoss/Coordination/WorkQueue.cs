namespace DistributedLoss.Coordination;

/// <summary>Shards that wait for a worker, handed out in plan order; returned ones come first again by their index.</summary>
internal sealed class WorkQueue(IEnumerable<int> shards)
{
    private readonly SortedSet<int> _open = [.. shards];

    public bool IsEmpty => _open.Count == 0;

    public int? Take(Func<int, bool> suits)
    {
        foreach (int shard in _open)
        {
            if (suits(shard))
            {
                _open.Remove(shard);
                return shard;
            }
        }

        return null;
    }

    public void Return(int shard) => _open.Add(shard);

    public void Remove(int shard) => _open.Remove(shard);

    /// <summary>Drops the shard and all behind it.</summary>
    public void RemoveFrom(int shard) => _open.RemoveWhere(s => s >= shard);
}
