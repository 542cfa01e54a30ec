using DistributedLoss.Coordination;
using DistributedLoss.Http.Metrics;

namespace DistributedLoss.Http.Status;

/// <summary>What a coordinator or a worker tells about itself. Asked by any thread, at any time, also after the end.</summary>
public interface IProcessStatus
{
    HealthReport Health();

    /// <summary>One consistent snapshot, in a fixed order.</summary>
    IReadOnlyList<MetricFamily> Metrics();
}

/// <summary>... from the events that it is told, in the order in which they happen.</summary>
public interface IObservedStatus : IProcessStatus
{
    void Observe(RunEvent e);
}
