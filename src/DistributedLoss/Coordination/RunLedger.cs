using System.Collections;
using System.Security.Cryptography;
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
    private readonly BitArray _settled = new(shards);

    // Side by side, of the shards that are settled: as text they would take five times the room.
    private readonly byte[] _digests = new byte[(long)shards * SHA256.HashSizeInBytes];

    public Totals Totals { get; } = newTotals();

    public int Settled { get; private set; }

    public int Shards => _settled.Length;

    public bool IsComplete => Settled == Shards;

    public bool IsSettled(int shard) => _settled[shard];

    /// <exception cref="LedgerConflictException">Two executions of one shard differ: a fault of memory, disk or program, never to be averaged away.</exception>
    public virtual Settlement Settle(ShardResult result)
    {
        var known = _digests.AsSpan(result.Shard * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (!Hex.TryRead(result.Digest, digest))
        {
            throw new ArgumentException($"shard {result.Shard} has no SHA-256 digest, but {result.Digest}", nameof(result));
        }

        if (_settled[result.Shard])
        {
            return known.SequenceEqual(digest)
                ? Settlement.Duplicate
                : throw new LedgerConflictException(result.Shard, Hex.Of(known), result.Digest);
        }

        Totals.Add(result.Totals);
        digest.CopyTo(known);
        _settled[result.Shard] = true;
        Settled++;
        return Settlement.Counted;
    }
}

public sealed class LedgerConflictException(int shard, string first, string second)
    : Exception($"two executions of shard {shard} differ (digests {first} and {second}): "
        + "the input changed under the run, or memory, disk or CPU is faulty; check the files and run again");
