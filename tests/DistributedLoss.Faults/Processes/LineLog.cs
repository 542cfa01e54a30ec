namespace DistributedLoss.Faults.Processes;

/// <summary>Lines as they come, and the wait for one that fits. For any number of threads.</summary>
internal sealed class LineLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(Predicate<string> Fits, TaskCompletionSource<string> Found)> _waiting = [];
    private bool _isClosed;

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public string[] Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public void Add(string line)
    {
        lock (_gate)
        {
            _lines.Add(line);
            foreach (var (_, found) in _waiting.Where(w => w.Fits(line)))
            {
                found.TrySetResult(line);
            }

            _waiting.RemoveAll(w => w.Found.Task.IsCompleted);
        }
    }

    /// <summary>There will be no more: whoever still waits is told so.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.ForEach(w => w.Found.TrySetException(Ended()));
            _waiting.Clear();
        }
    }

    /// <summary>The first line that fits, from the log's beginning on.</summary>
    /// <exception cref="EndOfStreamException">The log ended without one.</exception>
    public Task<string> FirstAsync(Predicate<string> fits)
    {
        lock (_gate)
        {
            return _lines.Find(fits) is { } line ? Task.FromResult(line) : NextAsync(fits);
        }
    }

    /// <summary>The first line that fits, of those that are still to come.</summary>
    /// <exception cref="EndOfStreamException">The log ended without one.</exception>
    public Task<string> NextAsync(Predicate<string> fits)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return Task.FromException<string>(Ended());
            }

            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((fits, found));
            return found.Task;
        }
    }

    private static EndOfStreamException Ended() => new("the process ended before it wrote such a line");
}
