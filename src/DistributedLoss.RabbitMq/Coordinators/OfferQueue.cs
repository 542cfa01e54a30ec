namespace DistributedLoss.RabbitMq.Coordinators;

/// <summary>What the coordinator offers, given to the broker no faster than it is settled.</summary>
internal sealed class OfferQueue(int window)
{
    private readonly Queue<(int Shard, int Attempt)> _waiting = [];

    // Of shards that are out already: they take no further place, and would wait for their own end behind the others.
    private readonly Queue<(int Shard, int Attempt)> _again = [];

    // With the broker, or beyond it.
    private readonly HashSet<int> _out = [];

    public void Add(int shard, int attempt) => (_out.Contains(shard) ? _again : _waiting).Enqueue((shard, attempt));

    public void Settle(int shard) => _out.Remove(shard);

    public void Clear()
    {
        _waiting.Clear();
        _again.Clear();
        _out.Clear();
    }

    /// <summary>The next that may go out.</summary>
    public bool TryTake(out (int Shard, int Attempt) offer)
    {
        if (_again.TryDequeue(out offer))
        {
            return true;
        }

        if (_out.Count >= window || !_waiting.TryDequeue(out offer))
        {
            return false;
        }

        _out.Add(offer.Shard);
        return true;
    }
}
