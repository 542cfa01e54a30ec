using DistributedLoss.Evaluation;

namespace DistributedLoss.Coordination;

public enum Settlement
{
    Counted,

    /// <summary>The shard had been counted, with the same bits; the result is dropped.</summary>
    Duplicate,
}

/// <summary>Each shard counts exactly once, whatever is executed twice. Open to be derived from, so that the simulation can show that it catches a broken one.</summary>
public class RunLedger(int shards, Func<Totals> newTotals)
{
    // Null while a shard is open; its result's digest once it counts.
    private readonly string?[] _digests = new string?[shards];

    public Totals Totals { get; } = newTotals();

    public int Settled { get; private set; }

    public int Shards => _digests.Length;

    public bool IsComplete => Settled == _digests.Length;

    public bool IsSettled(int shard) => _digests[shard] is not null;

    /// <exception cref="LedgerConflictException">Two executions of one shard differ: a fault of memory, disk or program, never to be averaged away.</exception>
    public virtual Settlement Settle(ShardResult result)
    {
        if (_digests[result.Shard] is { } known)
        {
            return known == result.Digest ? Settlement.Duplicate : throw new LedgerConflictException(result.Shard, known, result.Digest);
        }

        _digests[result.Shard] = result.Digest;
        Totals.Add(result.Totals);
        Settled++;
        return Settlement.Counted;
    }
}

public sealed class LedgerConflictException(int shard, string first, string second)
    : Exception($"two executions of shard {shard} differ (digests {first} and {second}): "
        + "the input changed under the run, or memory, disk or CPU is faulty; check the files and run again");
