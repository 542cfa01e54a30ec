using DistributedLoss.Results;

namespace DistributedLoss.Coordination;

/// <summary>How a run ended.</summary>
public abstract record RunOutcome
{
    public sealed record Completed(EvaluationResult Result) : RunOutcome;

    /// <param name="BadInput">The data are at fault (exit code 3), not the machinery (exit code 4).</param>
    public sealed record Failed(string Message, bool BadInput) : RunOutcome;

    public sealed record Cancelled(RunProgress Progress) : RunOutcome;
}
