namespace DistributedLoss.Coordination.Journal;

/// <summary>
/// Makes results safe beside the coordinator, who does not wait for the disk: whatever arrives during one flush is flushed together by the next. What may
/// be known of a result only when it counts (its log line, the run's progress and end, the receipt for a broker) is done by <see cref="Then"/>.
/// </summary>
/// <remarks>
/// The coordinator's ledger is ahead of the disk by the results that wait here; nobody is told of those. A process that dies with them has
/// lost their work, and nothing else: the shards are evaluated again.
/// </remarks>
public sealed class JournalWriter : IAsyncDisposable
{
    /// <summary>
    /// Results that may wait, or fewer where they are large: beyond, <see cref="Append"/> waits for the disk, so that memory does not grow with what the disk is behind.
    /// </summary>
    public const int MaxWaiting = 16;

    // Of all totals that wait, about 20 MB where every class occurs.
    private const int MaxClasses = 1 << 18;

    private readonly Action<IReadOnlyList<ShardResult>>? _append;
    private readonly Action<Exception> _onFailed;
    private readonly int _maxWaiting;
    private readonly Task _writing;
    private readonly object _gate = new();
    private List<Entry> _waiting = [];
    private int _results;
    private bool _isClosed;
    private bool _hasFailed;

    /// <param name="directory">That has begun; null where the process is the journal: then <see cref="Then"/> does everything at once.</param>
    /// <param name="onFailed">
    /// Told, by the writer's thread, what the disk said or an action threw. Nothing that waits, or comes after it, is kept or done: the run is over.
    /// </param>
    public JournalWriter(RunDirectory? directory, Action<Exception> onFailed)
        : this(directory is null ? null : directory.Append, onFailed, directory?.Classes ?? 0)
    {
    }

    /// <param name="append">Makes results safe, and returns when they are.</param>
    /// <param name="classes">Of each result.</param>
    internal JournalWriter(Action<IReadOnlyList<ShardResult>>? append, Action<Exception> onFailed, int classes = 0)
    {
        (_append, _onFailed) = (append, onFailed);
        _maxWaiting = Math.Clamp(MaxClasses / Math.Max(classes, 1), 2, MaxWaiting);
        _writing = append is null
            ? Task.CompletedTask
            : Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
    }

    /// <param name="result">Its totals must stay as they are until it is safe.</param>
    public void Append(ShardResult result)
    {
        if (_append is null)
        {
            return;
        }

        lock (_gate)
        {
            while (_results == _maxWaiting)
            {
                Monitor.Wait(_gate);
            }

            _results++;
            _waiting.Add(new Entry(result, null));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Does something as soon as all results appended so far are safe; one thing after another, in this order.</summary>
    public void Then(Action action)
    {
        if (_append is null)
        {
            action();
            return;
        }

        lock (_gate)
        {
            _waiting.Add(new Entry(null, action));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends when all that was appended is safe, and done what waited for it; or when it has failed. The directory may then be disposed.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }

        return new ValueTask(_writing);
    }

    private void Write()
    {
        while (true)
        {
            List<Entry> batch;
            lock (_gate)
            {
                while (_waiting.Count == 0 && !_isClosed)
                {
                    Monitor.Wait(_gate);
                }

                if (_waiting.Count == 0)
                {
                    return;
                }

                (batch, _waiting) = (_waiting, []);
            }

            Write(batch);
        }
    }

    private void Write(List<Entry> batch)
    {
        var results = new List<ShardResult>();
        foreach (var entry in batch)
        {
            if (entry.Result is not null)
            {
                results.Add(entry.Result);
            }
        }

        if (!_hasFailed)
        {
            try
            {
                if (results.Count > 0)
                {
                    _append!(results);
                }

                foreach (var entry in batch)
                {
                    entry.Action?.Invoke();
                }
            }
            catch (Exception e)
            {
                _hasFailed = true;
                _onFailed(e);
            }
        }

        lock (_gate)
        {
            _results -= results.Count;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>One of the two.</summary>
    private sealed class Entry(ShardResult? result, Action? action)
    {
        public ShardResult? Result => result;

        public Action? Action => action;
    }
}
