using DistributedLoss.Coordination;

namespace DistributedLoss.Cli.Progress;

/// <summary>Several that want to know how far the run is.</summary>
internal sealed class ProgressListeners : IProgress<RunProgress>
{
    private readonly IReadOnlyList<IProgress<RunProgress>> _listeners;

    private ProgressListeners(IReadOnlyList<IProgress<RunProgress>> listeners) => _listeners = listeners;

    /// <returns>Null where nobody wants to know: an engine makes no snapshots then, which a small run would feel.</returns>
    public static ProgressListeners? Of(IProgress<RunProgress>? first, IProgress<RunProgress>? second) => (first, second) switch
    {
        (null, null) => null,
        (null, { } only) => new ProgressListeners([only]),
        ({ } only, null) => new ProgressListeners([only]),
        var (a, b) => new ProgressListeners([a, b]),
    };

    public void Report(RunProgress value)
    {
        foreach (var listener in _listeners)
        {
            listener.Report(value);
        }
    }
}
