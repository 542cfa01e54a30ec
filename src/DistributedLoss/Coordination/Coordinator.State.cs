namespace DistributedLoss.Coordination;

/// <content>What is known of a shard that is open and has been given out, and of a worker.</content>
public sealed partial class Coordinator
{
    /// <summary>
    /// An attempt of an earlier coordinator may have had the same number, and its end may have been heard here: that says nothing of this one.
    /// </summary>
    private int NextAttempt(int shard)
    {
        int attempt = ++_attempts[shard];
        _states[shard]?.Answered?.RemoveWhere(a => a.Attempt == attempt);
        return attempt;
    }

    private ShardState StateOf(int shard) => _states[shard] ??= new ShardState(shard);

    /// <summary>The shard is settled: nothing that is said of it changes anything.</summary>
    private void Forget(int shard)
    {
        if (_states[shard]?.UnderWay is { List: not null } node)
        {
            _underWay.Remove(node);
        }

        _states[shard] = null;
    }

    private sealed class ShardState
    {
        public ShardState(int shard)
        {
            Shard = shard;
            UnderWay = new LinkedListNode<ShardState>(this);
        }

        public int Shard { get; }

        public int Failures { get; set; }

        public int Losses { get; set; }

        public List<string> Runners { get; } = [];

        /// <summary>When there were runners for the first time, or again.</summary>
        public TimeSpan Since { get; set; }

        /// <summary>In a list while there are runners.</summary>
        public LinkedListNode<ShardState> UnderWay { get; }

        public HashSet<string>? FailedOn { get; set; }

        public TimeSpan FailedAt { get; set; }

        /// <summary>Brokered, and towards the end of the run: when it was offered last.</summary>
        public TimeSpan? OfferedAt { get; set; }

        /// <summary>Failures and returns that have been accounted for.</summary>
        public HashSet<(string Worker, int Attempt)>? Answered { get; set; }
    }

    private sealed class WorkerState
    {
        /// <summary>The number of its last request; those that come later with a number not above it are old.</summary>
        public long Request { get; set; }

        /// <summary>While it waits for a shard.</summary>
        public LinkedListNode<string>? Waiting { get; set; }

        public int? Shard { get; set; }

        /// <summary>When it became one that has no shard.</summary>
        public TimeSpan IdleSince { get; set; }

        public int Attempt { get; set; }

        public long Rows { get; set; }

        /// <summary>Shards of it that count, and their rows.</summary>
        public int ShardsDone { get; set; }

        public long RowsDone { get; set; }
    }
}
