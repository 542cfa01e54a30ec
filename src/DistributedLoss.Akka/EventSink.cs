using DistributedLoss.Coordination;

namespace DistributedLoss.Akka;

/// <summary>The way of many threads to a listener that is called by one at a time.</summary>
internal sealed class EventSink(Action<RunEvent> onEvent)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;

    /// <summary>Faulted by what the listener throws; it is told nothing after that.</summary>
    public Task Failed => _failed.Task;

    public void Tell(RunEvent e)
    {
        lock (_gate)
        {
            if (_isClosed || _failed.Task.IsCompleted)
            {
                return;
            }

            try
            {
                onEvent(e);
            }
            catch (Exception x)
            {
                _failed.TrySetException(x);
            }
        }
    }

    /// <summary>The listener is told nothing more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }
    }

    /// <summary>As <see cref="Tell"/>, and the caller ends with it.</summary>
    /// <exception cref="Exception">Whatever the listener throws, or threw.</exception>
    public void TellOrThrow(RunEvent e)
    {
        Tell(e);
        if (_failed.Task.IsFaulted)
        {
            _failed.Task.GetAwaiter().GetResult();
        }
    }
}
