namespace DistributedLoss.Simulation.World;

/// <summary>Time that passes only from one thing that happens to the next.</summary>
internal sealed class VirtualClock
{
    // What is due at one time happens in the order in which it was asked for.
    private readonly PriorityQueue<Action, (TimeSpan Due, int Order)> _due = new();
    private int _order;

    public TimeSpan Now { get; private set; }

    public void After(TimeSpan delay, Action action) => _due.Enqueue(action, (Now + delay, _order++));

    /// <returns>False when nothing will ever happen again.</returns>
    public bool Step()
    {
        if (!_due.TryDequeue(out var action, out var at))
        {
            return false;
        }

        Now = at.Due;
        action();
        return true;
    }
}
