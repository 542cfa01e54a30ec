namespace DistributedLoss.Local;

/// <summary>
/// An actor: its state is touched by one message at a time, in the order in which they were told, on a thread of its own. An exception that
/// <see cref="Receive"/> lets out ends the actor; whoever supervises it sees that on <see cref="Completion"/>, or from <see cref="Run"/>.
/// </summary>
/// <remarks>
/// Threads that wait, rather than asynchronous methods: there are few actors, they live as long as the run, and each asynchronous method costs a
/// short run a millisecond or two of compiling (docs/performance.md, Start-up).
/// </remarks>
internal abstract class Actor<TMessage>
    where TMessage : class
{
    // Also the lock of what follows.
    private readonly Queue<TMessage> _mailbox = [];
    private bool _isClosed;

    /// <summary>Ends when the actor does; faulted when it died of an exception. Of an actor that was started.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>A message to an actor that has ended is dropped.</summary>
    public void Tell(TMessage message)
    {
        lock (_mailbox)
        {
            if (!_isClosed)
            {
                _mailbox.Enqueue(message);
                Monitor.Pulse(_mailbox);
            }
        }
    }

    /// <summary>Runs on a thread of its own.</summary>
    public void Start() =>
        Completion = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Takes messages, on the caller's thread, until the actor ends.</summary>
    public void Run()
    {
        try
        {
            while (Take() is { } message)
            {
                Receive(message);
            }
        }
        finally
        {
            Stop();
            OnEnded();
        }
    }

    protected abstract void Receive(TMessage message);

    /// <summary>The last thing that happens in the actor, also when it dies.</summary>
    protected virtual void OnEnded()
    {
    }

    /// <summary>No message is taken after those already in the mailbox.</summary>
    protected void Stop()
    {
        lock (_mailbox)
        {
            _isClosed = true;
            Monitor.Pulse(_mailbox);
        }
    }

    /// <summary>Null when there will be no more.</summary>
    private TMessage? Take()
    {
        lock (_mailbox)
        {
            while (_mailbox.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_mailbox);
            }

            return _mailbox.TryDequeue(out var message) ? message : null;
        }
    }
}
