using DistributedLoss.Runs;

namespace DistributedLoss.Coordination;

/// <summary>What runs a plan: threads of this process, or workers elsewhere. Every engine gives the same bits.</summary>
public interface IEngine
{
    /// <summary>As <c>--engine</c> has it.</summary>
    string Name { get; }

    /// <param name="onEvent">Called by one thread at a time; what it throws ends the run.</param>
    /// <param name="progress">Told about five times a second.</param>
    /// <param name="cancel">Ends the run with <see cref="RunOutcome.Cancelled"/>; work under way stops at the next tile.</param>
    Task<RunOutcome> RunAsync(RunPlan plan, Action<RunEvent> onEvent, IProgress<RunProgress>? progress = null, CancellationToken cancel = default);
}
