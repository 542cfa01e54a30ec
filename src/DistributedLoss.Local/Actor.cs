using System.Threading.Channels;

namespace DistributedLoss.Local;

/// <summary>
/// An actor: its state is touched by one message at a time, in the order in which they were told. An exception that <see cref="Receive"/> lets out
/// ends the actor; whoever supervises it sees that on <see cref="Completion"/>.
/// </summary>
internal abstract class Actor<TMessage>
{
    private readonly Channel<TMessage> _mailbox = Channel.CreateUnbounded<TMessage>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Ends when the actor does; faulted when it died of an exception.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>A message to an actor that has ended is dropped.</summary>
    public void Tell(TMessage message) => _mailbox.Writer.TryWrite(message);

    /// <param name="ownThread">True for actors that compute for long, so that they do not hold a thread of the pool.</param>
    public void Start(bool ownThread) =>
        Completion = ownThread
            ? Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default)
            : Task.Run(RunAsync);

    protected abstract void Receive(TMessage message);

    /// <summary>The last thing that happens in the actor, also when it dies.</summary>
    protected virtual void OnEnded()
    {
    }

    /// <summary>No message is taken after those already in the mailbox.</summary>
    protected void Stop() => _mailbox.Writer.TryComplete();

    private void Run()
    {
        // The thread is this actor's own, so that it may block on its mailbox.
        try
        {
            while (_mailbox.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                Drain();
            }
        }
        finally
        {
            _mailbox.Writer.TryComplete();
            OnEnded();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _mailbox.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                Drain();
            }
        }
        finally
        {
            _mailbox.Writer.TryComplete();
            OnEnded();
        }
    }

    private void Drain()
    {
        while (_mailbox.Reader.TryRead(out var message))
        {
            Receive(message);
        }
    }
}
