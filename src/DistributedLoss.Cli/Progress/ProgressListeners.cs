using DistributedLoss.Coordination;

namespace DistributedLoss.Cli.Progress;

/// <summary>Several that want to know how far the run is.</summary>
internal sealed class ProgressListeners(IReadOnlyList<IProgress<RunProgress>> listeners) : IProgress<RunProgress>
{
    public static ProgressListeners Of(params IEnumerable<IProgress<RunProgress>?> listeners) => new([.. listeners.OfType<IProgress<RunProgress>>()]);

    public void Report(RunProgress value)
    {
        foreach (var listener in listeners)
        {
            listener.Report(value);
        }
    }
}
