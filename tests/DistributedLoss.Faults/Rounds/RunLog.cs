using DistributedLoss.Faults.Processes;

namespace DistributedLoss.Faults.Rounds;

/// <summary>What the coordinators of one run said, one after the other.</summary>
internal sealed class RunLog
{
    private readonly Lock _gate = new();
    private readonly List<(double Share, TaskCompletionSource Reached)> _waiting = [];
    private readonly HashSet<int> _taken = [];
    private int _settled;

    public int Shards { get; private set; }

    /// <summary>Times that a shard was taken after the first.</summary>
    public int TakenAgain { get; private set; }

    public int Retried { get; private set; }

    public int Duplicates { get; private set; }

    public int Speculated { get; private set; }

    /// <summary>Shards that counted already when a coordinator went on.</summary>
    public List<int> Resumed { get; } = [];

    public int Settled => Volatile.Read(ref _settled);

    public void Add(string line)
    {
        if (LogEvent.Parse(line) is not { } said)
        {
            return;
        }

        lock (_gate)
        {
            switch (said.Name)
            {
                case "RunStarted":
                    Shards = said.Integer("shards");
                    break;
                case "RunResumed":
                    _settled = said.Integer("shardsDone");
                    Resumed.Add(_settled);
                    break;
                case "ShardFinished":
                    _settled++;
                    break;
                case "ShardAssigned" when !_taken.Add(said.Integer("shard")):
                    TakenAgain++;
                    break;
                case "ShardRetried":
                    Retried++;
                    break;
                case "ShardDuplicated":
                    Duplicates++;
                    break;
                case "ShardSpeculated":
                    Speculated++;
                    break;
            }

            foreach (var (share, reached) in _waiting.Where(w => Shards > 0 && _settled >= w.Share * Shards))
            {
                reached.TrySetResult();
            }
        }
    }

    /// <summary>Completes when that share of the shards counts.</summary>
    public Task ReachAsync(double share)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((share, reached));
        }

        return reached.Task;
    }
}
