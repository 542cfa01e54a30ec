using System.Diagnostics;

namespace DistributedLoss.Akka;

/// <summary>How long a process has had no shard.</summary>
internal sealed class IdleClock
{
    private readonly Lock _gate = new();
    private int _busy;
    private long _since = Stopwatch.GetTimestamp();

    /// <summary>Zero while a slot has one.</summary>
    public TimeSpan IdleFor
    {
        get
        {
            lock (_gate)
            {
                return _busy > 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_since);
            }
        }
    }

    public void Begin() => Add(1);

    public void End() => Add(-1);

    private void Add(int slots)
    {
        lock (_gate)
        {
            _busy += slots;
            _since = Stopwatch.GetTimestamp();
        }
    }
}
