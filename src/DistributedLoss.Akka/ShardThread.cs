using System.Threading.Channels;
using DistributedLoss.Evaluation;
using DistributedLoss.Runs;

namespace DistributedLoss.Akka;

/// <summary>Evaluates one shard after another on a thread of its own, so that the actor that has it answers all the while.</summary>
internal sealed class ShardThread
{
    private readonly RunPlan _plan;
    private readonly Action<ShardJob> _onTile;
    private readonly Action<ShardEnded> _onEnded;
    private readonly Channel<ShardJob> _jobs = Channel.CreateUnbounded<ShardJob>(new UnboundedChannelOptions { SingleReader = true });
    private ShardJob? _job;

    /// <param name="onTile">Called by the thread between tiles; what it throws is a fault.</param>
    /// <param name="onEnded">Called by the thread, once for each job. After a fault it takes no more.</param>
    public ShardThread(RunPlan plan, string name, Action<ShardJob> onTile, Action<ShardEnded> onEnded)
    {
        (_plan, _onTile, _onEnded) = (plan, onTile, onEnded);
        new Thread(Run) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>Begins an execution; the one before has ended.</summary>
    public ShardJob Begin(Shard shard, int attempt)
    {
        _job = new ShardJob(shard, attempt, _onTile);
        _jobs.Writer.TryWrite(_job);
        return _job;
    }

    /// <summary>Stops what is under way at the next tile, and the thread after it.</summary>
    public void End()
    {
        _job?.Stop();
        _jobs.Writer.TryComplete();
    }

    private void Run()
    {
        ShardRunner? runner = null;
        try
        {
            while (Next() is { } job)
            {
                ShardEnded ended;
                try
                {
                    runner ??= new ShardRunner(_plan);
                    ended = new ShardEnded(job, runner.Run(job.Shard, _plan.NewTotals(), job), null);
                }
                catch (Exception e)
                {
                    // A fault of the program, or no memory.
                    ended = new ShardEnded(job, null, e);
                }

                _onEnded(ended);
                if (ended.Fault is not null)
                {
                    return;
                }
            }
        }
        finally
        {
            runner?.Dispose();
        }
    }

    // The thread is its own, so that it may block.
    private ShardJob? Next() =>
        _jobs.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult() && _jobs.Reader.TryRead(out var job) ? job : null;
}

/// <summary>One execution of a shard.</summary>
internal sealed class ShardJob(Shard shard, int attempt, Action<ShardJob> onTile) : IShardObserver
{
    private long _rows;
    private volatile bool _isStopped;

    public Shard Shard => shard;

    public int Attempt => attempt;

    /// <summary>Read so far.</summary>
    public long Rows => Volatile.Read(ref _rows);

    public bool IsStopped => _isStopped;

    /// <summary>Ends it at the next tile.</summary>
    public void Stop() => _isStopped = true;

    public bool MayContinue(long rowsDone)
    {
        Volatile.Write(ref _rows, rowsDone);
        onTile(this);
        return !_isStopped;
    }
}

/// <param name="Outcome">Null when the program failed.</param>
/// <param name="Fault">What it failed of.</param>
internal sealed record ShardEnded(ShardJob Job, ShardOutcome? Outcome, Exception? Fault);
