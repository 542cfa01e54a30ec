namespace DistributedLoss.Http.Server;

/// <summary>Those who watch a run. For any number of threads.</summary>
internal sealed class Viewers
{
    /// <summary>Each costs a connection and a state a few times a second; probes and scrapers need connections too.</summary>
    public const int Most = 32;

    private readonly Lock _gate = new();
    private TaskCompletionSource? _lastLeaves;
    private int _count;

    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_count == Most)
            {
                return false;
            }

            _count++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _lastLeaves?.TrySetResult();
                _lastLeaves = null;
            }
        }
    }

    /// <summary>Done when nobody watches: at once, or when the last viewer has left.</summary>
    public Task WhenNone()
    {
        lock (_gate)
        {
            return _count == 0 ? Task.CompletedTask : (_lastLeaves ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
